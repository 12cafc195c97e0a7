"""The outbox: envelopes, the leases of workers on them, and their settlements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from services.envelope import Actor, Envelope, EnvelopeKey, Risk, Status
from services.outbox.cases import CasePage
from services.outbox.lists import Causes, EnvelopeFilter, FoundEnvelopes
from services.outbox.queue_status import QueueStatus
from services.stamps import Stamps
from services.values import value

PageEnd = tuple[datetime, UUID]
"""The moment and the id of the last envelope on a page: the next page begins after it."""


@value
class Proposal:
    """An envelope to enqueue. `services.propose` makes it from a request."""

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
    """The earliest time of the call; None for now."""
    must_run_before: datetime | None = None
    """The deadline: the call begins before this time or not at all."""
    objective_id: UUID | None = None
    """The objective of the tenant that the call serves."""


@value
class EnqueuedEnvelope:
    """The envelope with a proposal's key, and whether this proposal created it."""

    envelope: Envelope
    created: bool


@dataclass(frozen=True, slots=True)
class Lease:
    """One claim's lease of a lane. Each claim gets a higher fencing token, with which the attempts of the claim are
    settled."""

    tenant_id: UUID
    lane: int
    token: int


@value
class ClaimedEnvelope:
    """An envelope that this worker has claimed."""

    envelope: Envelope
    lease: Lease
    lost: bool = False
    """Whether the envelope was in flight when its lease expired: settle it as a call without an answer."""
    sent: bool = False
    """Whether a lost attempt has a sent mark. Only calls of tools that do not honour the idempotency key get one."""
    paused_at: datetime | None = None
    """When its tenant, or a part of the tenant's calls, was last paused; None if never."""
    policy_stamp: str | None = field(default=None, compare=False)
    """The `stamp` of the tenant's policy at the claim. None if the database is older than this field."""
    tool_stamp: str | None = field(default=None, compare=False)
    """The `stamp` of its tool at the claim. None if the database is older than this field."""


class Disposition(StrEnum):
    """The target of a settlement; `db/functions/worker_api/settle.sql` has what each one writes."""

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
    """The decision of a person about an `unknown` call: what the call did."""

    SUCCESS = "success"
    """The call had its effect."""
    RETRY = "retry"
    """The call had no effect: try again."""
    FAILED = "failed"
    """Do not try again: the envelope becomes a dead letter."""


@value
class Settlement:
    """The end of one attempt, and the next state of its envelope."""

    lease: Lease
    envelope_id: UUID
    to: Disposition
    error: str | None = None
    reason: str | None = None
    result: Any = None
    verdicts: tuple[Mapping[str, Any], ...] | None = None
    """None keeps the envelope's verdicts."""
    next_run_at: datetime | None = None
    digest: str | None = None
    """With `awaiting_approval`: the digest of the call to approve. After an approved call: the digest of this call."""
    expires_at: datetime | None = None
    repeat: bool = False
    """Whether the same guardrail held the envelope last time, so that a `hold` needs no audit row."""
    doubtful: bool = False
    """Whether the effect of a `failed` call may have happened: it is then requeued only when a person names it."""

    @property
    def key(self) -> EnvelopeKey:
        """Tenant and id of the envelope."""
        return self.lease.tenant_id, self.envelope_id


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMarks:
    """The result of `mark_sent`. The lease of an envelope in neither set is lost."""

    marked: frozenset[EnvelopeKey] = frozenset()
    """Marked: their calls may be sent."""
    busy: frozenset[EnvelopeKey] = frozenset()
    """Calls that were not marked, because another transaction holds a lock or because the list named them under two
    leases: mark them again soon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantedCall:
    """A call that a grant allows and that is about to be sent."""

    claimed: ClaimedEnvelope
    grant_id: UUID
    digest: str
    """The digest of the call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantUses:
    """The result of `use_grants`. For an envelope in neither set, the lease is lost or the grant has ended."""

    may_go: frozenset[EnvelopeKey] = frozenset()
    """Recorded: the calls of these envelopes may be sent."""
    busy: frozenset[EnvelopeKey] = frozenset()
    """Not recorded, because another transaction holds a lock or because the list has the call under two leases: try
    again soon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsettledEnvelopes:
    """The envelopes that a call of `settle` did not change."""

    refused: frozenset[EnvelopeKey] = frozenset()
    """The lease was lost: its next owner settles them."""
    busy: frozenset[EnvelopeKey] = frozenset()
    """Another transaction of their tenant holds a lock: settle them again soon."""

    def __bool__(self) -> bool:
        return bool(self.refused or self.busy)


class Outbox(Protocol):
    """The envelopes of all tenants, including dead letters."""

    can_notify: bool
    """Whether `wait_for_work` returns as soon as there is work, or only after its timeout."""

    async def enqueue(self, proposals: Sequence[Proposal], *, actor: Actor) -> list[EnqueuedEnvelope]:
        """Add envelopes, all or none, in this order. If (tenant, external_id) exists, return that envelope instead.

        Raises StateConflict if a key was used for another tool, other arguments or another account; NotFound for an
        unknown tenant or objective; InvalidInput if a field is invalid, a number cannot be kept exactly, or a deadline
        has passed.
        """

    async def enqueue_if_current(
        self, proposals: Sequence[Proposal], *, actor: Actor, stamps: Stamps
    ) -> list[EnqueuedEnvelope] | None:
        """Same as `enqueue`, for proposals of one tenant. `stamps` are the stamps of the policy and the tools with
        which the proposals were checked. If one has changed, returns None and writes nothing."""

    async def claim(
        self, worker_id: str, *, limit: int, lease_for: timedelta, tenant: UUID | None = None,
        except_tenants: frozenset[UUID] = frozenset(), claim_id: UUID | None = None,
    ) -> list[ClaimedEnvelope]:  # fmt: skip
        """Lease lanes and return up to `limit` due envelopes, fairly across tenants. Each goes to one worker only.

        Envelopes of `except_tenants` are not claimed. Lost envelopes of all tenants are claimed, in addition to the
        limit. The same `claim_id` returns the same envelopes again while their leases last, for a worker that got no
        answer. Without one, every claim is new.
        """

    async def mark_sent(self, worker_id: str, calls: Sequence[ClaimedEnvelope]) -> SentMarks:
        """Write the sent marks of these calls, and return which of them may be sent."""

    async def use_grants(self, worker_id: str, calls: Sequence[GrantedCall]) -> GrantUses:
        """Record that grants allow these calls. Returns the calls that may be sent."""

    async def heartbeat(self, worker_id: str, *, lease_for: timedelta) -> frozenset[Lease]:
        """Renew and return all leases of this worker. A lease that is missing was lost."""

    async def settle(self, worker_id: str, settlements: Sequence[Settlement]) -> UnsettledEnvelopes:
        """Settle attempts and write their audit rows, each independently of the others. Returns the envelopes that did
        not change.

        A settlement that was stored before may be sent again: it changes nothing and is not refused.
        """

    async def due_in(self, tenant: UUID | None = None) -> timedelta | None:
        """The time until the next envelope is due: negative if it is overdue, None if there is none."""

    async def wait_for_work(self, timeout: timedelta) -> None:  # noqa: ASYNC109  # its end raises no error
        """Wait until an envelope may be due, for at most `timeout`."""

    async def requeue(
        self, *, tenant: UUID | None, envelopes: Sequence[UUID] | None, limit: int, actor: Actor
    ) -> list[Envelope]:
        """Requeue dead letters, oldest first. Their attempts are counted from 0 again.

        None for `tenant` means all tenants. None for `envelopes` means all dead letters that are not doubtful: a
        doubtful one must be named. Dead letters whose deadline has passed are skipped; StateConflict is raised if a
        person names one of them.
        """

    async def requeue_edited(
        self, tenant: UUID, envelope: UUID, *, arguments: Mapping[str, Any], actor: Actor, reason: str | None
    ) -> Envelope:
        """Requeue a dead letter with these arguments. `proposed_arguments` keeps the arguments that were proposed.

        Raises NotFound, StateConflict (its deadline has passed), InvalidInput.
        """

    async def resolve(
        self, tenant: UUID, envelope: UUID, *, decision: Resolution, actor: Actor, reason: str | None
    ) -> Envelope:
        """Store what an unknown call did, as a person found out.

        Raises NotFound, StateConflict (not unknown), InvalidInput.
        """

    async def cancel(self, tenant: UUID, envelope: UUID, *, actor: Actor, reason: str | None) -> Envelope:
        """Cancel an envelope before it is executed. Raises NotFound, StateConflict (in flight, or ended)."""

    async def discard(self, tenant: UUID, envelope: UUID, *, actor: Actor, reason: str) -> Envelope:
        """End a dead letter as cancelled. Raises NotFound, and InvalidInput without a reason."""

    async def expire(self, *, actor: Actor) -> int:
        """Expire up to 1,000 envelopes that are past their deadline and not in flight. Returns how many."""

    async def forget_settled(self, *, keep: timedelta, limit: int, actor: Actor) -> int:
        """Delete up to `limit` envelopes that ended longer ago than `keep`. Returns how many.

        Their audit rows stay. Their `external_id` may be used again.
        """

    async def get(self, tenant: UUID, envelope: UUID) -> Envelope:
        """One envelope or dead letter. Raises NotFound."""

    async def waits_for(self, tenant: UUID, envelope: UUID) -> Envelope | None:
        """The oldest open envelope before this one with the same ordering key; None if there is none."""

    async def list_envelopes(
        self,
        tenant: UUID | None,
        *,
        status: Status | None,
        limit: int,
        after: PageEnd | None = None,
        tool_slug: str | None = None,
        external_id: str | None = None,
    ) -> list[Envelope]:
        """The newest envelopes of the outbox, without dead letters.

        `after` is the `created_at` and the id of the last envelope of the previous page.
        """

    async def search(
        self, tenant: UUID | None, wanted: EnvelopeFilter, *, limit: int, after: PageEnd | None = None
    ) -> FoundEnvelopes:
        """The newest envelopes that meet conditions. One call reads only a few thousand rows: see `searched_to`.

        If `words` is the id or `external_id` of an envelope or dead letter, that one is returned and other conditions
        are ignored.
        """

    async def count_cases(
        self,
        tenant: UUID,
        *,
        since: datetime,
        until: datetime,
        after: PageEnd | None,
        limit: int,
        dead: bool,
        with_evidence: bool,
        every: timedelta | None = None,
        threshold: float | None = None,
        argument_names: Sequence[str] = (),
    ) -> CasePage:
        """A page of the envelopes proposed from `since` up to (not including) `until`, the oldest first, grouped into
        cases.

        With `every`, envelopes proposed in different spans of this length are different cases. With a `threshold`, the
        score is 1 if it reaches the threshold, else 0. `after` is the end of the previous page. With `dead`, the page
        has dead letters, in the order in which they became dead letters.
        """

    async def list_dead_letters(
        self,
        tenant: UUID | None,
        *,
        limit: int,
        status: Status | None = None,
        after: PageEnd | None = None,
        tool_slug: str | None = None,
        cause: str | None = None,
    ) -> list[Envelope]:
        """The oldest dead letters, in the order in which `requeue` takes them.

        `after` is the `moved_at` and the id of the last dead letter of the previous page.
        """

    async def last_calls(self, tenant: UUID, tool_slug: str, *, limit: int = 10) -> list[Envelope]:
        """The last calls of a tool that ended or got no answer, dead letters too, the latest first.

        Searches only the newest 2,000 envelopes and dead letters, and the newest 1,000 decisions, of the tenant.
        """

    async def count_causes(self, tenant: UUID | None) -> Causes:
        """Why envelopes became dead letters, and how many: at most 100 causes of at most 10,000 dead letters."""

    async def list_requeueable(self, tenant: UUID | None, *, limit: int) -> list[Envelope]:
        """The dead letters that `requeue` takes if none is named and none is locked, in the same order."""

    async def status(self, tenant: UUID | None = None) -> list[QueueStatus]:
        """The state of the queue of each tenant, or of one. Raises NotFound for an unknown tenant."""
