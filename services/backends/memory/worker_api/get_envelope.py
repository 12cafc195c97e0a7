"""Get an envelope from the outbox or the dead-letter queue."""

from uuid import UUID

from services.backends.memory.state import State
from services.envelope import Envelope
from services.errors import NotFound


def get_envelope(state: State, tenant: UUID, envelope: UUID) -> Envelope:
    """See `services.outbox.Outbox.get`."""
    found = state.outbox.get((tenant, envelope)) or state.dead_letters.get((tenant, envelope))
    if found is None:
        raise NotFound("envelope", envelope, f"no {envelope} in tenant {tenant}")
    return found
