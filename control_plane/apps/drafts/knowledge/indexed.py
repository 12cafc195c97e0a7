"""A document as the database stores it: its text, its passages, and their embeddings."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from control_plane.apps.drafts.knowledge.chunk import Passage
from control_plane.text.embeddings import embed, pack

DocumentKind = Literal["page", "file", "golden", "correction", "conversation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDocument:
    """A document that was read, before its passages are embedded.

    `text` is the answer if the document is a golden, a correction or a conversation. `hash` comes from `sha256`.
    """

    source_url: str
    kind: DocumentKind
    title: str
    hash: str
    text: str
    passages: Sequence[Passage]
    language: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    next_refresh_at: datetime | None = None
    refresh_every: timedelta | None = None
    """Whole hours."""
    metadata: Mapping[str, Any] = field(default_factory=dict)


def sha256(data: bytes) -> str:
    """The hash of the read data and of INDEX_VERSION, in hex. If the version changes, documents are stored again."""
    return hashlib.sha256(INDEX_VERSION + data).hexdigest()


def hours(interval: timedelta | None) -> int | None:
    """The interval in hours, as the database keeps it."""
    return None if interval is None else interval // timedelta(hours=1)


INDEX_VERSION = b"wordllama l2_supercat 256, passages 1\n"
"""Change this when the code makes other passages or embeddings, so that all documents are stored again."""


def index_documents(documents: Sequence[ReadDocument]) -> list[dict[str, Any]]:
    """The documents as `drafts.save_documents` takes them. Takes about a millisecond of processor time per passage."""
    passages = [(passage, document.language) for document in documents for passage in document.passages]
    vectors = embed([f"{each.heading}. {each.text}" for each, _ in passages], [language for _, language in passages])
    packed = iter(pack(vectors))
    return [_row(document, [next(packed) for _ in document.passages]) for document in documents]


def _row(document: ReadDocument, packed: Sequence[tuple[str, str]]) -> dict[str, Any]:
    moment = document.next_refresh_at
    return {
        "source_url": document.source_url, "kind": document.kind, "title": document.title, "hash": document.hash,
        "text": document.text, "language": document.language, "etag": document.etag,
        "last_modified": document.last_modified, "metadata": dict(document.metadata),
        "next_refresh_at": None if moment is None else moment.isoformat(),
        "refresh_hours": hours(document.refresh_every),
        "chunks": [
            {"heading": passage.heading, "text": passage.text, "embedding": embedding, "signature": signature}
            for passage, (embedding, signature) in zip(document.passages, packed, strict=True)
        ],
    }  # fmt: skip
