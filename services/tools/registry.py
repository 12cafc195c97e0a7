"""Pass each call to the provider that its tool names, and return an outcome whatever happens."""

from __future__ import annotations

import asyncio
import logging
import traceback
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Self

from services.catalog import PROVIDERS
from services.distribution import require
from services.errors import NotFound, NotReady
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

MISSING_SDK_RETRY_AFTER = timedelta(minutes=1)
"""For a call that needs an SDK which this installation lacks: another worker may have it."""


class Tools:
    """All providers behind one `execute`. An async context manager: its exit ends connections and child processes."""

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
        """At most `concurrency` calls run at the same time. `known_secrets` are removed from every outcome."""
        self._known_secrets = KnownSecrets(known_secrets)
        self.on_tools_changed: Callable[[str, str], None] | None = None
        """Called with provider and source when a source reports that its tools have changed. Only MCP servers do, and
        only while a session with them is open: from the first call or listing on."""
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
        self._load_lock = asyncio.Lock()
        self._exit_stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._exit_stack.enter_async_context(self._http)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exit_stack.aclose()

    async def execute(self, call: ToolCall) -> Outcome:
        """Make the call once, within `call.timeout`; the first call that needs an SDK also waits until it is loaded.

        Raises nothing but CancelledError. An error in a provider gives Unknown: the call may have been sent before it.
        """
        try:
            try:
                provider = await self._load_provider(call.tool.provider)
            except NotReady as exc:
                return Failed(error=one_line(str(exc)), retryable=True, held=True, retry_after=MISSING_SDK_RETRY_AFTER)
            if provider is None:
                return Failed(error=one_line(f"provider: {_unknown_provider(call.tool.provider)}"), retryable=False)
            return _redact_secrets(call, await provider.execute(call), self._known_secrets)
        except Exception as exc:  # an error in one attempt must not end the others
            at = traceback.extract_tb(exc.__traceback__)[-1]
            # Log where it happened, not its message: that may quote arguments.
            logger.error("provider error: %s at %s:%s", type(exc).__name__, at.filename, at.lineno)  # noqa: TRY400
            return Unknown(error=f"provider error: {type(exc).__name__}")

    async def list_tools(self, provider: str, source: str) -> list[ListedTool]:
        """Every tool that a source of this provider offers now. Raises NotFound or NotReady."""
        return await (await self._require_provider(provider)).list_tools(source)

    async def health(self, provider: str, source: str) -> str | None:
        """None when the source works, else one line with the problem. Raises NotFound for an unknown provider."""
        try:
            found = await self._require_provider(provider)
        except NotReady as exc:
            return str(exc)
        return await found.health(source)

    async def account_health(self, account_id: str) -> AccountHealth:
        """The state of an account at Composio; `account_id` is Composio's. Raises NotFound or NotReady."""
        return await (await self._load_composio()).account(account_id)

    def _report_changed_tools(self, provider: str, source: str) -> None:
        if self.on_tools_changed is not None:
            self.on_tools_changed(provider, source)

    async def _require_provider(self, name: str) -> ToolProvider:
        provider = await self._load_provider(name)
        if provider is None:
            raise NotFound("provider", name, _unknown_provider(name))
        return provider

    async def _load_provider(self, name: str) -> ToolProvider | None:
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

    # Each SDK is imported when the first call needs it, since many workers need none, and in a thread, so that leases
    # are renewed meanwhile. If it is not installed, NotReady names the package extra.

    async def _load_mcp(self) -> McpProvider:
        async with self._load_lock:
            if self._mcp is None:
                provider = await asyncio.to_thread(_import_mcp)
                self._mcp = await self._exit_stack.enter_async_context(
                    provider(self._mcp_servers, on_tools_changed=partial(self._report_changed_tools, "mcp"))
                )
            return self._mcp

    async def _load_composio(self) -> ComposioProvider:
        async with self._load_lock:
            if self._composio is None:
                provider = await asyncio.to_thread(_import_composio)
                self._composio = await self._exit_stack.enter_async_context(
                    provider(self._composio_api_key, base_url=self._composio_base_url, concurrency=self._concurrency)
                )
            return self._composio

    async def _load_amqp(self) -> AmqpProvider:
        async with self._load_lock:
            if self._amqp is None:
                provider = await asyncio.to_thread(_import_amqp)
                self._amqp = await self._exit_stack.enter_async_context(provider(self._amqp_brokers))
            return self._amqp


def _redact_secrets(call: ToolCall, outcome: Outcome, known: KnownSecrets) -> Outcome:
    """The outcome without secrets, before it is stored: values that `config.output_schema` marks as secret, values that
    `config.redact` points to, and this installation's own secrets anywhere in it."""
    if not isinstance(outcome, Success):
        return replace(outcome, error=known.hide_in_line(outcome.error))
    config = call.tool.config
    schema, pointers = config.get("output_schema"), config.get("redact", ())
    hidden = known.hide(redacted(outcome.result, schema, pointers) if schema or pointers else outcome.result)
    return outcome if hidden == outcome.result else Success(result=storable(hidden))  # it may be longer now


def _unknown_provider(name: str) -> str:
    return f"{name!r} is not one of {', '.join(PROVIDERS)}"


def _import_mcp() -> type[McpProvider]:
    require("mcp")
    from services.tools.mcp.provider import McpProvider  # noqa: PLC0415  # heavy

    return McpProvider


def _import_composio() -> type[ComposioProvider]:
    require("composio")
    from services.tools.composio.provider import ComposioProvider  # noqa: PLC0415  # heavy

    return ComposioProvider


def _import_amqp() -> type[AmqpProvider]:
    require("amqp")
    from services.tools.amqp.provider import AmqpProvider  # noqa: PLC0415  # heavy

    return AmqpProvider
