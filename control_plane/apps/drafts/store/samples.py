"""Read from the database what people decided and edited, and what the drafter could not answer."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from pydantic import TypeAdapter

from control_plane.apps.drafts.learning.corrections import Sample
from services.backends.functions import Functions

PAGE_SIZE = 500
_SAMPLES = TypeAdapter(list[Sample])
By = Literal["model_key", "prompt_version", "channel", "topic"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """How people decided about the drafts of one model, prompt version, channel or topic."""

    name: str | None
    """The model, prompt version, channel or topic; None for all drafts together."""
    decided: int
    approved: int
    edited: int
    rejected: int
    unedited: int
    """How many drafts were sent unchanged, apart from white space."""
    distance: int
    """How many code points all edits together changed."""
    length: int
    """Code points of all replies that were sent."""
    median_share: float | None
    """The median of distance / length of the replies that were sent; None if none was."""
    cost_usd: Decimal
    rejections: dict[str, int]
    """How many drafts were rejected, by code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Abstention:
    """A message that the drafter could not answer."""

    id: UUID
    conversation_id: UUID
    reason: str
    question: str
    created_at: datetime


async def read_samples(functions: Functions, tenant: UUID, since: datetime, until: datetime) -> AsyncIterator[Sample]:
    """The samples of a time range, the oldest first."""
    after = None
    while True:
        rows = await functions.call(
            "drafts.list_samples", tenant=tenant, since=since, until=until, after=after, max_samples=PAGE_SIZE
        )
        for sample in _SAMPLES.validate_python(rows):
            yield sample
        if len(rows) < PAGE_SIZE:
            return
        after = UUID(rows[-1]["id"])


async def read_quality(
    functions: Functions, tenant: UUID | None, since: datetime, until: datetime, by: By | None = None
) -> list[Quality]:
    """How people decided in a time range, the group with the most decisions first. `tenant` is None if `functions`
    belong to one tenant."""
    rows = await functions.call("drafts.report_learning", tenant=tenant, since=since, until=until, by=by)
    return [Quality(**row | {"cost_usd": Decimal(row["cost_usd"])}) for row in rows]


async def read_abstentions(
    functions: Functions, tenant: UUID | None, since: datetime, until: datetime
) -> list[Abstention]:
    """The messages of a time range that could not be answered, the newest first."""
    rows = await functions.call("drafts.list_abstentions", tenant=tenant, since=since, until=until)
    return [
        Abstention(
            id=UUID(row["id"]),
            conversation_id=UUID(row["conversation_id"]),
            reason=row["reason"],
            question=row["question"],
            created_at=datetime.fromisoformat(row["created_at"]),
        )
        for row in rows
    ]
