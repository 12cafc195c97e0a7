"""Tools and calls with defaults for everything that a test does not name."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from services.catalog import Tool
from services.tools import ToolCall

TENANT = UUID("00000000-0000-4000-8000-000000000001")


def a_tool(
    *,
    provider: str = "http",
    config: Mapping[str, Any] | None = None,
    slug: str = "CRM__notes.create",
    idempotent: bool = False,
) -> Tool:
    return Tool(
        tenant_id=TENANT, tool_slug=slug, version="1", provider=provider, config=config or {}, idempotent=idempotent
    )


def a_call(
    tool: Tool,
    *,
    arguments: Mapping[str, Any] | None = None,
    envelope_id: UUID | None = None,
    seconds: float = 60,
    traceparent: str | None = None,
    account: str | None = "acc-1",
) -> ToolCall:
    return ToolCall(
        envelope_id=envelope_id or uuid4(),
        tenant_id=TENANT,
        tool=tool,
        arguments=arguments if arguments is not None else {"text": "hello"},
        connected_account_id=account,
        timeout=timedelta(seconds=seconds),
        traceparent=traceparent,
    )
