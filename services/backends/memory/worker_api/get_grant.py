"""One grant of a tenant."""

from uuid import UUID

from services.backends.memory.state import State
from services.errors import NotFound
from services.grants import Grant


def get_grant(state: State, tenant: UUID, id: UUID) -> Grant:  # noqa: A002
    """See `services.grants.Grants.get`."""
    grant = state.grants.get((tenant, id))
    if grant is None:
        raise NotFound("grant", id)
    return grant
