"""Call a tool once and return the outcome."""

from datetime import timedelta
from typing import Protocol

from services.catalog import Tool
from services.envelope import Envelope
from services.tools import Outcome, ToolCall, Unknown


class Executor(Protocol):
    """Sends calls to tools: `services.tools.dispatch.Tools`, or a test's replacement for it."""

    async def execute(self, call: ToolCall) -> Outcome:
        """Make the call once, within `call.timeout`."""


async def execute(
    tools: Executor,
    envelope: Envelope,
    tool: Tool,
    *,
    tool_timeout: timedelta,
    traceparent: str | None,
    login_id: str | None = None,
) -> Outcome:
    """Make the envelope's call once. Raises only CancelledError; the call may have been sent by then."""
    call = ToolCall(
        envelope_id=envelope.id,
        tenant_id=envelope.tenant_id,
        tool=tool,
        arguments=envelope.arguments,
        connected_account_id=envelope.connected_account_id,
        login_id=login_id,
        timeout=tool_timeout,
        traceparent=traceparent,
    )
    try:
        return await tools.execute(call)
    except Exception as exc:  # one bad attempt must not stop the others
        return Unknown(error=f"the tool provider raised {type(exc).__name__}")
