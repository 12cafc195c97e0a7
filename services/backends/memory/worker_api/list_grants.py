"""The grants of a tenant."""

from uuid import UUID

from services.backends.memory.state import State
from services.grants import Grant


def list_grants(state: State, tenant: UUID, *, ended: bool) -> list[Grant]:
    """See `services.grants.Grants.list_grants`."""
    now = state.clock()
    found = [grant for key, grant in state.grants.items() if key[0] == tenant and (ended or grant.is_open(now))]
    found.sort(key=lambda grant: grant.id)
    found.sort(key=lambda grant: grant.issued_at, reverse=True)
    return found[:1000]
