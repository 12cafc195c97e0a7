"""Stamps of policies and tools: two equal stamps mean equal content. See
`db/functions/app_private/policy_stamp.sql`."""

from uuid import UUID

from services.backends.memory.catalog import tools_of
from services.backends.memory.state import State


def stamp_of(*content: object) -> str:
    """A text that differs when the content differs."""
    return str(hash(repr(content)))


def tool_stamp(state: State, tenant: UUID, tool_slug: str) -> str:
    """The stamp of this tool, even if the tenant has no such tool."""
    entries = [tool for tool in tools_of(state, tenant) if tool.tool_slug == tool_slug]
    subscriptions = [
        subscription
        for subscription in state.subscriptions.values()
        if (subscription.tenant_id, subscription.tool_slug) == (tenant, tool_slug)
    ]
    return stamp_of(entries, subscriptions)
