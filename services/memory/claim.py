"""Lease lanes to workers: what `claim.sql`, `mark_sent.sql` and `heartbeat.sql` in `db/functions/worker_api/` do."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from services.envelope import Envelope, Status
from services.memory.lanes import lane_key, lane_ready_at, pending_heads
from services.memory.state import Lane, LaneKey, State
from services.outbox import Claimed, Lease

Picked = dict[LaneKey, list[Envelope]]
"""What each lane gives, in the order in which it is due."""


@dataclass(frozen=True, slots=True)
class _Taken:
    """A lane to be served in this claim, as it was before."""

    key: LaneKey
    lane: Lane
    ready_at: datetime
    is_mine: bool
    is_expired: bool


def claim(
    state: State, worker_id: str, claim_id: UUID, *, limit: int, lease_for: timedelta, tenant: UUID | None
) -> list[Claimed]:
    """See `services.outbox.Outbox.claim`."""
    with state.change() as now:
        if answered := _answered(state, worker_id, claim_id, now):
            return answered
        taken = _lanes_to_serve(state, worker_id, limit, tenant, now)
        if not taken:
            return []
        waiting = _waiting(state, taken, limit, now)
        picked = {lane.key: _orphaned(state, lane) if lane.is_expired else waiting.get(lane.key, []) for lane in taken}
        served = _within(limit, taken, picked)
        claimed: list[Claimed] = []
        for lane in taken:
            if served[lane.key]:
                claimed += _lease(
                    state, lane, served[lane.key], worker_id=worker_id, claim_id=claim_id, until=now + lease_for
                )
            elif not picked[lane.key] and not lane.is_mine:
                state.lanes[lane.key] = Lane(ready_at=lane_ready_at(state, lane.key, now), token=lane.lane.token)
        return claimed


def mark_sent(state: State, worker_id: str, calls: Sequence[Claimed]) -> frozenset[UUID]:
    """See `services.outbox.Outbox.mark_sent`."""
    with state.change():
        mine = [call for call in calls if holds(state, worker_id, call.lease, call.envelope.id)]
        for call in mine:
            key = (call.lease.tenant_id, call.lease.lane)
            state.lanes[key] = replace(state.lanes[key], sent=state.lanes[key].sent | {call.envelope.id})
        return frozenset(call.envelope.id for call in mine)


def heartbeat(state: State, worker_id: str, lease_for: timedelta) -> frozenset[Lease]:
    """See `services.outbox.Outbox.heartbeat`."""
    with state.change() as now:
        mine = {key: lane for key, lane in state.lanes.items() if lane.worker_id == worker_id}
        for key, lane in mine.items():
            state.lanes[key] = replace(lane, ready_at=now + lease_for)
        return frozenset(Lease(*key, token) for key, lane in mine.items() for token in lane.in_flight.values())


def holds(state: State, worker_id: str, lease: Lease, envelope: UUID) -> bool:
    """Whether this envelope is in flight under this very lease."""
    lane = state.lanes.get((lease.tenant_id, lease.lane), Lane())
    return lane.worker_id == worker_id and lane.in_flight.get(envelope) == lease.token


def _answered(state: State, worker_id: str, claim_id: UUID, now: datetime) -> list[Claimed]:
    """What this very claim leased when it was sent before."""
    return [
        Claimed(
            envelope=state.outbox[envelope],
            lease=Lease(*key, token),
            lost=lane.lost,
            sent=lane.lost and envelope in lane.sent,
        )
        for key, lane in sorted(state.lanes.items(), key=lambda item: item[0])
        if lane.worker_id == worker_id and lane.claim_id == claim_id and lane.ready_at and lane.ready_at > now
        for envelope, token in lane.in_flight.items()
        if token == lane.token
    ]


def _lanes_to_serve(state: State, worker_id: str, limit: int, tenant: UUID | None, now: datetime) -> list[_Taken]:
    """Lanes whose moment came, and this worker's own, in the order in which they became ready."""
    ready = [
        _Taken(
            key=key,
            lane=lane,
            ready_at=lane.ready_at,
            is_mine=lane.worker_id is not None and lane.ready_at > now,
            is_expired=lane.worker_id is not None and lane.ready_at <= now,
        )
        for key, lane in state.lanes.items()
        if lane.ready_at is not None
        and (lane.ready_at <= now or lane.worker_id == worker_id)
        and tenant in {None, key[0]}
    ]
    return sorted(ready, key=lambda lane: (lane.ready_at, lane.key))[:limit]


def _waiting(state: State, taken: Sequence[_Taken], limit: int, now: datetime) -> Picked:
    """What is due per lane and not in flight, at most each lane's share of the limit."""
    share = -(-limit // max(1, sum(not lane.is_mine for lane in taken)))
    in_flight = {lane.key: lane.lane.in_flight for lane in taken if not lane.is_expired}
    due: dict[LaneKey, list[Envelope]] = defaultdict(list)
    for head in pending_heads(state):
        key = lane_key(head)
        if key in in_flight and head.id not in in_flight[key] and (head.next_run_at or now) <= now:
            due[key].append(head)
    return {key: sorted(heads, key=_by_moment)[:share] for key, heads in due.items()}


def _orphaned(state: State, lane: _Taken) -> list[Envelope]:
    """What was in flight in a lane whose lease ran out."""
    left = [state.outbox[each] for each in lane.lane.in_flight if each in state.outbox]
    return sorted((envelope for envelope in left if envelope.status is Status.PENDING), key=_by_moment)


def _within(limit: int, taken: Sequence[_Taken], picked: Picked) -> Picked:
    """Cut off what exceeds the limit, from the lanes that came last; lost envelopes come on top of it."""
    served = {lane.key: picked[lane.key] if lane.is_expired else [] for lane in taken}
    due = [(lane, envelope) for lane in taken if not lane.is_expired for envelope in picked[lane.key]]
    for lane, envelope in sorted(due, key=lambda row: (row[0].ready_at, _by_moment(row[1])))[:limit]:
        served[lane.key].append(envelope)
    return served


def _lease(
    state: State, taken: _Taken, envelopes: Sequence[Envelope], *, worker_id: str, claim_id: UUID, until: datetime
) -> list[Claimed]:
    """Give the worker the lane, under a new token; its own keeps what is in flight there under older ones."""
    before, token = taken.lane, taken.lane.token + 1
    fresh = dict.fromkeys((envelope.id for envelope in envelopes), token)
    lane = Lane(
        ready_at=until,
        worker_id=worker_id,
        claim_id=claim_id,
        lost=taken.is_expired,
        token=token,
        in_flight=fresh if taken.is_expired else {**before.in_flight, **fresh},
        sent=before.sent & fresh.keys() if taken.is_expired else before.sent,
    )
    state.lanes[taken.key] = lane
    return [
        Claimed(
            envelope=envelope,
            lease=Lease(*taken.key, lane.token),
            lost=taken.is_expired,
            sent=taken.is_expired and envelope.id in lane.sent,
        )
        for envelope in envelopes
    ]


def _by_moment(envelope: Envelope) -> tuple[datetime, UUID]:
    return envelope.next_run_at or envelope.created_at, envelope.id
