"""Expire waiting envelopes whose deadline has passed."""

from dataclasses import replace

from services.approvals import ApprovalDecision
from services.backends.memory.approvals import close_approval
from services.backends.memory.audit import append_audit, envelope_entry
from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.lanes import ordering_key, wake_successors
from services.backends.memory.state import State
from services.envelope import DEADLINE_PASSED, WAITING_STATUSES, Actor, Status

MAX_PER_CALL = 1000
"""The most envelopes that one call lets expire."""


def expire_envelopes(state: State, *, actor: Actor) -> int:
    """See `services.outbox.Outbox.expire`."""
    check_texts(**actor_texts(actor))
    with state.change() as now:
        in_flight = {(tenant, id_) for (tenant, _), lane in state.lanes.items() for id_ in lane.in_flight}
        late = sorted(
            (envelope.must_run_before, envelope.key)
            for envelope in state.outbox.values()
            if envelope.must_run_before is not None
            and envelope.is_late(now)
            and envelope.status in WAITING_STATUSES
            and envelope.key not in in_flight
        )[:MAX_PER_CALL]
        expired = [
            replace(state.outbox[key], status=Status.EXPIRED, updated_at=now) for key in sorted(key for _, key in late)
        ]
        for envelope in expired:
            state.outbox[envelope.key] = envelope
            close_approval(state, envelope.key, decision=ApprovalDecision.EXPIRED, by=actor.id, now=now)
        wake_successors(state, expired, now)
        if any(ordering_key(envelope) is not None for envelope in expired):
            state.work_arrived.set()
        append_audit(
            state,
            [
                envelope_entry(envelope, actor, "expired", status=Status.EXPIRED, reason=DEADLINE_PASSED)
                for envelope in expired
            ],
            now,
        )
        return len(expired)
