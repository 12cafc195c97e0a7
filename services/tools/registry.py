"""The way out: each call goes to the provider its tool names, and always comes back as an outcome."""

from __future__ import annotations

import asyncio
import logging
import traceback
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Self

from services.catalog import PROVIDERS
from services.errors import NotFound
from services.tools import Failed, Outcome, Success, ToolCall, ToolProvider, Unknown
from services.tools.http.provider import HttpProvider
from services.tools.known_secrets import KnownSecrets
from services.tools.outgoing import AllowedHosts
from services.tools.redact import redacted
from services.untrusted import one_line, storable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from types import TracebackType

    from pydantic import SecretStr

    from services.accounts import AccountHealth
    from services.catalog import ListedTool
    from services.tools.amqp.broker import BrokerSettings
    from services.tools.amqp.provider import AmqpProvider
    from services.tools.composio.provider import ComposioProvider
    from services.tools.mcp.provider import McpProvider
    from services.tools.mcp.server import ServerSettings

logger = logging.getLogger(__name__)


class Tools:
    """All providers behind one `execute`. Use it as an async context manager; connections and children end with it."""

    def __init__(
        self,
        *,
        http_secrets: Mapping[str, SecretStr],
        mcp_servers: Mapping[str, ServerSettings],
        amqp_brokers: Mapping[str, BrokerSettings] | None = None,
        composio_api_key: SecretStr | None = None,
        composio_base_url: str | None = None,
        allowed_hosts: Sequence[str] = (),
        known_secrets: Iterable[str] = (),
        concurrency: int,
    ) -> None:
        """`concurrency` is how many calls may be under way at once; no outcome holds one of `known_secrets`."""
        self._known_secrets = KnownSecrets(known_secrets)
        self.on_tools_changed: Callable[[str, str], None] | None = None
        """Told provider and source when a source says that its tools have changed. Only MCP servers can, and only while
        a session with them is open: from the first call or listing on."""
        self._http = HttpProvider(
            http_secrets, concurrency=concurrency, allowed_hosts=AllowedHosts(tuple(allowed_hosts))
        )
        self._mcp_servers = mcp_servers
        self._amqp_brokers = amqp_brokers or {}
        self._composio_api_key = composio_api_key
        self._composio_base_url = composio_base_url
        self._concurrency = concurrency
        self._mcp: McpProvider | None = None
        self._amqp: AmqpProvider | None = None
        self._composio: ComposioProvider | None = None
        self._loading = asyncio.Lock()
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
                return Failed(error=one_line(f"provider: {_unknown(call.tool.provider)}"), retryable=False)
            return _without_secrets(call, await provider.execute(call), self._known_secrets)
        except Exception as exc:  # one attempt never takes its neighbours along
            at = traceback.extract_tb(exc.__traceback__)[-1]
            # The place, not the words: an exception's words may quote arguments.
            logger.error("provider error: %s at %s:%s", type(exc).__name__, at.filename, at.lineno)  # noqa: TRY400
            return Unknown(error=f"provider error: {type(exc).__name__}")

    async def list_tools(self, provider: str, source: str) -> list[ListedTool]:
        """Every tool that a source of this provider offers now. Raises NotFound or NotReady."""
        return await (await self._known(provider)).list_tools(source)

    async def health(self, provider: str, source: str) -> str | None:
        """None when the source is well, else what is wrong, in a line. Raises NotFound for an unknown provider."""
        return await (await self._known(provider)).health(source)

    async def account_health(self, account_id: str) -> AccountHealth:
        """What Composio says of an account it keeps for us. Raises NotFound or NotReady."""
        return await (await self._load_composio()).account(account_id)

    def _tell_changed(self, provider: str, source: str) -> None:
        if self.on_tools_changed is not None:
            self.on_tools_changed(provider, source)

    async def _known(self, name: str) -> ToolProvider:
        provider = await self._provider(name)
        if provider is None:
            raise NotFound("provider", name, _unknown(name))
        return provider

    async def _provider(self, name: str) -> ToolProvider | None:
        match name:
            case "http":
                return self._http
            case "mcp":
                return await self._load_mcp()
            case "composio":
                return await self._load_composio()
            case "amqp":
                return await self._load_amqp()
            case _:
                return None

    # Each SDK is loaded in a thread, when a call needs it: leases are renewed meanwhile, and many workers never do.

    async def _load_mcp(self) -> McpProvider:
        async with self._loading:
            if self._mcp is None:
                provider = await asyncio.to_thread(_import_mcp)
                self._mcp = await self._open.enter_async_context(
                    provider(self._mcp_servers, on_tools_changed=partial(self._tell_changed, "mcp"))
                )
            return self._mcp

    async def _load_composio(self) -> ComposioProvider:
        async with self._loading:
            if self._composio is None:
                provider = await asyncio.to_thread(_import_composio)
                self._composio = await self._open.enter_async_context(
                    provider(self._composio_api_key, base_url=self._composio_base_url, concurrency=self._concurrency)
                )
            return self._composio

    async def _load_amqp(self) -> AmqpProvider:
        async with self._loading:
            if self._amqp is None:
                provider = await asyncio.to_thread(_import_amqp)
                self._amqp = await self._open.enter_async_context(provider(self._amqp_brokers))
            return self._amqp


def _without_secrets(call: ToolCall, outcome: Outcome, known: KnownSecrets) -> Outcome:
    """Before anything of it is kept: what `config.output_schema` calls secret, what `config.redact` points to, and what
    this installation knows to be one, wherever it stands."""
    if not isinstance(outcome, Success):
        return replace(outcome, error=known.hide_in_line(outcome.error))
    config = call.tool.config
    schema, pointers = config.get("output_schema"), config.get("redact", ())
    hidden = known.hide(redacted(outcome.result, schema, pointers) if schema or pointers else outcome.result)
    return outcome if hidden == outcome.result else Success(result=storable(hidden))  # which may be longer now


def _unknown(name: str) -> str:
    return f"{name!r} is not one of {', '.join(PROVIDERS)}"


def _import_mcp() -> type[McpProvider]:
    from services.tools.mcp.provider import McpProvider  # noqa: PLC0415  # heavy

    return McpProvider


def _import_composio() -> type[ComposioProvider]:
    from services.tools.composio.provider import ComposioProvider  # noqa: PLC0415  # as above

    return ComposioProvider


def _import_amqp() -> type[AmqpProvider]:
    from services.tools.amqp.provider import AmqpProvider  # noqa: PLC0415  # as above

    return AmqpProvider
