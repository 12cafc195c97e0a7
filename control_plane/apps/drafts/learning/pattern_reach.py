"""Count the past messages about other subjects that the patterns of a correction match.

A pattern of common words would answer other questions with this correction.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any
from uuid import UUID

from control_plane.apps.drafts.knowledge.patterns import matches
from services.backends.functions import Functions, by
from services.envelope import Actor

MAX_SHARE = 0.05
"""Patterns that match a larger share of the messages about something else are not used."""
MIN_MATCHES = 3
"""Patterns with fewer matches are used, whatever the share: of ten messages, one match is already a tenth."""
COUNT_WITHIN = 2.0
"""Seconds for the patterns of one correction. What was not compared until then counts as matched."""


@dataclass(frozen=True, slots=True)
class PastQuestion:
    """What a customer asked in a conversation that a person answered."""

    conversation_id: UUID
    topic: str | None
    question: str


@dataclass(frozen=True, slots=True)
class Reach:
    """Of `others` messages about something else, `matched` match."""

    matched: int
    others: int

    @property
    def is_too_wide(self) -> bool:
        return self.matched >= MIN_MATCHES and self.matched > MAX_SHARE * self.others

    def __str__(self) -> str:
        return f"{self.matched} of {self.others} past messages about something else"


async def read_past_questions(functions: Functions, tenant: UUID, *, actor: Actor) -> list[PastQuestion]:
    """The questions of the conversations that people answered last."""
    rows = await functions.call("drafts.list_recent_questions", tenant=tenant, **by(actor))
    return [
        PastQuestion(conversation_id=UUID(row["conversation_id"]), topic=row["topic"], question=row["question"])
        for row in rows
    ]


async def count_reach(
    patterns: Sequence[str], past: Sequence[PastQuestion], *, topic: str | None, metadata: Mapping[str, Any]
) -> Reach:
    """Of the past questions from other conversations and about other topics than the correction's: how many these
    patterns match. The event loop is free meanwhile."""
    own = metadata.get("conversation_id")
    others = [
        each.question for each in past
        if str(each.conversation_id) != own and (topic is None or each.topic != topic)
    ]  # fmt: skip
    return Reach(await asyncio.to_thread(_count, patterns, others), len(others))


def _count(patterns: Sequence[str], questions: Sequence[str]) -> int:
    ends_at = monotonic() + COUNT_WITHIN
    return sum(
        monotonic() >= ends_at or any(matches(pattern, question) is not False for pattern in patterns)
        for question in questions
    )
