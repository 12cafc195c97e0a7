"""A call as one JSON document: the body of a webhook and of an AMQP message."""

from datetime import datetime

import orjson

from services.tools import ToolCall
from services.untrusted import json_body


def event_body(call: ToolCall, now: datetime) -> bytes | None:
    """The call in the form of Standard Webhooks: type, timestamp, data. None when it cannot be written as JSON."""
    arguments = json_body(call.arguments)
    if arguments is None:
        return None
    event = {
        "type": call.tool.tool_slug,
        "timestamp": now,
        "data": {
            "envelope_id": call.envelope_id,
            "tenant_id": call.tenant_id,
            "tool_slug": call.tool.tool_slug,
            "arguments": orjson.Fragment(arguments),
            "connected_account_id": call.connected_account_id,
        },
    }
    try:
        return orjson.dumps(event)
    except TypeError:  # a text has a lone surrogate, which UTF-8 cannot encode
        return None
