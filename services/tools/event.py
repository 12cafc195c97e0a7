"""A call as one JSON document: what a webhook's body is, and a message's."""

from datetime import datetime
from typing import Any

from services.tools import ToolCall


def event_of(call: ToolCall, now: datetime) -> dict[str, Any]:
    """In the shape that Standard Webhooks asks for: type, timestamp, data."""
    return {
        "type": call.tool.tool_slug,
        "timestamp": now.isoformat(),
        "data": {
            "envelope_id": str(call.envelope_id),
            "tenant_id": str(call.tenant_id),
            "tool_slug": call.tool.tool_slug,
            "arguments": call.arguments,
            "connected_account_id": call.connected_account_id,
        },
    }
