"""Renew every lease of a worker."""

from dataclasses import replace
from datetime import timedelta

from services.backends.memory.check_texts import check_texts
from services.backends.memory.state import State
from services.outbox import Lease


def heartbeat(state: State, worker_id: str, *, lease_for: timedelta) -> frozenset[Lease]:
    """See `services.outbox.Outbox.heartbeat`."""
    check_texts(worker_id=worker_id)
    with state.change() as now:
        leased = {key: lane for key, lane in state.lanes.items() if lane.worker_id == worker_id}
        for key, lane in leased.items():
            state.lanes[key] = replace(lane, ready_at=now + lease_for, set_at=now)
        return frozenset(Lease(*key, token) for key, lane in leased.items() for token in lane.in_flight.values())
