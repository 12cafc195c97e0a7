"""The filter of a search for envelopes, and the results of searches."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.envelope import Envelope, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvelopeFilter:
    """The conditions that an envelope has to meet; None is no condition."""

    status: Status | None = None
    tool_slug: str | None = None
    proposed_by: str | None = None
    """A `principal`, such as `agent:bot`."""
    objective_id: UUID | None = None
    since: datetime | None = None
    """Created at this time or later."""
    until: datetime | None = None
    """Created before this time."""
    words: str | None = None
    """The exact id or external_id of an envelope, or a part of its tool's name."""

    def is_met_by(self, envelope: Envelope) -> bool:
        """Whether an envelope meets all conditions. `words` is compared only with the name of its tool."""
        return (
            self.status in {None, envelope.status}
            and self.tool_slug in {None, envelope.tool_slug}
            and self.proposed_by in {None, envelope.proposed_by}
            and self.objective_id in {None, envelope.objective_id}
            and (self.since is None or envelope.created_at >= self.since)
            and (self.until is None or envelope.created_at < self.until)
            and (self.words is None or self.words.lower() in envelope.tool_slug.lower())
        )

    @property
    def words_id(self) -> UUID | None:
        """The words as a UUID; None if they are not one."""
        try:
            return UUID(self.words or "")
        except ValueError:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundEnvelopes:
    """The envelopes that a search found, the newest first."""

    envelopes: list[Envelope]
    searched_to: tuple[datetime, UUID] | None
    """The position at which the search stopped before it had found enough. None if it found enough, or if nothing is
    left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Dead letters of one tool with the same cause: see `services.outbox.causes`."""

    tool_slug: str
    status: Status
    cause: str
    letters: int
    doubtful: int
    """How many of them are doubtful."""
    tenants: int
    """To how many tenants they belong."""
    oldest_at: datetime
    newest_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Causes:
    """The causes of dead letters, the most frequent first."""

    causes: tuple[Cause, ...]
    is_whole: bool
    """Whether every dead letter was counted; if not, only the oldest were."""
