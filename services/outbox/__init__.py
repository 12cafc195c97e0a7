"""The outbox: envelopes waiting for a worker, who holds them now, and what became of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from services.envelope import Actor, Envelope, EnvelopeKey, Risk, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """An envelope to be put into the outbox; `services.propose` makes it from what an agent sent."""

    id: UUID
    tenant_id: UUID
    tool_slug: str
    tool_version: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    connected_account_id: str | None = None
    risk: Risk = Risk.LOW
    external_id: str
    trust_context: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    next_run_at: datetime | None = None
    """Not before this moment; None or the past means at once."""
    must_run_before: datetime | None = None
    """Its call begins before this moment or never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnqueuedEnvelope:
    """The envelope that holds a proposal's key, and whether this proposal made it."""

    envelope: Envelope
    created: bool


@dataclass(frozen=True, slots=True)
class Lease:
    """What one claim holds of a lane. `token` grows with every claim; each attempt is settled under its own."""

    tenant_id: UUID
    lane: int
    token: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedEnvelope:
    """An envelope in this worker's hands."""

    envelope: Envelope
    lease: Lease
    lost: bool = False
    """It was in flight when another worker's lease ran out: settle it by the rule for unanswered calls."""
    sent: bool = False
    """With `lost`: it was marked as sent to a tool that does not honour the idempotency key."""


class Disposition(StrEnum):
    """Where a settlement sends its envelope; `db/functions/worker_api/settle.sql` says what each writes."""

    SUCCESS = "success"
    CONFLICT = "conflict"
    UNKNOWN = "unknown"
    RETRY = "retry"
    HOLD = "hold"
    AWAITING_APPROVAL = "awaiting_approval"
    EXPIRED = "expired"
    FAILED = "failed"
    DENIED = "denied"
    RELEASE = "release"


class Resolution(StrEnum):
    """What a person says of a call that got no answer, after they have looked."""

    SUCCESS = "success"
    """It happened."""
    RETRY = "retry"
    """It did not."""
    FAILED = "failed"
    """Give up: it becomes a dead letter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What becomes of one claimed envelope."""

    lease: Lease
    envelope_id: UUID
    to: Disposition
    error: str | None = None
    reason: str | None = None
    result: Any = None
    verdicts: tuple[Mapping[str, Any], ...] | None = None
    """None leaves those on the envelope."""
    next_run_at: datetime | None = None
    digest: str | None = None
    """With awaiting_approval: of exactly the call a person will be asked about."""
    expires_at: datetime | None = None
    repeat: bool = False
    """With hold: the same guardrail held it last time, so its reason is on record already."""
    doubtful: bool = False
    """With failed: its effect may have happened, so only a person who names it gives it back."""

    @property
    def key(self) -> EnvelopeKey:
        """The tenant and the id of its envelope."""
        return self.lease.tenant_id, self.envelope_id


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMarks:
    """Which calls may leave, by their envelopes; those in neither belong to someone else."""

    may_go: frozenset[EnvelopeKey] = frozenset()
    busy: frozenset[EnvelopeKey] = frozenset()
    """Mark them again in a moment: another transaction holds a lock, or they were asked for under two leases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsettledEnvelopes:
    """The envelopes for which a call of `settle` changed nothing."""

    refused: frozenset[EnvelopeKey] = frozenset()
    """The lease was lost: they are someone else's to settle."""
    busy: frozenset[EnvelopeKey] = frozenset()
    """Another transaction of their tenant holds a lock: settle them again in a moment."""

    def __bool__(self) -> bool:
        return bool(self.refused or self.busy)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueStatus:
    """How one tenant's queue stands."""

    tenant_id: UUID
    name: str
    paused: bool
    depth: Mapping[str, int]
    """Open envelopes by state (pending, awaiting_approval, unknown); states without any are left out."""
    in_flight: int
    dlq: int
    doubtful: int
    """Of the dead letters: those whose effect may have happened, which go back only when a person names them."""
    oldest_due_at: datetime | None
    """Since when the envelope that is due longest has waited: of those that could run now, and of no paused tenant."""
    retrying: int
    """How many wait to be tried again."""
    retries: tuple[Mapping[str, Any], ...]
    """The next of those, at most 20: envelope_id, tool_slug, attempts, next_run_at, wait_seconds, last_error."""


class Outbox(Protocol):
    """Envelopes waiting for a worker, and who holds them now."""

    can_notify: bool
    """Whether `wait_for_work` returns as soon as there is some, or only when its time is up."""

    async def enqueue(self, proposals: Sequence[Proposal], *, actor: Actor) -> list[EnqueuedEnvelope]:
        """Put envelopes in, all or none; in the order given. The same (tenant, external_id) returns the first.

        Raises StateConflict when a key was used for another tool, other arguments or another account; NotFound for an
        unknown tenant; InvalidInput when a field breaks its rule, a number would not reach the tool as it is, or a
        deadline has passed.
        """

    async def claim(
        self, worker_id: str, *, limit: int, lease_for: timedelta, tenant: UUID | None = None,
        claim_id: UUID | None = None,
    ) -> list[ClaimedEnvelope]:  # fmt: skip
        """Lease lanes and return up to `limit` due envelopes, fairly over tenants; no two workers get the same one.

        Lost envelopes come on top of the limit. Who got no answer asks again under the same `claim_id` and gets what
        the first asking leased, as long as those leases hold; without one, every claim is a new one.
        """

    async def mark_sent(self, worker_id: str, calls: Sequence[ClaimedEnvelope]) -> SentMarks:
        """Note that these calls are about to leave, and say which of them may."""

    async def heartbeat(self, worker_id: str, *, lease_for: timedelta) -> frozenset[Lease]:
        """Renew all this worker's leases and return them; what is missing belongs to someone else."""

    async def settle(self, worker_id: str, settlements: Sequence[Settlement]) -> UnsettledEnvelopes:
        """Close attempts and write their audit rows, each with its own; returns those of which nothing was changed.

        Sent again, because the answer was lost, it changes nothing and refuses nothing that it closed before.
        """

    async def due_in(self, tenant: UUID | None = None) -> timedelta | None:
        """How long until there may be something to claim; None when nothing is in sight, negative when overdue."""

    async def wait_for_work(self, timeout: timedelta) -> None:  # noqa: ASYNC109  # its end is no error
        """Return when something may be due, at the latest after `timeout`."""

    async def requeue(
        self, *, tenant: UUID | None, envelopes: Sequence[UUID] | None, limit: int, actor: Actor
    ) -> list[Envelope]:
        """Give dead letters back to the queue with a clean count of attempts, the oldest first.

        None for `tenant` means all of them, None for `envelopes` whichever there are. The doubtful go back only when
        they are named. Those whose deadline has passed stay; StateConflict when one of them is named.
        """

    async def resolve(
        self, tenant: UUID, envelope: UUID, *, decision: Resolution, actor: Actor, reason: str | None
    ) -> Envelope:
        """A person says what became of an unknown call.

        Raises NotFound, StateConflict (not unknown), InvalidInput.
        """

    async def cancel(self, tenant: UUID, envelope: UUID, *, actor: Actor, reason: str | None) -> Envelope:
        """Take back what has not been executed. Raises NotFound, StateConflict (in flight, or over)."""

    async def expire(self, *, actor: Actor) -> int:
        """End up to 1,000 envelopes that wait past their deadline and that no worker holds, and say how many."""

    async def forget_settled(self, *, keep: timedelta, limit: int, actor: Actor) -> int:
        """Delete up to `limit` envelopes that were settled longer ago than `keep`, and say how many that were.

        Their audit rows stay; a forgotten `external_id` may be used again.
        """

    async def get(self, tenant: UUID, envelope: UUID) -> Envelope:
        """One envelope, alive or dead. Raises NotFound."""

    async def waits_for(self, tenant: UUID, envelope: UUID) -> Envelope | None:
        """The oldest open envelope before this one with the same ordering key; None when nothing blocks it."""

    async def list_envelopes(self, tenant: UUID | None, *, status: Status | None, limit: int) -> list[Envelope]:
        """The newest envelopes of the outbox."""

    async def list_dead_letters(
        self, tenant: UUID | None, *, limit: int, status: Status | None = None
    ) -> list[Envelope]:
        """The oldest dead letters: the order in which `requeue` takes them."""

    async def list_requeueable(self, tenant: UUID | None, *, limit: int) -> list[Envelope]:
        """The dead letters that `requeue` takes when none is named and nobody has them locked, in its order."""

    async def status(self, tenant: UUID | None = None) -> list[QueueStatus]:
        """How each tenant's queue stands. Raises NotFound for an unknown tenant."""
