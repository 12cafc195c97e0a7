"""Pass each call to the provider that its tool names, and return an outcome whatever happens."""

import asyncio
import logging
import traceback
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from functools import partial
from types import TracebackType
from typing import Any, Self, cast

from pydantic import BaseModel

from services.accounts import AccountHealth
from services.catalog import ListedTool
from services.distribution import require
from services.errors import NotFound, NotReady
from services.tools import AccountKeeper, Failed, Outcome, Success, ToolCall, ToolLister, ToolProvider, Unknown
from services.tools.known_secrets import KnownSecrets
from services.tools.redact import redact_document
from services.tools.registry import ACCOUNT_KEEPER, PROVIDERS, unknown_provider
from services.tools.spec import ProviderContext, ProviderSpec
from services.untrusted import one_line, storable

logger = logging.getLogger(__name__)

MISSING_SDK_RETRY_AFTER = timedelta(minutes=1)
"""The wait before a call is tried again if the SDK of its provider is not installed here: another worker may have
it."""


class Tools:
    """All providers behind one `execute`. An async context manager: its exit ends connections and child processes."""

    def __init__(self, *settings: BaseModel, known_secrets: Iterable[str] = (), concurrency: int) -> None:
        """`settings` are those of providers, such as McpSettings; each provider that finds none gets the defaults.

        At most `concurrency` calls run at the same time. `known_secrets` are removed from every outcome.
        """
        self._settings = settings
        self._known_secrets = KnownSecrets(known_secrets)
        self.on_tools_changed: Callable[[str, str], None] | None = None
        """Called with provider and source when a source reports that its tools have changed. A source reports only
        while a session with it is open: from the first call or listing on."""
        self._concurrency = concurrency
        self._providers: dict[str, ToolProvider] = {}
        self._load_lock = asyncio.Lock()
        self._exit_stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        for spec in PROVIDERS.values():
            if spec.extra is None:
                await self._open_provider(spec)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exit_stack.aclose()

    async def execute(self, call: ToolCall) -> Outcome:
        """Make the call once, within `call.timeout`; the first call that needs an SDK also waits until it is loaded.

        Raises nothing but CancelledError. An error in a provider gives Unknown, because the call may have been sent
        before the error.
        """
        try:
            try:
                provider = await self._load_provider(call.tool.provider)
            except NotReady as exc:
                return Failed(error=one_line(str(exc)), retryable=True, held=True, retry_after=MISSING_SDK_RETRY_AFTER)
            if provider is None:
                return Failed(error=one_line(f"provider: {unknown_provider(call.tool.provider)}"), retryable=False)
            return _redact_secrets(call, await provider.execute(call), self._known_secrets)
        except Exception as exc:  # an error in one attempt must not end the others
            at = traceback.extract_tb(exc.__traceback__)[-1]
            # Log where the error was raised, without its message, which may quote arguments.
            logger.error("provider error: %s at %s:%s", type(exc).__name__, at.filename, at.lineno)  # noqa: TRY400
            return Unknown(error=f"provider error: {type(exc).__name__}")

    async def list_tools(self, provider: str, source: str) -> list[ListedTool]:
        """Every tool that a source of this provider offers now. Raises NotFound or NotReady."""
        return await (await self._require_lister(provider)).list_tools(source)

    async def health(self, provider: str, source: str) -> str | None:
        """None when the source works, else one line with the problem. Raises NotFound for an unknown provider."""
        try:
            found = await self._require_lister(provider)
        except NotReady as exc:
            return str(exc)
        return await found.health(source)

    async def account_health(self, account_id: str) -> AccountHealth:
        """The state of an account. `account_id` is the account's id at the provider that keeps accounts.

        Raises NotFound or NotReady.
        """
        provider = await self._require_provider(ACCOUNT_KEEPER)
        return await cast(AccountKeeper, provider).account(account_id)

    async def _require_lister(self, name: str) -> ToolLister:
        provider = await self._require_provider(name)
        if PROVIDERS[name].source_help is None:
            raise NotFound("provider", name, f"{name} cannot list its tools")
        return cast(ToolLister, provider)

    def _report_changed_tools(self, provider: str, source: str) -> None:
        if self.on_tools_changed is not None:
            self.on_tools_changed(provider, source)

    async def _require_provider(self, name: str) -> ToolProvider:
        provider = await self._load_provider(name)
        if provider is None:
            raise NotFound("provider", name, unknown_provider(name))
        return provider

    async def _load_provider(self, name: str) -> ToolProvider | None:
        """Open the provider if it is not open yet. None for an unknown name.

        An SDK is imported when the first call needs it, since many workers need none. If it is not installed, NotReady
        names the package extra.
        """
        if name not in self._providers and name in PROVIDERS:
            async with self._load_lock:
                if name not in self._providers:
                    await self._open_provider(PROVIDERS[name])
        return self._providers.get(name)

    async def _open_provider(self, spec: ProviderSpec[Any]) -> None:
        if spec.extra is not None:
            require(spec.extra)
        settings = next(
            (candidate for candidate in self._settings if isinstance(candidate, spec.settings)), spec.settings()
        )
        context = ProviderContext(
            concurrency=self._concurrency, on_tools_changed=partial(self._report_changed_tools, spec.name)
        )
        # in a thread, so that leases are renewed while an SDK is imported
        built = await asyncio.to_thread(spec.build, settings, context)
        self._providers[spec.name] = await self._exit_stack.enter_async_context(built)


def _redact_secrets(call: ToolCall, outcome: Outcome, known: KnownSecrets) -> Outcome:
    """The outcome without secrets, before it is stored: values that `config.output_schema` marks as secret, values that
    `config.redact` points to, and this installation's own secrets anywhere in it."""
    if not isinstance(outcome, Success):
        return replace(outcome, error=known.hide_in_line(outcome.error))
    config = call.tool.config
    schema, pointers = config.get("output_schema"), config.get("redact", ())
    hidden = known.hide(redact_document(outcome.result, schema, pointers) if schema or pointers else outcome.result)
    # `storable` checks the size again, because redaction may have made the result longer.
    return outcome if hidden == outcome.result else Success(result=storable(hidden))
