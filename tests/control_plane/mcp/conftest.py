"""The API on a port, with the agents' door, and clients of the MCP SDK."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult

from control_plane.mcp.http import mount
from services.approvals.digest import call_digest
from services.catalog import ToolKey
from services.clock import utc_now
from services.outbox import Disposition, Settlement
from tests.control_plane.api.conftest import Api, api
from tests.control_plane.api.served import served

__all__ = ["api"]


@dataclass(frozen=True)
class Door:
    """The agents' door of an API."""

    api: Api
    url: str

    @asynccontextmanager
    async def connect(self, token: str | None, **options: Any) -> AsyncIterator["Agent"]:
        """A client with this token."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=60) as http,
            Client(streamable_http_client(self.url, http_client=http), **options) as client,
        ):
            yield Agent(client)

    async def token(self, *scopes: str, tenant: UUID | None = None) -> str:
        """An agent's API token."""
        agent = await self.api.as_agent(*scopes, tenant=tenant)
        assert agent.token is not None
        return agent.token


@dataclass
class Agent:
    """Calls tools, and collects the progress that it hears."""

    client: Client
    progress: list[tuple[float, str | None]] = field(default_factory=list)

    async def call(self, tool: str, **arguments: Any) -> tuple[Any, bool]:
        """The structured content, or the text of a refusal, and whether it is an error."""
        result = await self.client.call_tool(tool, arguments, progress_callback=self._hear)
        assert isinstance(result, CallToolResult)
        return result.structured_content or getattr(result.content[0], "text", None), bool(result.is_error)

    async def _hear(self, progress: float, total: float | None, message: str | None) -> None:
        assert total is None
        self.progress.append((progress, message))


@pytest.fixture
async def door(api: Api) -> AsyncIterator[Door]:  # the fixture
    """The API served by uvicorn in this process."""
    mount(api.app)
    async with served(api.app) as url:
        yield Door(api, f"{url}/mcp")


async def settle(api: Api, to: Disposition = Disposition.SUCCESS, **settled: Any) -> None:
    """Do what a worker does with the one envelope that is due."""
    outbox = api.access.operator.outbox
    [claimed] = await outbox.claim("worker", limit=1, lease_for=timedelta(minutes=1))
    settlement = Settlement(lease=claimed.lease, envelope_id=claimed.envelope.id, to=to, **settled)
    await outbox.settle("worker", [settlement])


async def ask(door: Door, envelope_id: str) -> dict[str, Any]:
    """Do as the worker does with a call that needs an approval; return the approval as reviewers see it."""
    operator = door.api.access.operator
    envelope = await operator.outbox.get(door.api.tenant, UUID(envelope_id))
    key = ToolKey(door.api.tenant, envelope.tool_slug, envelope.tool_version)
    tool = (await operator.catalog.find([key]))[key]
    await settle(
        door.api, Disposition.AWAITING_APPROVAL, reason="trust: low", digest=call_digest(envelope, tool),
        expires_at=utc_now() + timedelta(days=1),
    )  # fmt: skip
    [waiting] = (await door.api.as_user("reviewer").get("/v1/approvals")).json()["items"]
    return dict(waiting)
