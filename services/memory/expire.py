"""End what waits past its deadline: what `db/functions/worker_api/expire_envelopes.sql` does."""

from dataclasses import replace
from datetime import datetime

from services.envelope import DEADLINE_PASSED, Actor, Status
from services.memory.envelopes import change_envelope
from services.memory.state import State

CLOCK = Actor(type="system", id="clock")
AT_ONCE = 1000


def expire(state: State, now: datetime) -> int:
    """See `services.outbox.Outbox.expire`."""
    held = {envelope for lane in state.lanes.values() for envelope in lane.in_flight}
    late = sorted(
        (each.must_run_before, each.tenant_id, each.id)
        for each in state.outbox.values()
        if each.must_run_before is not None
        and each.is_late(now)
        and each.status in {Status.PENDING, Status.AWAITING_APPROVAL}
        and each.id not in held
    )[:AT_ONCE]
    for _, _, id_ in late:
        for asked in [each for each in state.approvals.values() if each.envelope_id == id_ and each.decision is None]:
            state.approvals[asked.id] = replace(asked, decision="expired", decided_by=CLOCK.id)
        change_envelope(
            state, state.outbox[id_], Status.EXPIRED, event="expired", actor=CLOCK, reason=DEADLINE_PASSED, now=now
        )
    return len(late)
