"""A simple model of what is promised about envelopes, independent of both backends and without `ready_at` of lanes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from services.envelope import Envelope, EnvelopeKey, Status
from services.outbox import (
    ClaimedEnvelope,
    Disposition,
    EnqueuedEnvelope,
    Lease,
    SentMarks,
    Settlement,
    UnsettledEnvelopes,
)

TENANTS = (UUID(int=0xA << 124), UUID(int=0xB << 124))
"""The tenants whose envelopes the model knows."""

FINAL = frozenset({Status.SUCCESS, Status.CONFLICT, Status.REJECTED, Status.EXPIRED, Status.CANCELLED})
OPEN = frozenset({Status.PENDING, Status.AWAITING_APPROVAL, Status.UNKNOWN})
BECOMES = {
    Disposition.RETRY: Status.PENDING,
    Disposition.HOLD: Status.PENDING,
    Disposition.RELEASE: Status.PENDING,
}
COUNTS = frozenset(
    {Disposition.SUCCESS, Disposition.CONFLICT, Disposition.UNKNOWN, Disposition.RETRY, Disposition.FAILED}
)


@dataclass(slots=True)
class Known:
    """What the model knows of one envelope."""

    tenant: UUID
    external_id: str
    order: tuple[str | None, datetime, UUID]
    status: Status = Status.PENDING
    attempts: int = 0
    holder: tuple[str, Lease] | None = None
    was_sent: bool = False
    settled_under: Lease | None = None
    deadline: datetime | None = None


@dataclass(slots=True)
class Model:
    """All envelopes that were proposed, and all events that the audit log must have."""

    known: dict[UUID, Known] = field(default_factory=dict)
    leased_until: dict[tuple[UUID, int], datetime] = field(default_factory=dict)
    events: dict[UUID, list[str]] = field(default_factory=dict)

    def enqueued(self, answers: Sequence[EnqueuedEnvelope]) -> None:
        """One call of `enqueue`. The new envelopes of a tenant share an audit row."""
        proposed_for = set()
        for answer in answers:
            envelope = answer.envelope
            assert answer.created == (envelope.id not in self.known)
            if answer.created:
                key = envelope.metadata.get("ordering_key")
                self.known[envelope.id] = Known(
                    envelope.tenant_id, envelope.external_id, (key, envelope.created_at, envelope.id),
                    deadline=envelope.must_run_before,
                )  # fmt: skip
                if envelope.tenant_id not in proposed_for:
                    self.say(envelope.id, "proposed")
                proposed_for.add(envelope.tenant_id)

    def claimed(
        self, worker: str, limit: int, claims: Sequence[ClaimedEnvelope], now: datetime, span: timedelta
    ) -> None:
        assert sum(not claim.lost for claim in claims) <= limit
        for claim in claims:
            envelope, lane = self.known[claim.envelope.id], (claim.lease.tenant_id, claim.lease.lane)
            assert envelope.status is Status.PENDING
            assert envelope.tenant == claim.lease.tenant_id
            if claim.lost:
                assert envelope.holder is not None
                assert envelope.holder[1].token < claim.lease.token
                assert self.leased_until[lane] <= now
            else:
                assert envelope.holder is None
                assert claim.envelope.next_run_at is not None
                assert claim.envelope.next_run_at <= now
                assert not self.waits_for_another(claim.envelope.id)
            assert claim.sent == (claim.lost and envelope.was_sent)
        for claim in claims:
            self.known[claim.envelope.id].holder = (worker, claim.lease)
            self.leased_until[claim.lease.tenant_id, claim.lease.lane] = now + span
        for claim in claims:
            holders = {
                holder for holder, lease in self.leases() if lease[:2] == (claim.lease.tenant_id, claim.lease.lane)
            }
            assert holders == {worker}, "two workers in one lane"

    def waits_for_another(self, envelope: UUID) -> bool:
        """Whether an older one with the same ordering key is still open."""
        this = self.known[envelope]
        return this.order[0] is not None and any(
            other.tenant == this.tenant
            and other.order[0] == this.order[0]
            and other.order[1:] < this.order[1:]
            and other.status in OPEN
            for other in self.known.values()
        )

    def leases(self) -> set[tuple[str, tuple[UUID, int, int]]]:
        held = [envelope.holder for envelope in self.known.values() if envelope.holder is not None]
        return {(worker, (lease.tenant_id, lease.lane, lease.token)) for worker, lease in held}

    def heartbeat(self, worker: str, leases: Iterable[Lease], now: datetime, span: timedelta) -> None:
        mine = {lease for holder, lease in self.leases() if holder == worker}
        assert {(lease.tenant_id, lease.lane, lease.token) for lease in leases} == mine
        for tenant, lane, _ in mine:
            self.leased_until[tenant, lane] = now + span

    def sent(self, worker: str, calls: Iterable[ClaimedEnvelope], marked: SentMarks) -> None:
        requested = {(call.envelope.id, call.lease) for call in calls}
        twice = {id_ for id_, lease in requested for other, under in requested if other == id_ and under != lease}
        mine = {id_ for id_, lease in requested if self.known[id_].holder == (worker, lease)} - twice
        assert marked == SentMarks(marked=self.keys(mine), busy=self.keys(twice))
        for envelope in mine:
            self.known[envelope].was_sent = True

    def settled(self, worker: str, settlements: Iterable[Settlement], left: UnsettledEnvelopes) -> None:
        expected: set[UUID] = set()
        done: set[UUID] = set()
        for settlement in settlements:
            envelope = self.known[settlement.envelope_id]
            if envelope.holder != (worker, settlement.lease):
                if envelope.settled_under != settlement.lease:
                    expected.add(settlement.envelope_id)
                continue
            envelope.settled_under = settlement.lease
            done.add(settlement.envelope_id)
            envelope.holder, envelope.was_sent = None, False
            envelope.status = BECOMES.get(settlement.to) or Status(settlement.to)
            envelope.attempts += settlement.to in COUNTS
            unaudited = settlement.to is Disposition.HOLD and settlement.repeat
            if settlement.to is not Disposition.RELEASE and not unaudited:
                self.say(settlement.envelope_id, settlement.to.value)
        assert left == UnsettledEnvelopes(refused=self.keys(expected - done))

    def keys(self, envelopes: Iterable[UUID]) -> frozenset[EnvelopeKey]:
        return frozenset((self.known[envelope].tenant, envelope) for envelope in envelopes)

    def became(self, envelope: UUID, status: Status, event: str) -> None:
        known = self.known[envelope]
        assert known.status not in FINAL, "what is over stays over"
        assert known.holder is None, "a worker holds it"
        known.status = status
        self.say(envelope, event)

    def late(self, now: datetime) -> list[UUID]:
        """The waiting envelopes whose deadline has passed and that no worker holds."""
        return sorted(
            (
                envelope
                for envelope, known in self.known.items()
                if known.deadline is not None
                and known.deadline <= now
                and known.status in {Status.PENDING, Status.AWAITING_APPROVAL}
                and known.holder is None
            ),
            key=lambda envelope: (self.known[envelope].tenant, envelope),
        )

    def requeued(self, envelopes: Iterable[Envelope]) -> None:
        for envelope in envelopes:
            assert self.known[envelope.id].status in {Status.FAILED, Status.DENIED}
            self.became(envelope.id, Status.PENDING, "requeued")
            self.known[envelope.id].attempts = 0
            self.known[envelope.id].settled_under = None

    def say(self, envelope: UUID, event: str) -> None:
        self.events.setdefault(self.known[envelope].tenant, []).append(f"envelope.{event}")

    def check(self, alive: Sequence[Envelope], dead: Sequence[Envelope]) -> None:
        """Check that no envelope is lost or duplicated, and that each is in the state that its events lead to."""
        seen = [(each.id, each.external_id, each.status, each.attempts) for each in [*alive, *dead]]
        expected = [(id_, known.external_id, known.status, known.attempts) for id_, known in self.known.items()]
        assert sorted(seen) == sorted(expected)
        assert all((each.status in {Status.FAILED, Status.DENIED}) for each in dead)
