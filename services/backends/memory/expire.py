"""End what waits past its deadline: what `db/functions/worker_api/expire_envelopes.sql` does."""

from dataclasses import replace
from datetime import datetime

from services.backends.memory.audit import append_audit, envelope_entry
from services.backends.memory.lanes import ordering_key, wake_successors
from services.backends.memory.state import State
from services.envelope import DEADLINE_PASSED, Actor, Status

AT_ONCE = 1000


def expire(state: State, actor: Actor, now: datetime) -> int:
    """See `services.outbox.Outbox.expire`."""
    held = {(tenant, id_) for (tenant, _), lane in state.lanes.items() for id_ in lane.in_flight}
    late = sorted(
        (each.must_run_before, each.key)
        for each in state.outbox.values()
        if each.must_run_before is not None
        and each.is_late(now)
        and each.status in {Status.PENDING, Status.AWAITING_APPROVAL}
        and each.key not in held
    )[:AT_ONCE]
    ended = [
        replace(state.outbox[key], status=Status.EXPIRED, updated_at=now) for key in sorted(key for _, key in late)
    ]
    state.outbox.update({envelope.key: envelope for envelope in ended})
    for asked in list(state.approvals.values()):
        if asked.decision is None and state.outbox[asked.tenant_id, asked.envelope_id].status is Status.EXPIRED:
            state.approvals[asked.id] = replace(asked, decision="expired", decided_by=actor.id)
    wake_successors(state, ended, now)
    if any(ordering_key(envelope) is not None for envelope in ended):
        state.woken.set()
    append_audit(
        state,
        [envelope_entry(each, actor, "expired", status=Status.EXPIRED, reason=DEADLINE_PASSED) for each in ended],
        now,
    )
    return len(ended)
