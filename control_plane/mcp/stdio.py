"""MCP over stdio, for one agent: its API token names the tenant."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Self

from mcp.server.stdio import stdio_server
from mcp.shared.message import SessionMessage

from control_plane.api.bodies import MAX_BYTES
from control_plane.api.identity import Principal, identify_agent
from control_plane.api.serve import choose_signer
from control_plane.mcp.messages import refuse_message
from control_plane.mcp.server import Context, build_server
from control_plane.settings import Settings
from services.api_tokens import PREFIX
from services.backends.open import open_access
from services.envelope import Door
from services.errors import InvalidInput, NotAuthenticated, SettingsError
from services.follow_audit_log import AuditFeed

POLL_EVERY = timedelta(milliseconds=100)
"""How often the audit log is polled while the agent waits. There may be a process for every agent, so each polls less
often than the API does."""


async def serve_stdio(settings: Settings) -> None:
    """Answer the client at stdin until stdin is closed. Raises SettingsError without a valid token."""
    secret = settings.api_token.get_secret_value() if settings.api_token else ""
    if not secret.startswith(PREFIX):
        raise SettingsError(f"ACP_API_TOKEN: must be an API token ({PREFIX}…), which names the agent and its tenant")
    async with open_access(settings.chosen_database(), sign=choose_signer(settings)) as access:

        async def identify(_: Context) -> Principal:
            """Identify the caller. Each request looks up the token, so a revoked token is refused immediately."""
            return await identify_agent(access, secret, Door.MCP)

        try:
            await identify_agent(access, secret, Door.MCP)
        except NotAuthenticated as exc:
            raise SettingsError("ACP_API_TOKEN: is unknown, revoked or expired") from exc
        feed = AuditFeed(access.operator.audit_log, poll_every=POLL_EVERY)
        server = build_server(identify, feed=feed, catalog_tools=settings.mcp_catalog_tools)
        lines = await _Lines.of_stdin()
        async with stdio_server(stdin=lines) as (requests, replies):  # type: ignore[arg-type]  # is only iterated
            lines.send.set_result(replies.send)
            await server.run(requests, replies, server.create_initialization_options())


class _Lines:
    """The lines of stdin. The SDK reads them in a thread, which no signal could end while the client says nothing."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self.send: asyncio.Future[Callable[[SessionMessage], Awaitable[None]]] = asyncio.Future()
        """Answers the lines that may not reach the SDK."""

    @classmethod
    async def of_stdin(cls) -> Self:
        reader = asyncio.StreamReader(limit=MAX_BYTES)
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        return cls(reader)

    async def __aiter__(self) -> AsyncIterator[str]:
        try:
            while line := await self._reader.readline():
                if not line.strip():
                    continue
                if (refusal := refuse_message(line)) is None:
                    yield line.decode()
                else:
                    await (await self.send)(SessionMessage(refusal))
        except ValueError as exc:
            raise InvalidInput("stdin", f"has a line of more than {MAX_BYTES:,} bytes") from exc
