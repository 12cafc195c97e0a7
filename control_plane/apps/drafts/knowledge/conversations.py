"""Import past conversations: what customers asked and what people answered.

An answer was written for one customer and will be quoted to others. So names, addresses and numbers that may belong to
the customer are taken out, with the greeting and the closing. The document names its conversation, so that deleting a
customer finds it.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from control_plane.apps.drafts.knowledge.chunk import Passage
from control_plane.apps.drafts.knowledge.indexed import ReadDocument, sha256
from control_plane.apps.drafts.knowledge.ingest import Imported, OnProgress, importing, save_batch, say_nothing
from control_plane.apps.drafts.mail.reply_view import view_reply
from control_plane.apps.drafts.store import functions_of
from control_plane.apps.drafts.store.documents import Documents
from control_plane.text.languages import detect_language
from control_plane.text.phrases import without_phrases, without_source
from services.backends import Backends
from services.backends.functions import by
from services.envelope import Actor

PAGE = 100
MAX_QUESTION = 2000
MIN_WORDS = 3
"""Answers with fewer words are not imported: they do not help other customers."""

_PRIVATE_PATTERN = re.compile(r"[^\s@]{1,64}@\S+|https?://\S+|\+?\d[\d ()/.-]{4,}\d|\b[A-Z]{0,4}-?\d{5,}\b")
"""E-mail addresses, links (which may hold a token), telephone numbers, and numbers of orders and customers.
The part before the `@` is bounded, so that a long text without blanks is not read again from each of its characters."""


async def ingest_conversations(
    backends: Backends, tenant_id: UUID, *, actor: Actor, on_progress: OnProgress = say_nothing
) -> Imported:
    """Store the answers that people approved, each as a document `conversation:DRAFT`."""
    functions = functions_of(backends)
    documents, imported = Documents(functions, tenant_id, actor), Imported()
    async with importing(documents, "crawl", imported):
        known = await documents.known("conversation")
        after: dict[str, Any] = {}
        while rows := await functions.call(
            "drafts.list_answered", **after, max_answers=PAGE, tenant=tenant_id, **by(actor)
        ):
            found = await asyncio.to_thread(_documents, rows)
            new = [each for each in found if each.source_url not in known or known[each.source_url].hash != each.hash]
            await save_batch(documents, new, imported)
            imported.unchanged += len(found) - len(new)
            imported.read += len(rows)
            moment = datetime.fromisoformat(rows[-1]["created_at"])
            after = {"after_moment": moment, "after_id": rows[-1]["action_id"]}
            on_progress(imported)
    return imported


def without_customer(text: str, customer_name: str | None) -> str:
    """The text without greeting, closing, the link to its source, and what may belong to one customer."""
    bare = without_source(without_phrases(text))
    for name in sorted((customer_name or "").split(), key=len, reverse=True):
        if len(name) > 1:
            bare = re.sub(rf"(?i)\b{re.escape(name)}\b", "…", bare)
    return _PRIVATE_PATTERN.sub("…", bare).strip()


def _documents(rows: Sequence[Mapping[str, Any]]) -> list[ReadDocument]:
    return [document for row in rows if (document := _document(row)) is not None]


def _document(row: Mapping[str, Any]) -> ReadDocument | None:
    """The answer as a document; None if no text is left of the answer or of the question."""
    question = without_customer(view_reply(row["question"]).text, row["customer_name"])[:MAX_QUESTION]
    answer = without_customer(row["answer"], row["customer_name"])
    if len(answer.split()) < MIN_WORDS or not question:
        return None
    return ReadDocument(
        source_url=f"conversation:{row['draft_id']}", kind="conversation", title=question.partition("\n")[0][:100],
        hash=sha256(f"{question}\0{answer}".encode()), text=answer, passages=[Passage("", question)],
        language=detect_language(f"{question}\n{answer}"), metadata={"conversation_id": row["conversation_id"]},
    )  # fmt: skip
