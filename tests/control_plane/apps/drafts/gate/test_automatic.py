"""A draft goes without a person only if nothing about it asks for one, and every tenth still gets one."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from control_plane.apps.drafts.gate.automatic import AutomaticDecision, Candidate, decide

CANDIDATE = Candidate(
    draft_id=UUID(int=11),
    conversation_id=UUID(int=2),
    version=1,
    digest="d",
    topic="returns",
    confidence=0.9,
    sources=1,
    has_other_recipient=False,
    is_answer_to_newest=True,
    was_answered_automatically=False,
    instruction=None,
)


def test_a_sure_draft_with_sources_would_be_approved() -> None:
    assert decide(CANDIDATE) == AutomaticDecision(would_approve=True, reason="every condition holds")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"has_other_recipient": True}, "answers go to another address than the customer's"),
        ({"is_answer_to_newest": False}, "the conversation has moved on"),
        ({"was_answered_automatically": True}, "it was answered without a person before"),
        ({"instruction": "be brief"}, "a reviewer asked for it"),
        ({"sources": 0}, "it cites no source"),
        ({"confidence": 0.79}, "its confidence is below 0.8"),
        ({"confidence": None}, "its confidence is below 0.8"),
    ],
)
def test_anything_unusual_is_left_to_a_person(change: dict[str, Any], reason: str) -> None:
    assert decide(replace(CANDIDATE, **change)) == AutomaticDecision(would_approve=False, reason=reason)


def test_every_tenth_draft_is_a_sample_for_a_person() -> None:
    samples = [number for number in range(1, 41) if decide(replace(CANDIDATE, draft_id=UUID(int=number))).is_sample]
    assert samples == [10, 20, 30, 40]
