"""Requeue dead letters."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from services.backends.memory.audit import append_audit, envelope_entry
from services.backends.memory.catalog import raised_risk
from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.envelopes import dead_letters_of, is_requeueable
from services.backends.memory.lanes import lane_key, wake_lanes
from services.backends.memory.state import State
from services.envelope import Actor, Envelope, Status
from services.errors import StateConflict


def requeue_dead_letters(
    state: State, *, tenant: UUID | None, envelopes: Sequence[UUID] | None, limit: int, actor: Actor
) -> list[Envelope]:
    """See `services.outbox.Outbox.requeue`."""
    check_texts(**actor_texts(actor))
    with state.change() as now:
        chosen = [
            dead
            for dead in dead_letters_of(state, tenant)
            if (is_requeueable(dead, now) if envelopes is None else dead.id in envelopes)
        ]
        for dead in chosen:
            if dead.is_late(now):
                raise StateConflict(
                    "envelope", f"the deadline of {dead.id} passed at {dead.must_run_before}; propose it again"
                )
        requeued = [
            replace(
                dead, status=Status.PENDING, attempts=0, next_run_at=now, updated_at=now, moved_at=None, doubtful=False
            )
            for dead in sorted(chosen[:limit], key=lambda dead: (dead.created_at, dead.id))
        ]
        for envelope in requeued:
            del state.dead_letters[envelope.key]
            state.settled_under.pop(envelope.key, None)
            state.outbox[envelope.key] = replace(envelope, risk=raised_risk(state, envelope))
        wake_lanes(state, [(lane_key(envelope), now) for envelope in requeued], now)
        append_audit(state, [envelope_entry(envelope, actor, "requeued") for envelope in requeued], now)
        if requeued:
            state.work_arrived.set()
        return requeued
