"""Call the tool once, and say what it did."""

from datetime import timedelta
from typing import Protocol

from services.catalog import Tool
from services.envelope import Envelope
from services.tools import Outcome, ToolCall, Unknown


class Executor(Protocol):
    """Whoever makes calls: `services.tools.registry.Tools`, or a test's own."""

    async def execute(self, call: ToolCall) -> Outcome:
        """Make the call once, within `call.timeout`."""


async def execute(
    tools: Executor,
    envelope: Envelope,
    tool: Tool,
    *,
    within: timedelta,
    traceparent: str | None,
    account_reference: str | None = None,
) -> Outcome:
    """One attempt. Raises nothing but CancelledError, after which the call may have left."""
    call = ToolCall(
        envelope_id=envelope.id,
        tenant_id=envelope.tenant_id,
        tool=tool,
        arguments=envelope.arguments,
        connected_account_id=envelope.connected_account_id,
        account_reference=account_reference,
        timeout=within,
        traceparent=traceparent,
    )
    try:
        return await tools.execute(call)
    except Exception as exc:  # one bad attempt never takes its neighbours along
        return Unknown(error=f"the tool provider broke: {type(exc).__name__}")
