"""Find catalog entries by their keys."""

from collections.abc import Iterable
from dataclasses import replace

from services.backends.memory.catalog import tools_of
from services.backends.memory.stamps import tool_stamp
from services.backends.memory.state import State
from services.backends.memory.subscriptions import subscription_tool
from services.catalog import Tool, ToolKey, ToolStatus
from services.subscriptions import TOOL_PREFIX


def find_tools(state: State, keys: Iterable[ToolKey]) -> dict[ToolKey, Tool]:
    """See `services.catalog.Catalog.find`."""
    return {
        key: replace(found, stamp=tool_stamp(state, key.tenant_id, key.tool_slug))
        for key in keys
        if (found := _find_tool(state, key)) is not None
    }


def _find_tool(state: State, key: ToolKey) -> Tool | None:
    if key.tool_slug.startswith(TOOL_PREFIX):
        subscriptions = (
            subscription for subscription in state.subscriptions.values() if subscription.tenant_id == key.tenant_id
        )
        return next(
            (
                subscription_tool(subscription)
                for subscription in subscriptions
                if subscription.tool_slug == key.tool_slug
            ),
            None,
        )
    versions = [tool for tool in tools_of(state, key.tenant_id) if tool.tool_slug == key.tool_slug]
    if key.version is None:
        found = next((tool for tool in versions if tool.status is not ToolStatus.RETIRED), None)
    else:
        found = next((tool for tool in versions if tool.version == key.version), None)
    if found is None or found.status not in {ToolStatus.DRIFTED, ToolStatus.QUARANTINED}:
        return found
    replacement = next((tool for tool in versions if tool.status is ToolStatus.QUARANTINED), None)
    return replace(found, drifted_to=replacement.schema_hash if replacement else None)
