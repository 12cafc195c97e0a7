"""Shadow runs: other guardrails, the candidate, judge a tenant's envelopes beside its own and decide nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from services.envelope import Actor

LONGEST = timedelta(days=30)
MOST_ENVELOPES = 10_000


class VerdictCount(NamedTuple):
    """How many envelopes of a run got these two decisions."""

    decision: str
    """Of the tenant's guardrails."""
    candidate_decision: str
    envelopes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowRun:
    """One row of `shadow_runs`, and what the candidate would have decided so far."""

    tenant_id: UUID
    id: UUID
    candidate: Mapping[str, Any]
    """All fields of the candidate."""
    started_at: datetime
    started_by: str
    ends_at: datetime
    stopped_at: datetime | None = None
    stopped_by: str | None = None
    max_envelopes: int
    """The run ends when so many have been judged."""
    envelopes: int = 0
    verdicts: tuple[VerdictCount, ...] = ()

    def is_open(self, now: datetime) -> bool:
        """Whether it judges further envelopes."""
        return self.stopped_at is None and self.ends_at > now and self.envelopes < self.max_envelopes

    def would(self, decision: str) -> int:
        """How many envelopes the candidate would have decided about so."""
        return sum(count.envelopes for count in self.verdicts if count.candidate_decision == decision)

    @property
    def differing(self) -> int:
        """How many envelopes the candidate decides about in another way."""
        return sum(count.envelopes for count in self.verdicts if count.decision != count.candidate_decision)

    def summarize(self) -> str:
        """One sentence for a person."""
        return (
            f"{self.envelopes:,} envelopes: would have asked {self.would('needs_approval'):,}, allowed"
            f" {self.would('allow'):,}, held {self.would('hold'):,} and denied {self.would('deny'):,}; differing from"
            f" what ran in {self.differing:,}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowVerdict:
    """What the candidate of a run would have decided about an envelope."""

    tenant_id: UUID
    run_id: UUID
    envelope_id: UUID
    decision: str
    """Of the tenant's guardrails."""
    candidate_decision: str
    candidate_reason: str


class ShadowRuns(Protocol):
    """The shadow runs of all tenants."""

    async def list_runs(self, tenant: UUID) -> list[ShadowRun]:
        """The newest first, at most 20."""

    async def list_differences(self, tenant: UUID, run: UUID) -> list[ShadowVerdict]:
        """The envelopes about which the candidate differs, the newest first, at most 1,000."""

    async def start(
        self,
        tenant: UUID,
        id: UUID,  # noqa: A002
        *,
        candidate: Mapping[str, Any],
        lasts_for: timedelta,
        max_envelopes: int,
        actor: Actor,
    ) -> ShadowRun:
        """Start a run. Raises StateConflict while another one of the tenant goes on, InvalidInput, NotFound."""

    async def stop(self, tenant: UUID, id: UUID, *, actor: Actor) -> None:  # noqa: A002
        """End a run. A second call changes nothing. Raises NotFound."""

    async def record(self, verdicts: Sequence[ShadowVerdict]) -> frozenset[UUID]:
        """Record verdicts of open runs, each envelope once per run. Returns the runs that are locked: repeat theirs."""

    async def forget(self, *, keep: timedelta, limit: int) -> int:
        """Delete runs that ended more than `keep` ago, with their verdicts, at most `limit`. Returns how many."""
