"""The documents of a tenant, their passages, and the imports that stored them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from control_plane.apps.drafts.knowledge.indexed import DocumentKind, ReadDocument, hours, index_documents
from services.backends.functions import Functions, by
from services.envelope import Actor

ImportType = Literal["crawl", "ingest_goldens", "corrections_sync"]
PAGE = 1000
MAX_SAVED = 100
"""The most documents of one call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDocument:
    """A stored document, without its text. `hash` is None if the document must be read again."""

    source_url: str
    hash: str | None
    etag: str | None
    last_modified: str | None
    failure: str | None
    is_vanished: bool
    refresh_every: timedelta | None

    @property
    def is_current(self) -> bool:
        """Whether a document with the same hash need not be stored again."""
        return self.failure is None and not self.is_vanished


@dataclass(frozen=True, slots=True)
class Saved:
    """How many documents of a call were stored, and how many had been stored before."""

    saved: int
    unchanged: int


class Documents:
    """The documents of one tenant, as this actor may change them."""

    def __init__(self, functions: Functions, tenant_id: UUID, actor: Actor) -> None:
        self._functions = functions
        self._caller = {"tenant": tenant_id, **by(actor)}

    async def save(self, documents: Sequence[ReadDocument]) -> Saved:
        """Store documents with their passages, MAX_SAVED at once; each call is one transaction."""
        return await self.save_rows(index_documents(documents))

    async def save_rows(self, rows: Sequence[Mapping[str, Any]]) -> Saved:
        """Store documents that `index_documents` has prepared."""
        answer = await self._call("save_documents", documents=list(rows), as_of=self._functions.as_of())
        return Saved(answer["saved"], answer["unchanged"])

    async def mark_failed(
        self, source_url: str, kind: DocumentKind, problem: str, *, next_refresh_at: datetime | None = None,
        refresh_every: timedelta | None = None,
    ) -> None:  # fmt: skip
        """Record that a document could not be read. Its stored version stays."""
        await self._call(
            "mark_document_failed", source_url=source_url, kind=kind, problem=problem[:1000],
            next_refresh_at=next_refresh_at, refresh_hours=hours(refresh_every), as_of=self._functions.as_of(),
        )  # fmt: skip

    async def mark_vanished(self, source_urls: Sequence[str]) -> int:
        """Record that documents no longer exist, so that replies no longer cite them. Returns how many were newly
        marked."""
        count = 0
        for start in range(0, len(source_urls), PAGE):
            answer = await self._call(
                "mark_documents_vanished", source_urls=list(source_urls[start : start + PAGE]),
                as_of=self._functions.as_of(),
            )  # fmt: skip
            count += answer["vanished"]
        return count

    async def known(self, kind: DocumentKind, *, begins: str = "") -> dict[str, KnownDocument]:
        """The stored documents of a kind whose address begins with `begins`, by address."""
        return {each.source_url: each async for each in self._read_pages(kind, begins)}

    async def _read_pages(self, kind: DocumentKind, begins: str) -> AsyncIterator[KnownDocument]:
        after = ""
        while True:
            rows = await self._call("list_documents", kind=kind, begins=begins, after=after, max_documents=PAGE)
            for row in rows:
                yield _known_from_row(row)
            if len(rows) < PAGE:
                return
            after = rows[-1]["source_url"]

    async def start_import(self, type_: ImportType) -> UUID:
        """Record that an import begins. Returns its id, for `finish_import`."""
        row = await self._call("start_import", type=type_, as_of=self._functions.as_of())
        return UUID(row["id"])

    async def finish_import(self, import_id: UUID, *, error: str | None, metrics: Mapping[str, int]) -> None:
        """Record how an import ended."""
        await self._call(
            "finish_import", import_id=import_id, error=error, metrics=dict(metrics), as_of=self._functions.as_of()
        )

    async def _call(self, name: str, **arguments: object) -> Any:
        return await self._functions.call(f"drafts.{name}", **arguments, **self._caller)


def _known_from_row(row: Mapping[str, Any]) -> KnownDocument:
    return KnownDocument(
        source_url=row["source_url"], hash=row["hash"], etag=row["etag"], last_modified=row["last_modified"],
        failure=row["failure"], is_vanished=row["vanished_at"] is not None,
        refresh_every=timedelta(hours=row["refresh_hours"]) if row["refresh_hours"] else None,
    )  # fmt: skip
