"""Shadow runs: a candidate (other guardrails) also judges a tenant's envelopes, and decides nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from services.envelope import Actor

MAX_RUN_TIME = timedelta(days=30)
MAX_ENVELOPES = 10_000


class VerdictCount(NamedTuple):
    """How many envelopes of a run got this pair of decisions: one by the guardrails, one by the candidate."""

    decision: str
    """The decision of the tenant's guardrails."""
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
    """The run ends when it has judged this many envelopes."""
    envelopes: int = 0
    verdicts: tuple[VerdictCount, ...] = ()

    def is_open(self, now: datetime) -> bool:
        """Whether the run judges further envelopes."""
        return self.stopped_at is None and self.ends_at > now and self.envelopes < self.max_envelopes

    def would(self, decision: str) -> int:
        """For how many envelopes the candidate would have decided `decision`."""
        return sum(count.envelopes for count in self.verdicts if count.candidate_decision == decision)

    @property
    def differing(self) -> int:
        """How many envelopes the candidate decides differently from the tenant's guardrails."""
        return sum(count.envelopes for count in self.verdicts if count.decision != count.candidate_decision)

    def summarize(self) -> str:
        """The result of the run in one sentence."""
        return (
            f"{self.envelopes:,} envelopes: would have asked {self.would('needs_approval'):,}, allowed"
            f" {self.would('allow'):,}, held {self.would('hold'):,} and denied {self.would('deny'):,}; differs from"
            f" the guardrails in use for {self.differing:,}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowVerdict:
    """The decision that the candidate of a run would have made about an envelope."""

    tenant_id: UUID
    run_id: UUID
    envelope_id: UUID
    decision: str
    """The decision of the tenant's guardrails."""
    candidate_decision: str
    candidate_reason: str


class ShadowRuns(Protocol):
    """The shadow runs of all tenants."""

    async def list_runs(self, tenant: UUID) -> list[ShadowRun]:
        """The shadow runs of a tenant, the newest first, at most 20."""

    async def list_differences(self, tenant: UUID, run: UUID) -> list[ShadowVerdict]:
        """The envelopes that the candidate decides differently, the newest first, at most 1,000."""

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
        """Start a run. Raises StateConflict if the tenant already has a run, InvalidInput, NotFound."""

    async def stop(self, tenant: UUID, id: UUID, *, actor: Actor) -> None:  # noqa: A002
        """End a run. A second call changes nothing. Raises NotFound."""

    async def record(self, verdicts: Sequence[ShadowVerdict]) -> frozenset[UUID]:
        """Record verdicts of open runs, each envelope once. Returns the runs that are locked now: send their verdicts
        again."""

    async def forget(self, *, keep: timedelta, limit: int) -> int:
        """Delete runs that ended more than `keep` ago, with their verdicts, at most `limit`. Returns how many."""
