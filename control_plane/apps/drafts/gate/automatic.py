"""Whether a draft may be sent without a person. Pure."""

from dataclasses import dataclass
from uuid import UUID

MIN_CONFIDENCE = 0.8
SAMPLE_EVERY = 10
"""Of so many drafts that could be sent automatically, one is left to a person, so that the topic is still measured."""


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
    """The customer has written nothing since."""
    instruction: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AutomaticDecision:
    """Whether the application would approve a draft, and why. A sample would be approved, but is left to a person."""

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
    if candidate.has_other_recipient:
        return "answers go to another address than the customer's"
    if not candidate.is_answer_to_newest:
        return "the conversation has moved on"
    if candidate.instruction is not None:
        return "a reviewer asked for it"
    if candidate.sources == 0:
        return "it cites no source"
    if candidate.confidence is None or candidate.confidence < MIN_CONFIDENCE:
        return f"its confidence is below {MIN_CONFIDENCE}"
    return None
