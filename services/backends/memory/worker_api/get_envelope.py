"""One envelope, alive or dead."""

from uuid import UUID

from services.backends.memory.state import State
from services.envelope import Envelope
from services.errors import NotFound


def get_envelope(state: State, tenant: UUID, envelope: UUID) -> Envelope:
    """See `services.outbox.Outbox.get`."""
    held = state.outbox.get((tenant, envelope)) or state.dead_letters.get((tenant, envelope))
    if held is None:
        raise NotFound("envelope", envelope, f"no {envelope} in tenant {tenant}")
    return held
