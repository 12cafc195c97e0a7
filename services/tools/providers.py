"""The way out: each call goes to the provider its tool names, and always comes back as an outcome."""

from __future__ import annotations

import asyncio
import logging
import traceback
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Self

from services.errors import NotFound
from services.tools import Failed, ListedTool, Outcome, ToolCall, ToolProvider, Unknown
from services.tools.answers import one_line
from services.tools.http import HttpProvider

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from pydantic import SecretStr

    from services.tools.composio import ComposioProvider
    from services.tools.mcp import McpProvider
    from services.tools.mcp_child import ServerCommand

logger = logging.getLogger(__name__)


class Tools:
    """All providers behind one `execute`. Use it as an async context manager; connections and children end with it."""

    def __init__(
        self,
        *,
        http_secrets: Mapping[str, SecretStr],
        mcp_servers: Mapping[str, ServerCommand],
        composio_api_key: SecretStr | None = None,
        composio_base_url: str | None = None,
        concurrency: int,
    ) -> None:
        """`concurrency` is how many calls may be under way at once."""
        self._http = HttpProvider(http_secrets, concurrency=concurrency)
        self._mcp_servers = mcp_servers
        self._mcp: McpProvider | None = None
        self._mcp_lock = asyncio.Lock()
        self._composio_api_key = composio_api_key
        self._composio_base_url = composio_base_url
        self._composio: ComposioProvider | None = None
        self._composio_lock = asyncio.Lock()
        self._concurrency = concurrency
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._open.enter_async_context(self._http)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    async def execute(self, call: ToolCall) -> Outcome:
        """Make the call once, within `call.timeout`; the first call over an SDK adds the time it takes to load.

        Raises nothing but CancelledError: a bug in a provider is an Unknown, since nobody can say what it did first.
        """
        try:
            provider = await self._provider(call.tool.provider)
            if provider is None:
                known = one_line(f"provider: {call.tool.provider!r} is not one of http, mcp, composio")
                return Failed(error=known, retryable=False)
            return await provider.execute(call)
        except Exception as exc:  # one attempt never takes its neighbours along
            at = traceback.extract_tb(exc.__traceback__)[-1]
            # The place, not the words: an exception's words may quote arguments.
            logger.error("provider error: %s at %s:%s", type(exc).__name__, at.filename, at.lineno)  # noqa: TRY400
            return Unknown(error=f"provider error: {type(exc).__name__}")

    async def list_tools(self, provider: str, source: str) -> list[ListedTool]:
        """Every tool that a source of this provider offers now. Raises NotFound or NotReady."""
        match provider:
            case "mcp":
                return await (await self._load_mcp()).list_tools(source)
            case _:
                raise NotFound(f"provider: {provider!r} lists no tools; it is not one of mcp")

    async def _provider(self, name: str) -> ToolProvider | None:
        match name:
            case "http":
                return self._http
            case "mcp":
                return await self._load_mcp()
            case "composio":
                return await self._load_composio()
            case _:
                return None

    async def _load_mcp(self) -> McpProvider:
        async with self._mcp_lock:
            if self._mcp is None:
                # In a thread: leases are renewed while the SDK loads.
                provider = await asyncio.to_thread(_import_mcp)
                self._mcp = await self._open.enter_async_context(provider(self._mcp_servers))
            return self._mcp

    async def _load_composio(self) -> ComposioProvider:
        async with self._composio_lock:
            if self._composio is None:
                provider = await asyncio.to_thread(_import_composio)
                self._composio = await self._open.enter_async_context(
                    provider(self._composio_api_key, base_url=self._composio_base_url, concurrency=self._concurrency)
                )
            return self._composio


def _import_mcp() -> type[McpProvider]:
    from services.tools.mcp import McpProvider  # noqa: PLC0415  # heavy, and many workers never need it

    return McpProvider


def _import_composio() -> type[ComposioProvider]:
    from services.tools.composio import ComposioProvider  # noqa: PLC0415  # as above

    return ComposioProvider
