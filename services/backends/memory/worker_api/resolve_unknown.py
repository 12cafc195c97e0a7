"""Record what a person found out about an unknown call."""

from uuid import UUID

from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.envelopes import change_envelope, move_to_dlq, require_in_outbox
from services.backends.memory.state import State
from services.envelope import Actor, Envelope, Status
from services.errors import InvalidInput, StateConflict
from services.outbox import Resolution

RESOLVED = {Resolution.SUCCESS: Status.SUCCESS, Resolution.RETRY: Status.PENDING, Resolution.FAILED: Status.FAILED}


def resolve_unknown(
    state: State, tenant: UUID, envelope: UUID, *, decision: Resolution, actor: Actor, reason: str | None
) -> Envelope:
    """See `services.outbox.Outbox.resolve`."""
    check_texts(decision=decision, **actor_texts(actor), reason=reason)
    if decision not in RESOLVED:
        raise InvalidInput("decision", f'"{decision}" is not one of success, retry, failed')
    with state.change() as now:
        found = require_in_outbox(state, tenant, envelope)
        if found.status is not Status.UNKNOWN:
            raise StateConflict("envelope", f"{found.id} is {found.status}, not unknown")
        if RESOLVED[decision] is Status.FAILED:
            return move_to_dlq(state, found, actor, reason, now)
        return change_envelope(state, found, RESOLVED[decision], event="resolved", actor=actor, reason=reason, now=now)
