"""Calls that leave through Composio: a POST to its API, which then acts under a login that it keeps.

The SDK here is `composio-client`, with which the `composio` package itself makes its calls. It can be awaited, so a
deadline holds and a cancelled call is gone; `composio` cannot, and brings telemetry, websockets and openai along. Its
retries are off, since the worker alone decides what goes again, and no answer reaches it: it would read each to its
end and believe any shape.

Importing this module takes half a second, which `services.tools.registry` waits with until a call needs it.
"""

import asyncio
import logging
import re
from datetime import timedelta
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import composio_client.resources  # noqa: F401  # now, else the SDK loads it while the event loop waits
from composio_client import AsyncComposio
from pydantic import SecretStr

from services.accounts import AccountHealth
from services.catalog import ListedTool
from services.clock import Clock, utc_now
from services.errors import NotFound, NotReady
from services.tools import Failed, Outcome, ToolCall
from services.tools.composio.answers import AccountAnswer, Page, health_of, listed, outcome, parsed, said_of
from services.tools.composio.wire import Ask, Exchange, Reader, exchanged
from services.tools.http.connection import READ_AT_MOST
from services.untrusted import json_body, one_line, texts_in

HEAR_AT_MOST = 16 * READ_AT_MOST
"""Bytes of an answer after which we hang up. A call keeps READ_AT_MOST of them; a listing may need all."""
LISTS_WITHIN = timedelta(seconds=30)
LOOKS_WITHIN = timedelta(seconds=10)
MOST_PAGES = 100

_PAGE = 100
_NO_KEY = "ACP_COMPOSIO_API_KEY is not set: give it the key of a Composio project"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,200}")
"""How Composio names things. Anything else could be the path to another thing."""


class ComposioProvider:
    """Tools of Composio's toolkits. Use it as an async context manager. Each request has a connection of its own.

    `config.tool` is Composio's slug, such as `GMAIL_SEND_EMAIL`, and `config.version` its version; without one it is
    the latest. A catalog filled from `list_tools` names both. Without `config.tool` the slug is ours in capitals, `_`
    standing for all that is no letter or digit: `GMAIL__send.email` means the same tool. `config.user_id` says in
    whose name: the tenant's id unless given.

    The account is Composio's, such as `ca_…`: what `metadata.composio_id` says of ours, else the id that the envelope
    names. One of ours without the former is refused: Composio would pick another one of that user's.
    """

    def __init__(
        self, api_key: SecretStr | None, *, base_url: str | None = None, concurrency: int, clock: Clock = utc_now
    ) -> None:
        """Without `base_url` it is the SDK's own."""
        self._api_key = api_key.get_secret_value() if api_key else ""
        self._base_url = base_url
        self._concurrency = concurrency
        self._clock = clock
        self._api: AsyncComposio | None = None
        # COMPOSIO_LOG=debug would have it write the arguments of every call.
        logging.getLogger("composio_client").setLevel(logging.WARNING)

    async def __aenter__(self) -> Self:
        self._api = AsyncComposio(
            api_key=self._api_key,
            base_url=self._base_url,
            environment="production",  # else COMPOSIO_BASE_URL would decide where our key goes
            max_retries=0,
            default_headers={"accept-encoding": "identity", "user-agent": "agent-control-plane"},
            http_client=Reader(concurrency=self._concurrency),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        api, self._api = self._api, None
        if api is not None:
            await api.close()

    async def execute(self, call: ToolCall) -> Outcome:
        """Have Composio execute the tool once, within `call.timeout`.

        The idempotency key goes along as a header, which Composio does not promise to honour.
        """
        api = self._ready()
        if isinstance(api, Failed):
            return api
        slug, named = _slug(call), _named(call)
        if isinstance(slug, Failed):
            return slug
        if isinstance(named, Failed):
            return named
        if json_body(call.arguments) is None:
            return _final("arguments: they cannot be written as JSON")
        exchange = await exchanged(
            api,
            lambda api: api.tools.with_raw_response.execute(
                slug,
                arguments=dict(call.arguments),
                **named,
                extra_headers={"idempotency-key": str(call.envelope_id)},
            ),
            within=call.timeout,
            keep=READ_AT_MOST,
            hear=HEAR_AT_MOST,
        )
        return outcome(call, exchange, hidden=[self._api_key, *texts_in(call.arguments)], now=self._clock())

    async def list_tools(self, source: str) -> list[ListedTool]:
        """Every tool of a toolkit such as `gmail`, in its latest version. Raises NotFound or NotReady."""
        tools: list[ListedTool] = []
        cursor: str | None = None
        left = HEAR_AT_MOST
        try:
            async with asyncio.timeout(LISTS_WITHIN.total_seconds()):
                for _ in range(MOST_PAGES):
                    page, heard = await self._page(source, cursor, limit=_PAGE, within=LISTS_WITHIN, keep=left)
                    tools += [listed(item) for item in page.items]
                    cursor, left = page.next_cursor, left - heard
                    if not cursor:
                        return tools
        except TimeoutError as exc:
            within = f"{LISTS_WITHIN.total_seconds():g} s"
            raise NotReady(f"Composio did not list the tools of {source!r} within {within}") from exc
        # Not a part of them: the others would look as if they were gone.
        raise NotReady(f"Composio lists more than {MOST_PAGES} pages of tools for {source!r}")

    async def health(self, source: str) -> str | None:
        """None when our key opens the toolkit, else one line that says what is wrong."""
        try:
            await self._page(source, None, limit=1, within=LOOKS_WITHIN, keep=READ_AT_MOST)
        except (NotFound, NotReady) as exc:
            return str(exc)
        return None

    async def account(self, account_id: str) -> AccountHealth:
        """How an account that Composio keeps is doing; the id is Composio's. Raises NotFound or NotReady.

        Never `expiring`: Composio renews a login by itself, and tells only of one that it could not renew.
        """
        missing = NotFound(
            "account",
            account_id,
            one_line(f"Composio has no account {account_id!r}: look at the account's metadata.composio_id"),
        )
        if not _NAME.fullmatch(account_id):
            raise missing
        exchange = await self._look(
            lambda api: api.connected_accounts.with_raw_response.retrieve(account_id),
            missing,
            within=LOOKS_WITHIN,
            keep=READ_AT_MOST,
        )
        return health_of(parsed(AccountAnswer, exchange))

    async def _page(
        self, source: str, cursor: str | None, *, limit: int, within: timedelta, keep: int
    ) -> tuple[Page, int]:
        """One page, and how many bytes it took."""
        missing = NotFound(
            "source", source, one_line(f"Composio has no tools in a toolkit {source!r}: look at its list of toolkits")
        )
        if not _NAME.fullmatch(source):
            raise missing
        onward: dict[str, Any] = {"cursor": cursor} if cursor else {}
        exchange = await self._look(
            lambda api: api.tools.with_raw_response.list(
                toolkit_slug=source, toolkit_versions="latest", limit=limit, **onward
            ),
            missing,
            within=within,
            keep=keep,
        )
        page = parsed(Page, exchange)
        if not page.items and not cursor:
            raise missing
        return page, exchange.heard

    async def _look(self, ask: Ask, missing: NotFound, *, within: timedelta, keep: int) -> Exchange:
        """Ask for something that is there; raises `missing` when it is not, else NotReady."""
        api = self._ready()
        if isinstance(api, Failed):
            raise NotReady(api.error)
        exchange = await exchanged(api, ask, within=within, keep=keep, hear=keep)
        if exchange.status == 404:
            raise missing
        if exchange.status != 200:
            raise NotReady(said_of(exchange, [self._api_key]))
        return exchange

    def _ready(self) -> AsyncComposio | Failed:
        if not self._api_key:
            return _final(_NO_KEY)
        return self._api or Failed(error="the Composio provider is not running", retryable=True)


def _slug(call: ToolCall) -> str | Failed:
    slug = call.tool.config.get("tool", re.sub(r"[^A-Za-z0-9]+", "_", call.tool.tool_slug).upper())
    if not isinstance(slug, str) or not _NAME.fullmatch(slug):
        return _final("config.tool: must be the slug of Composio's tool, such as GMAIL_SEND_EMAIL")
    return slug


def _named(call: ToolCall) -> dict[str, Any] | Failed:
    """Whose account acts, and in which version."""
    named = {"user_id": str(call.tenant_id)}
    for field, what in (("user_id", "a user"), ("version", "a version of the tool")):
        value = call.tool.config.get(field)
        if value is not None and (not isinstance(value, str) or not value):
            return _final(f"config.{field}: must name {what}, or be left out")
        if value is not None:
            named[field] = value
    account = call.account_reference or call.connected_account_id
    if account is not None and _is_ours(account):
        return _final("connected_account_id: the account has no metadata.composio_id: link it anew with --composio-id")
    return named if account is None else {**named, "connected_account_id": account}


def _is_ours(account: str) -> bool:
    try:
        UUID(account)
    except ValueError:
        return False
    return True


def _final(error: str) -> Failed:
    return Failed(error=one_line(error), retryable=False)
