"""Lease due lanes to a worker and return their due envelopes."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from services.backends.memory.check_texts import check_texts
from services.backends.memory.lanes import adjust_to_clock, lane_key, lane_ready_at, pending_heads
from services.backends.memory.stamps import tool_stamp
from services.backends.memory.state import Lane, LaneKey, State
from services.backends.memory.worker_api.read_policies import read_policies
from services.envelope import Envelope, Status
from services.outbox import ClaimedEnvelope, Lease

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EnvelopesByLane = defaultdict[LaneKey, list[Envelope]]
"""The due envelopes of each lane, in the order of execution."""


def claim(
    state: State, worker_id: str, claim_id: UUID, *, limit: int, lease_for: timedelta, tenant: UUID | None,
    except_tenants: frozenset[UUID],
) -> list[ClaimedEnvelope]:  # fmt: skip
    """See `services.outbox.Outbox.claim`."""
    check_texts(worker_id=worker_id)
    with state.change() as now:
        if claimed := _read_claim(state, worker_id, claim_id, now):
            return claimed
        adjust_to_clock(state, now)
        due = _due_by_lane(state, now)
        lease = partial(_lease, state, worker_id=worker_id, claim_id=claim_id, now=now, lease_for=lease_for)
        expired = _ready_lanes(state, tenant, lambda lane, ready_at: ready_at <= now and lane.worker_id is not None)
        for key in expired[:limit]:
            lease(key, _in_flight(state, key[0], state.lanes[key]))
        free = _ready_lanes(state, tenant, lambda lane, ready_at: ready_at <= now and lane.worker_id is None)
        free = [key for key in free if key[0] not in except_tenants]
        remaining = limit
        due_lanes = min(len(free), limit)
        share = -(-limit // max(min(due_lanes, 8), -(-due_lanes // 3), 1))
        for key in free:
            if remaining <= 0:
                break
            picked = due[key][: min(share, remaining)]
            remaining -= len(picked)
            lease(key, picked)
        for key in _ready_lanes(state, tenant, lambda lane, ready_at: ready_at > now and lane.worker_id == worker_id):
            if remaining <= 0 or key[0] in except_tenants or state.lanes[key].claim_id == claim_id:
                continue
            in_flight = state.lanes[key].in_flight
            if picked := [envelope for envelope in due[key] if envelope.id not in in_flight][:remaining]:
                remaining -= len(picked)
                lease(key, picked)
        return _read_claim(state, worker_id, claim_id, now)


def _read_claim(state: State, worker_id: str, claim_id: UUID, now: datetime) -> list[ClaimedEnvelope]:
    """The envelopes that an earlier call with this claim id has leased. Empty if the claim is new."""
    policies = read_policies(state, {tenant for tenant, _ in state.lanes})
    return [
        ClaimedEnvelope(
            envelope=state.outbox[key[0], envelope],
            lease=Lease(*key, token),
            lost=lane.lost,
            sent=lane.lost and envelope in lane.sent,
            paused_at=policies[key[0]].last_paused_at,
            policy_stamp=policies[key[0]].stamp,
            tool_stamp=tool_stamp(state, key[0], state.outbox[key[0], envelope].tool_slug),
        )
        for key, lane in sorted(state.lanes.items(), key=lambda item: item[0])
        if lane.worker_id == worker_id and lane.claim_id == claim_id and lane.ready_at and lane.ready_at > now
        for envelope, token in lane.in_flight.items()
        if token == lane.token
    ]


def _ready_lanes(state: State, tenant: UUID | None, matches: Callable[[Lane, datetime], bool]) -> list[LaneKey]:
    """The lanes for which `matches(lane, ready_at)` is true, in the order in which they became ready."""
    ready = [
        (lane.ready_at, key)
        for key, lane in state.lanes.items()
        if lane.ready_at is not None and tenant in {None, key[0]} and matches(lane, lane.ready_at)
    ]
    return [key for _, key in sorted(ready)]


def _due_by_lane(state: State, now: datetime) -> EnvelopesByLane:
    """The due envelopes of each lane, also those in flight."""
    due: EnvelopesByLane = defaultdict(list)
    for head in pending_heads(state):
        if (head.next_run_at or now) <= now:
            due[lane_key(head)].append(head)
    return defaultdict(list, {key: sorted(heads, key=_execution_order) for key, heads in due.items()})


def _in_flight(state: State, tenant: UUID, lane: Lane) -> list[Envelope]:
    """The pending envelopes in flight in a lane."""
    envelopes = [state.outbox[tenant, id_] for id_ in lane.in_flight if (tenant, id_) in state.outbox]
    return sorted((envelope for envelope in envelopes if envelope.status is Status.PENDING), key=_execution_order)


def _lease(
    state: State, key: LaneKey, picked: Sequence[Envelope], *, worker_id: str, claim_id: UUID, now: datetime,
    lease_for: timedelta,
) -> None:  # fmt: skip
    """Lease a lane to the worker under a new token. See `db/functions/app_private/lease_lane.sql`."""
    before = state.lanes[key]
    if not picked:
        state.lanes[key] = Lane(ready_at=lane_ready_at(state, key, now), set_at=now, token=before.token)
        return
    is_mine = before.worker_id == worker_id and before.ready_at is not None and before.ready_at > now
    token = max(before.token + 1, (now - EPOCH) // timedelta(microseconds=1))
    picked_tokens = dict.fromkeys((envelope.id for envelope in picked), token)
    state.lanes[key] = Lane(
        ready_at=now + lease_for,
        set_at=now,
        worker_id=worker_id,
        claim_id=claim_id,
        lost=before.worker_id is not None and not is_mine,
        token=token,
        in_flight={**before.in_flight, **picked_tokens} if is_mine else picked_tokens,
        sent=before.sent if is_mine else before.sent & picked_tokens.keys(),
    )


def _execution_order(envelope: Envelope) -> tuple[datetime, UUID]:
    return envelope.next_run_at or envelope.created_at, envelope.id
