"""The outbox in memory: the verbs beside this file, which do what the SQL functions of the same names do."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from services.backends.memory.audit import append_audit, envelope_entry
from services.backends.memory.check_texts import check_texts
from services.backends.memory.claim import claim, heartbeat, mark_sent
from services.backends.memory.enqueue import enqueue
from services.backends.memory.envelopes import bury, change_envelope, in_outbox
from services.backends.memory.expire import expire
from services.backends.memory.forget import forget_settled
from services.backends.memory.lanes import OPEN, lane_key, ordering_key, wake_lanes
from services.backends.memory.settle import settle
from services.backends.memory.state import State
from services.backends.memory.status import queue_status
from services.envelope import Actor, Envelope, Status
from services.errors import InvalidInput, NotFound, StateConflict
from services.outbox import Claimed, Enqueued, Lease, Marked, Proposal, QueueStatus, Settlement, Unsettled

RESOLVED = {"success": Status.SUCCESS, "retry": Status.PENDING, "failed": Status.FAILED}


@check_texts
class MemoryOutbox:
    """See `services.outbox.Outbox`."""

    can_notify = True

    def __init__(self, state: State) -> None:
        self._state = state

    async def enqueue(self, proposals: Sequence[Proposal], *, actor: Actor) -> list[Enqueued]:
        return enqueue(self._state, proposals, actor)

    async def claim(
        self, worker_id: str, *, limit: int, lease_for: timedelta, tenant: UUID | None = None,
        claim_id: UUID | None = None,
    ) -> list[Claimed]:  # fmt: skip
        return claim(self._state, worker_id, claim_id or uuid4(), limit=limit, lease_for=lease_for, tenant=tenant)

    async def mark_sent(self, worker_id: str, calls: Sequence[Claimed]) -> Marked:
        return mark_sent(self._state, worker_id, calls)

    async def heartbeat(self, worker_id: str, *, lease_for: timedelta) -> frozenset[Lease]:
        return heartbeat(self._state, worker_id, lease_for)

    async def settle(self, worker_id: str, settlements: Sequence[Settlement]) -> Unsettled:
        return settle(self._state, worker_id, settlements)

    async def due_in(self, tenant: UUID | None = None) -> timedelta | None:
        ready = [
            lane.ready_at
            for (owner, _), lane in self._state.lanes.items()
            if tenant in {None, owner} and lane.ready_at is not None
        ]
        return min(ready) - self._state.clock() if ready else None

    async def wait_for_work(self, timeout: timedelta) -> None:  # noqa: ASYNC109  # its end is no error
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout.total_seconds()):
                await self._state.woken.wait()
        self._state.woken.clear()

    async def requeue(
        self, *, tenant: UUID | None, envelopes: Sequence[UUID] | None, limit: int, actor: Actor
    ) -> list[Envelope]:
        with self._state.change() as now:
            oldest = _requeueable(self._state, tenant, now)
            if envelopes is not None:
                oldest = [dead for dead in _by_moment(self._state, tenant) if dead.id in envelopes]
            for dead in oldest:
                if dead.is_late(now):
                    raise StateConflict(
                        "envelope", f"the deadline of {dead.id} passed at {dead.must_run_before}; propose it again"
                    )
            back = [
                replace(
                    dead,
                    status=Status.PENDING,
                    attempts=0,
                    next_run_at=now,
                    updated_at=now,
                    moved_at=None,
                    doubtful=False,
                )
                for dead in sorted(oldest[:limit], key=lambda dead: (dead.created_at, dead.id))
            ]
            for envelope in back:
                del self._state.dead_letters[envelope.key]
                self._state.settled_under.pop(envelope.key, None)
                self._state.outbox[envelope.key] = envelope
            wake_lanes(self._state, [(lane_key(envelope), now) for envelope in back], now)
            append_audit(self._state, [envelope_entry(envelope, actor, "requeued") for envelope in back], now)
            if back:
                self._state.woken.set()
            return back

    async def resolve(
        self, tenant: UUID, envelope: UUID, *, decision: str, actor: Actor, reason: str | None
    ) -> Envelope:
        if decision not in RESOLVED:
            raise InvalidInput("decision", f"{decision!r} is not one of success, retry, failed")
        with self._state.change() as now:
            held = in_outbox(self._state, tenant, envelope)
            if held.status is not Status.UNKNOWN:
                raise StateConflict("envelope", f"{held.id} is {held.status}, not unknown")
            if RESOLVED[decision] is Status.FAILED:
                return bury(self._state, held, actor, reason, now)
            return change_envelope(
                self._state, held, RESOLVED[decision], event="resolved", actor=actor, reason=reason, now=now
            )

    async def cancel(self, tenant: UUID, envelope: UUID, *, actor: Actor, reason: str | None) -> Envelope:
        with self._state.change() as now:
            held = in_outbox(self._state, tenant, envelope)
            if held.id in self._state.lanes[lane_key(held)].in_flight:
                raise StateConflict("envelope", f"a worker holds {held.id} now; try again after it is settled")
            if held.status not in {Status.PENDING, Status.AWAITING_APPROVAL}:
                raise StateConflict("envelope", f"{held.id} is already {held.status}")
            for asked in [
                each for each in self._state.approvals.values() if (each.tenant_id, each.envelope_id) == held.key
            ]:
                if asked.decision is None:
                    self._state.approvals[asked.id] = replace(asked, decision="rejected", decided_by=actor.id)
            return change_envelope(
                self._state, held, Status.CANCELLED, event="cancelled", actor=actor, reason=reason, now=now
            )

    async def expire(self, *, actor: Actor) -> int:
        with self._state.change() as now:
            return expire(self._state, actor, now)

    async def forget_settled(self, *, keep: timedelta, limit: int, actor: Actor) -> int:
        with self._state.change() as now:
            return forget_settled(self._state, before=now - keep, limit=limit, actor=actor, now=now)

    async def get(self, tenant: UUID, envelope: UUID) -> Envelope:
        held = self._state.outbox.get((tenant, envelope)) or self._state.dead_letters.get((tenant, envelope))
        if held is None:
            raise NotFound("envelope", envelope, f"no {envelope} in tenant {tenant}")
        return held

    async def waits_for(self, tenant: UUID, envelope: UUID) -> Envelope | None:
        this = self._state.outbox.get((tenant, envelope))
        if this is None or (key := ordering_key(this)) is None:
            return None
        older = [
            other
            for other in self._state.outbox.values()
            if (other.tenant_id, ordering_key(other)) == (tenant, key)
            and other.status in OPEN
            and (other.created_at, other.id) < (this.created_at, this.id)
        ]
        return min(older, key=lambda other: (other.created_at, other.id), default=None)

    async def list_envelopes(self, tenant: UUID | None, *, status: Status | None, limit: int) -> list[Envelope]:
        asked = [
            envelope
            for envelope in self._state.outbox.values()
            if tenant in {None, envelope.tenant_id} and status in {None, envelope.status}
        ]
        return sorted(asked, key=lambda envelope: (envelope.created_at, envelope.id), reverse=True)[:limit]

    async def list_dead_letters(
        self, tenant: UUID | None, *, limit: int, status: Status | None = None
    ) -> list[Envelope]:
        return [dead for dead in _by_moment(self._state, tenant) if status in {None, dead.status}][:limit]

    async def list_requeueable(self, tenant: UUID | None, *, limit: int) -> list[Envelope]:
        return _requeueable(self._state, tenant, self._state.clock())[:limit]

    async def status(self, tenant: UUID | None = None) -> list[QueueStatus]:
        return queue_status(self._state, tenant)


def _requeueable(state: State, tenant: UUID | None, now: datetime) -> list[Envelope]:
    """`db/functions/app_private/goes_back.sql`; a number that is not exact never gets in here."""
    return [dead for dead in _by_moment(state, tenant) if not (dead.doubtful or dead.is_late(now))]


def _by_moment(state: State, tenant: UUID | None) -> list[Envelope]:
    """The oldest dead letters first."""
    dead_letters = [dead for dead in state.dead_letters.values() if tenant in {None, dead.tenant_id}]
    return sorted(dead_letters, key=lambda dead: (dead.updated_at, dead.id))
