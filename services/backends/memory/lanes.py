"""Lanes: when each lane has due work, and which envelopes are the first of their ordering key."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from services.backends.memory.state import Lane, LaneKey, State
from services.envelope import OPEN_STATUSES, Envelope, Status
from services.guardrails import Decision
from services.jsonb import field_text
from services.outbox import Lease

RECHECK_AFTER = timedelta(minutes=1)
"""If all envelopes of a lane wait behind envelopes of other lanes, the lane is checked again after this time."""
CLOCK_TOLERANCE = timedelta(minutes=1)
"""A `set_at` that is further in the future shows that the clock was set back."""

DueLane = tuple[LaneKey, datetime]
"""A lane, and the moment at which it becomes due."""


def lane_number(text: str, lanes: int) -> int:
    """The lane for a text: the ordering key of an envelope, or its external_id if it has none."""
    return int.from_bytes(sha256(text.encode()).digest()[:2]) % lanes


def ordering_key(envelope: Envelope) -> str | None:
    """The envelope's ordering key; None if it has none."""
    return field_text(envelope.metadata, "ordering_key")


def lane_key(envelope: Envelope) -> LaneKey:
    """The lane of the envelope."""
    return envelope.tenant_id, envelope.lane


def is_in_flight(state: State, worker_id: str, lease: Lease, envelope: UUID) -> bool:
    """Whether this envelope is in flight under exactly this lease of the worker."""
    lane = state.lanes.get((lease.tenant_id, lease.lane), Lane())
    return lane.worker_id == worker_id and lane.in_flight.get(envelope) == lease.token


def wake_lanes(state: State, due: Iterable[DueLane], now: datetime) -> None:
    """Store the times at which free lanes become due. A leased lane finds its new envelopes when it is released."""
    for key, moment in due:
        lane = state.lanes.get(key, Lane())
        if lane.worker_id is None and (lane.ready_at is None or moment < lane.ready_at):
            lane = replace(lane, ready_at=moment, set_at=now)
        state.lanes[key] = lane


def adjust_to_clock(state: State, now: datetime) -> None:
    """Correct the moments of lanes after the clock was set back. See `db/functions/app_private/adjust_to_clock.sql`."""
    for key, lane in list(state.lanes.items()):
        if lane.set_at is None or lane.set_at <= now + CLOCK_TOLERANCE:
            continue
        ready_at = lane.ready_at
        if lane.worker_id is not None:
            ready_at = None if ready_at is None else now + (ready_at - lane.set_at)
        else:
            for envelope in [candidate for candidate in state.outbox.values() if lane_key(candidate) == key]:
                if envelope.status is Status.PENDING and now < _due_at(envelope) <= envelope.updated_at:
                    state.outbox[envelope.key] = replace(envelope, next_run_at=now)
            ready_at = lane_ready_at(state, key, now)
        state.lanes[key] = replace(lane, ready_at=ready_at, set_at=now)


def wake_successors(state: State, ended: Iterable[Envelope], now: datetime) -> None:
    """Wake the lanes of the envelopes that are first of their ordering keys now that `ended` have ended.

    A lane becomes ready at `now` at the earliest, behind the lanes that already wait.
    """
    keys = {(envelope.tenant_id, key) for envelope in ended if (key := ordering_key(envelope)) is not None}
    if keys:
        first = {(head.tenant_id, ordering_key(head)): head for head in _heads(state.outbox.values())}
        heads = [first[key] for key in keys if key in first and first[key].status is Status.PENDING]
        wake_lanes(state, [(lane_key(head), max(_due_at(head), now)) for head in heads], now)


def pending_heads(state: State) -> list[Envelope]:
    """The pending envelopes for which no older open envelope has the same ordering key."""
    return [envelope for envelope in _heads(state.outbox.values()) if envelope.status is Status.PENDING]


def lane_ready_at(state: State, key: LaneKey, now: datetime) -> datetime | None:
    """When the lane next has a due envelope. See `db/functions/app_private/lane_ready_at.sql`."""
    in_lane = [envelope for envelope in state.outbox.values() if lane_key(envelope) == key]
    first_in_lane = [envelope for envelope in _heads(in_lane) if envelope.status is Status.PENDING]
    moments = [_due_at(head) for head in pending_heads(state) if lane_key(head) == key]
    return min(moments, default=now + RECHECK_AFTER if first_in_lane else None)


def release_held(state: State, tenant: UUID, guardrails: Collection[str], now: datetime) -> None:
    """Find the tenant's envelopes that these guardrails hold, and make them due now, to be judged again."""
    held = [
        envelope
        for envelope in state.outbox.values()
        if envelope.tenant_id == tenant
        and envelope.status is Status.PENDING
        and _due_at(envelope) > now
        and any(
            verdict.get("decision") == Decision.HOLD and verdict.get("guardrail") in guardrails
            for verdict in envelope.verdicts
        )
    ]
    for envelope in held:
        state.outbox[envelope.key] = replace(envelope, next_run_at=now, updated_at=now)
    if held:
        wake_lanes(state, [(lane_key(envelope), now) for envelope in held], now)
        state.work_arrived.set()


def _heads(envelopes: Iterable[Envelope]) -> list[Envelope]:
    """The open ones of these envelopes that have no ordering key, and the oldest open one of each ordering key."""
    without_key: list[Envelope] = []
    oldest: dict[tuple[UUID, str], Envelope] = {}
    for envelope in envelopes:
        if envelope.status not in OPEN_STATUSES:
            continue
        key = ordering_key(envelope)
        if key is None:
            without_key.append(envelope)
            continue
        first = oldest.setdefault((envelope.tenant_id, key), envelope)
        if (envelope.created_at, envelope.id) < (first.created_at, first.id):
            oldest[envelope.tenant_id, key] = envelope
    return [*without_key, *oldest.values()]


def _due_at(envelope: Envelope) -> datetime:
    if envelope.next_run_at is None:
        raise ValueError(f"{envelope.id} is in the outbox without a next_run_at")
    return envelope.next_run_at
