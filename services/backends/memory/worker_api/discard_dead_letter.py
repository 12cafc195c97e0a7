"""Discard a dead letter: it ends as a cancelled envelope of the outbox."""

from dataclasses import replace
from uuid import UUID

from services.backends.memory.audit import append_audit, envelope_entry
from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.state import State
from services.envelope import Actor, Envelope, Status
from services.errors import InvalidInput, NotFound


def discard_dead_letter(state: State, tenant: UUID, envelope: UUID, *, actor: Actor, reason: str) -> Envelope:
    """See `services.outbox.Outbox.discard`."""
    check_texts(reason=reason, **actor_texts(actor))
    if not reason:
        raise InvalidInput("reason", "is needed to discard a dead letter")
    with state.change() as now:
        dead = state.dead_letters.pop((tenant, envelope), None)
        if dead is None:
            raise NotFound("envelope", envelope, f"no dead letter {envelope} in this tenant")
        discarded = replace(
            dead, status=Status.CANCELLED, next_run_at=now, updated_at=now, moved_at=None, doubtful=False
        )
        state.outbox[discarded.key] = discarded
        entry = envelope_entry(discarded, actor, "discarded", status=Status.CANCELLED, reason=reason)
        append_audit(state, [entry], now)
        return discarded
