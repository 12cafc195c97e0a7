"""Whether a draft may be sent without a person. Pure."""

from dataclasses import dataclass
from uuid import UUID

MIN_CONFIDENCE = 0.8
SAMPLE_EVERY = 10
"""One of this many drafts that could be sent automatically is left to a person, so that the topic is still measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A pending draft of a topic in shadow or automatic mode."""

    draft_id: UUID
    conversation_id: UUID
    version: int
    digest: str
    topic: str
    confidence: float | None
    sources: int
    has_other_recipient: bool
    """The customer asked for answers at another address than their own."""
    is_answer_to_newest: bool
    """The customer has written nothing after the message that the draft answers."""
    was_answered_automatically: bool
    """The application has sent a reply of its own in this conversation before."""
    instruction: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AutomaticDecision:
    """Whether the application would approve a draft, and why. If `is_sample`, it would, but the draft is left to a
    person."""

    would_approve: bool
    reason: str
    is_sample: bool = False


def decide(candidate: Candidate) -> AutomaticDecision:
    """The decision about one draft, which does not depend on the mode of its topic."""
    if (reason := _objection(candidate)) is not None:
        return AutomaticDecision(would_approve=False, reason=reason)
    if candidate.draft_id.int % SAMPLE_EVERY == 0:
        return AutomaticDecision(would_approve=True, reason="a sample for a person", is_sample=True)
    return AutomaticDecision(would_approve=True, reason="every condition holds")


def _objection(candidate: Candidate) -> str | None:
    is_sure = candidate.confidence is not None and candidate.confidence >= MIN_CONFIDENCE
    objections = (
        (candidate.has_other_recipient, "answers go to another address than the customer's"),
        (not candidate.is_answer_to_newest, "the conversation has moved on"),
        # the other side may be a program too, and the two would answer each other for ever
        (candidate.was_answered_automatically, "it was answered without a person before"),
        (candidate.instruction is not None, "a reviewer asked for it"),
        (candidate.sources == 0, "it cites no source"),
        (not is_sure, f"its confidence is below {MIN_CONFIDENCE}"),
    )
    return next((reason for holds, reason in objections if holds), None)
