"""List every version of a tenant's tools."""

from uuid import UUID

from services.backends.memory.catalog import tools_of
from services.backends.memory.state import State
from services.catalog import Tool


def list_tools(state: State, tenant: UUID) -> list[Tool]:
    """See `services.catalog.Catalog.list_tools`."""
    return tools_of(state, tenant)
