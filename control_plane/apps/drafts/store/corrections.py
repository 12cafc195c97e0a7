"""The corrections of a tenant: answers that people verified."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from control_plane.apps.drafts.knowledge.chunk import Passage
from control_plane.apps.drafts.knowledge.indexed import ReadDocument, index_documents, sha256
from control_plane.apps.drafts.knowledge.patterns import check_patterns
from control_plane.apps.drafts.learning.pattern_reach import Reach, count_reach, read_past_questions
from control_plane.text.languages import detect_language
from services.backends.functions import Functions, by
from services.envelope import Actor
from services.errors import InvalidInput, NotFound

PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """An answer for messages that match a pattern or are similar to `question`. `external_id` is its id in files."""

    id: UUID
    external_id: str
    status: str
    patterns: tuple[str, ...]
    question: str | None
    answer: str
    sources: tuple[str, ...]
    topic: str | None
    reach: Reach | None = None
    """How many past messages about something else the patterns matched when it was proposed; None: not counted."""
    metadata: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def source_url(self) -> str:
        """The address under which a reply cites it."""
        return f"correction:{self.external_id}"


async def list_corrections(
    functions: Functions, tenant_id: UUID, *, actor: Actor, status: str | None = None
) -> list[Correction]:
    """The corrections of a tenant in the order of their ids."""
    found: list[Correction] = []
    while True:
        rows = await functions.call(
            "drafts.list_corrections", status=status, after=found[-1].external_id if found else "", tenant=tenant_id,
            max_corrections=PAGE, **by(actor),
        )  # fmt: skip
        found += [_correction_from_row(row) for row in rows]
        if len(rows) < PAGE:
            return found


async def approve_correction(functions: Functions, tenant_id: UUID, correction_id: UUID, *, actor: Actor) -> Correction:
    """Approve a correction. Drafts then use it for messages that match its patterns or are similar to its question.

    Raises NotFound; StateConflict if it is retired; InvalidInput if a pattern is invalid, takes too long, or matches
    many past messages about other subjects.
    """
    known = await list_corrections(functions, tenant_id, actor=actor)
    correction = next((each for each in known if each.id == correction_id), None)
    if correction is None:
        raise NotFound("correction", correction_id)
    check_patterns(correction.patterns)
    past = await read_past_questions(functions, tenant_id, actor=actor) if correction.patterns else []
    reach = await count_reach(correction.patterns, past, topic=correction.topic, metadata=correction.metadata)
    if reach.is_too_wide:
        raise InvalidInput("patterns", f"match {reach}; retire this correction, or propose it with narrower patterns")
    (document,) = index_documents([_document_of(correction)])
    row = await functions.call(
        "drafts.approve_correction", correction=correction_id, document=document, tenant=tenant_id, **by(actor),
        as_of=functions.as_of(),
    )  # fmt: skip
    return _correction_from_row(row)


async def retire_correction(functions: Functions, tenant_id: UUID, correction_id: UUID, *, actor: Actor) -> Correction:
    """Retire an approved correction, or reject a proposed one. Raises NotFound."""
    row = await functions.call(
        "drafts.retire_correction", correction=correction_id, tenant=tenant_id, **by(actor), as_of=functions.as_of()
    )
    return _correction_from_row(row)


def _document_of(correction: Correction) -> ReadDocument:
    question = correction.question or ""
    passages = [Passage("", question)] if question else []
    language = detect_language(f"{question}\n{correction.answer}")
    return ReadDocument(
        source_url=correction.source_url, kind="correction", title=(question or correction.external_id)[:200],
        hash=sha256(f"{question}\0{correction.answer}\0{correction.sources}\0{correction.topic}".encode()),
        text=correction.answer, passages=passages, language=language,
        metadata={"sources": list(correction.sources), "topic": correction.topic},
    )  # fmt: skip


def _correction_from_row(row: Mapping[str, Any]) -> Correction:
    return Correction(
        id=UUID(row["id"]), external_id=row["external_id"], status=row["status"], patterns=tuple(row["patterns"]),
        question=row["question"], answer=row["answer"], sources=tuple(row["sources"]), topic=row["topic"],
        reach=_reach_from_row(row["metadata"].get("reach")), metadata=row["metadata"],
    )  # fmt: skip


def _reach_from_row(reach: object) -> Reach | None:
    """The stored reach; None if there is none, or if other code wrote another value."""
    match reach:
        case {"matched": int(matched), "others": int(others)}:
            return Reach(matched, others)
        case _:
            return None
