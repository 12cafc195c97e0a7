"""Lanes: which of them have something due, and from when on."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from services.backends.memory.state import Lane, LaneKey, State
from services.envelope import OPEN, Envelope, Status
from services.guardrails import Decision
from services.jsonb import field_text
from services.outbox import Lease

LOOK_AGAIN = timedelta(minutes=1)
SET_BACK = timedelta(minutes=1)
"""A lane was written so much later than now: by a clock that was set back since."""

Due = tuple[LaneKey, datetime]


def lane_number(text: str, lanes: int) -> int:
    """The lane of an ordering key, or of an external_id where there is none."""
    return int.from_bytes(sha256(text.encode()).digest()[:2]) % lanes


def ordering_key(envelope: Envelope) -> str | None:
    """None where no order was asked for."""
    return field_text(envelope.metadata, "ordering_key")


def lane_key(envelope: Envelope) -> LaneKey:
    """Where the envelope is served."""
    return envelope.tenant_id, envelope.lane


def holds(state: State, worker_id: str, lease: Lease, envelope: UUID) -> bool:
    """Whether this envelope is in flight under this very lease."""
    lane = state.lanes.get((lease.tenant_id, lease.lane), Lane())
    return lane.worker_id == worker_id and lane.in_flight.get(envelope) == lease.token


def wake_lanes(state: State, due: Iterable[Due], now: datetime) -> None:
    """Tell lanes that something is due in them at these moments; a leased lane learns it when it is released."""
    for key, moment in due:
        lane = state.lanes.get(key, Lane())
        if lane.worker_id is None and (lane.ready_at is None or moment < lane.ready_at):
            lane = replace(lane, ready_at=moment, set_at=now)
        state.lanes[key] = lane


def adjust_to_clock(state: State, now: datetime) -> None:
    """The clock was set back: bring lanes to the one of now; see `db/functions/app_private/adjust_to_clock.sql`."""
    for key, lane in list(state.lanes.items()):
        if lane.set_at is None or lane.set_at <= now + SET_BACK:
            continue
        ready_at = lane.ready_at
        if lane.worker_id is not None:
            ready_at = None if ready_at is None else now + (ready_at - lane.set_at)
        else:
            for envelope in [each for each in state.outbox.values() if lane_key(each) == key]:
                if envelope.status is Status.PENDING and now < _due_at(envelope) <= envelope.updated_at:
                    state.outbox[envelope.key] = replace(envelope, next_run_at=now)
            ready_at = lane_ready_at(state, key, now)
        state.lanes[key] = replace(lane, ready_at=ready_at, set_at=now)


def wake_successors(state: State, ended: Iterable[Envelope], now: datetime) -> None:
    """These no longer block their ordering keys: whatever heads them now lines up at `now`, at the back."""
    freed = {(envelope.tenant_id, key) for envelope in ended if (key := ordering_key(envelope)) is not None}
    if freed:
        first = {(head.tenant_id, ordering_key(head)): head for head in _heads(state.outbox.values())}
        heads = [first[key] for key in freed if key in first and first[key].status is Status.PENDING]
        wake_lanes(state, [(lane_key(head), max(_due_at(head), now)) for head in heads], now)


def pending_heads(state: State) -> list[Envelope]:
    """What may be claimed once it is due: nothing older with the same ordering key is open."""
    return [envelope for envelope in _heads(state.outbox.values()) if envelope.status is Status.PENDING]


def lane_ready_at(state: State, key: LaneKey, now: datetime) -> datetime | None:
    """When the lane has something due next; in a minute where that waits behind another lane's; None without any."""
    here = [envelope for envelope in state.outbox.values() if lane_key(envelope) == key]
    foremost = [envelope for envelope in _heads(here) if envelope.status is Status.PENDING]
    heads = [_due_at(head) for head in pending_heads(state) if lane_key(head) == key]
    return min(heads, default=now + LOOK_AGAIN if foremost else None)


def release_held(state: State, tenant: UUID, guardrails: Collection[str], now: datetime) -> None:
    """Let a tenant's envelopes that these guardrails held be judged again at once."""
    held = [
        envelope
        for envelope in state.outbox.values()
        if envelope.tenant_id == tenant
        and envelope.status is Status.PENDING
        and _due_at(envelope) > now
        and any(
            said.get("decision") == Decision.HOLD and said.get("guardrail") in guardrails for said in envelope.verdicts
        )
    ]
    for envelope in held:
        state.outbox[envelope.key] = replace(envelope, next_run_at=now, updated_at=now)
    if held:
        wake_lanes(state, [(lane_key(envelope), now) for envelope in held], now)
        state.woken.set()


def _heads(envelopes: Iterable[Envelope]) -> list[Envelope]:
    """Of these, every open one without an ordering key, and the oldest open one of each key."""
    free: list[Envelope] = []
    oldest: dict[tuple[UUID, str], Envelope] = {}
    for envelope in envelopes:
        if envelope.status not in OPEN:
            continue
        key = ordering_key(envelope)
        if key is None:
            free.append(envelope)
            continue
        first = oldest.setdefault((envelope.tenant_id, key), envelope)
        if (envelope.created_at, envelope.id) < (first.created_at, first.id):
            oldest[envelope.tenant_id, key] = envelope
    return [*free, *oldest.values()]


def _due_at(envelope: Envelope) -> datetime:
    if envelope.next_run_at is None:
        raise ValueError(f"{envelope.id} is in the outbox without a moment")
    return envelope.next_run_at
