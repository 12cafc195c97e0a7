"""Cases: envelopes grouped by what guardrails read, so that a replay judges each case once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID


class Case(NamedTuple):
    """A group of envelopes: they are the same for guardrails, and people decided the same about them. `envelopes` is
    their number."""

    tool_slug: str
    tool_version: str | None
    connected_account_id: str | None
    score: float | None
    """The trust score, or whether it reaches a threshold; None if it is not a number from 0 to 1."""
    minute: datetime | None
    """The start of the span in which the envelope was proposed; None unless the caller asked for it."""
    evidence: Any
    """The evidence that `trust_context.evidence` cites; None unless the caller asked for it."""
    decision: str | None
    """The end of the last request for an approval: `approved`, `rejected`, `expired` or `open`; None without one."""
    for_settings: bool | None
    """Whether only the trust score or approval rules were the reason for that request."""
    envelopes: int
    risk: str
    arguments: Any
    """The proposed arguments that the caller asked for by name (`argument_names`)."""
    granted: bool
    """Whether a grant allowed an attempt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePage:
    """A page of envelopes, grouped into cases."""

    envelopes: int
    """How many envelopes the page has; 0 at the end."""
    end: tuple[datetime, UUID] | None
    """The time and the id of the last envelope, for `after`; None on an empty page."""
    cases: tuple[Case, ...]
