"""Lease lanes to workers."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from services.backends.memory.check_texts import check_texts
from services.backends.memory.lanes import adjust_to_clock, lane_key, lane_ready_at, pending_heads
from services.backends.memory.state import Lane, LaneKey, State
from services.envelope import Envelope, Status
from services.outbox import ClaimedEnvelope, Lease

Picked = defaultdict[LaneKey, list[Envelope]]
"""What each lane gives, in the order in which it is due."""


def claim(
    state: State, worker_id: str, claim_id: UUID, *, limit: int, lease_for: timedelta, tenant: UUID | None
) -> list[ClaimedEnvelope]:
    """See `services.outbox.Outbox.claim`."""
    check_texts(worker_id=worker_id)
    with state.change() as now:
        if answered := _answered(state, worker_id, claim_id, now):
            return answered
        adjust_to_clock(state, now)
        waiting = _waiting(state, now)
        lease = partial(_lease, state, worker_id=worker_id, claim_id=claim_id, now=now, lease_for=lease_for)
        for key in _ready(state, tenant, lambda lane, at: at <= now and lane.worker_id is not None)[:limit]:
            lease(key, _orphaned(state, key[0], state.lanes[key]))
        free = _ready(state, tenant, lambda lane, at: at <= now and lane.worker_id is None)
        left_over = limit
        sharing = min(len(free), limit)
        share = -(-limit // max(min(sharing, 8), -(-sharing // 3), 1))
        for key in free:
            if left_over <= 0:
                break
            picked = waiting[key][: min(share, left_over)]
            left_over -= len(picked)
            lease(key, picked)
        for key in _ready(state, tenant, lambda lane, at: at > now and lane.worker_id == worker_id):
            if left_over <= 0 or state.lanes[key].claim_id == claim_id:
                continue
            held = state.lanes[key].in_flight
            if picked := [envelope for envelope in waiting[key] if envelope.id not in held][:left_over]:
                left_over -= len(picked)
                lease(key, picked)
        return _answered(state, worker_id, claim_id, now)


def _answered(state: State, worker_id: str, claim_id: UUID, now: datetime) -> list[ClaimedEnvelope]:
    """What this very claim leased when it was sent before."""
    return [
        ClaimedEnvelope(
            envelope=state.outbox[key[0], envelope],
            lease=Lease(*key, token),
            lost=lane.lost,
            sent=lane.lost and envelope in lane.sent,
        )
        for key, lane in sorted(state.lanes.items(), key=lambda item: item[0])
        if lane.worker_id == worker_id and lane.claim_id == claim_id and lane.ready_at and lane.ready_at > now
        for envelope, token in lane.in_flight.items()
        if token == lane.token
    ]


def _ready(state: State, tenant: UUID | None, serves: Callable[[Lane, datetime], bool]) -> list[LaneKey]:
    """Lanes of that kind, in the order in which they became ready."""
    ready = [
        (lane.ready_at, key)
        for key, lane in state.lanes.items()
        if lane.ready_at is not None and tenant in {None, key[0]} and serves(lane, lane.ready_at)
    ]
    return [key for _, key in sorted(ready)]


def _waiting(state: State, now: datetime) -> Picked:
    """What is due in each lane, in flight or not."""
    due: Picked = defaultdict(list)
    for head in pending_heads(state):
        if (head.next_run_at or now) <= now:
            due[lane_key(head)].append(head)
    return defaultdict(list, {key: sorted(heads, key=_by_moment) for key, heads in due.items()})


def _orphaned(state: State, tenant: UUID, lane: Lane) -> list[Envelope]:
    """What was in flight in a lane whose lease ran out."""
    left = [state.outbox[tenant, each] for each in lane.in_flight if (tenant, each) in state.outbox]
    return sorted((envelope for envelope in left if envelope.status is Status.PENDING), key=_by_moment)


def _lease(
    state: State, key: LaneKey, picked: Sequence[Envelope], *, worker_id: str, claim_id: UUID, now: datetime,
    lease_for: timedelta,
) -> None:  # fmt: skip
    """Give the worker the lane, under a new token; see `db/functions/app_private/lease_lane.sql`."""
    before = state.lanes[key]
    if not picked:
        state.lanes[key] = Lane(ready_at=lane_ready_at(state, key, now), set_at=now, token=before.token)
        return
    mine = before.worker_id == worker_id and before.ready_at is not None and before.ready_at > now
    fresh = dict.fromkeys((envelope.id for envelope in picked), before.token + 1)
    state.lanes[key] = Lane(
        ready_at=now + lease_for,
        set_at=now,
        worker_id=worker_id,
        claim_id=claim_id,
        lost=before.worker_id is not None and not mine,
        token=before.token + 1,
        in_flight={**before.in_flight, **fresh} if mine else fresh,
        sent=before.sent if mine else before.sent & fresh.keys(),
    )


def _by_moment(envelope: Envelope) -> tuple[datetime, UUID]:
    return envelope.next_run_at or envelope.created_at, envelope.id
