"""Calls sent through Composio: a POST to its API, which then calls the tool with a login that Composio keeps.

The SDK is `composio-client`, which the `composio` package itself uses. It is asynchronous, so calls have deadlines and
can be cancelled. `composio` is synchronous, and depends on telemetry, websockets and openai. The SDK's retries are off,
since only the worker decides on retries. The SDK never reads an answer, because it would read without a limit and does
not validate what it reads: `services.tools.composio.wire` reads instead.

Importing this module takes half a second, so `services.tools.dispatch` imports it at the first call that needs it.
"""

import asyncio
import logging
import re
from datetime import timedelta
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import composio_client.resources  # noqa: F401  # else the SDK would import it later and block the event loop
from composio_client import AsyncComposio
from pydantic import SecretStr

from services.accounts import AccountHealth
from services.catalog import ListedTool
from services.clock import Clock, utc_now
from services.errors import InvalidInput, NotFound, NotReady
from services.tools import Failed, Outcome, ToolCall
from services.tools.composio import NAME_PATTERN, check_config
from services.tools.composio.answers import (
    AccountAnswer,
    Page,
    account_health,
    error_message,
    listed_tool,
    outcome,
    parse_answer,
)
from services.tools.composio.wire import Exchange, ExchangeClient, SendRequest, send_request
from services.tools.http.connection import MAX_BODY_BYTES
from services.untrusted import json_body, one_line, texts_in

MAX_ANSWER_BYTES = 16 * MAX_BODY_BYTES
"""The longest answer that is read. A listing keeps all of it, a call only MAX_BODY_BYTES."""
LIST_TIMEOUT = timedelta(seconds=30)
LOOKUP_TIMEOUT = timedelta(seconds=10)
MAX_PAGES = 100

_PAGE_SIZE = 100
_NO_KEY = "ACP_COMPOSIO_API_KEY is not set: give it the key of a Composio project"


class ComposioProvider:
    """Tools of Composio's toolkits. An async context manager. Each request has its own connection.

    `config.tool` is Composio's slug, such as `GMAIL_SEND_EMAIL`, and `config.version` its version, by default the
    latest. `list_tools` fills in both. Without `config.tool` the slug is derived from ours: capitals, and one `_` for
    each run of other characters than letters and digits, so `GMAIL__send.email` is the same tool. `config.user_id` is
    the user at Composio, by default the tenant's id.

    The account id is Composio's, such as `ca_…`: the `metadata.composio_id` of a connected account, else the id that
    the envelope names. A connected account without `composio_id` is refused: without an account id, Composio would
    choose an account itself.
    """

    def __init__(
        self, api_key: SecretStr | None, *, base_url: str | None = None, concurrency: int, clock: Clock = utc_now
    ) -> None:
        """`base_url` defaults to that of the SDK. At most `concurrency` requests run at the same time."""
        self._api_key = api_key.get_secret_value() if api_key else ""
        self._base_url = base_url
        self._concurrency = concurrency
        self._clock = clock
        self._api: AsyncComposio | None = None
        # With COMPOSIO_LOG=debug the SDK would log the arguments of every call.
        logging.getLogger("composio_client").setLevel(logging.WARNING)

    async def __aenter__(self) -> Self:
        self._api = AsyncComposio(
            api_key=self._api_key,
            base_url=self._base_url,
            environment="production",  # without this, COMPOSIO_BASE_URL could send our key to another host
            max_retries=0,
            default_headers={"accept-encoding": "identity", "user-agent": "agent-control-plane"},
            http_client=ExchangeClient(concurrency=self._concurrency),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        api, self._api = self._api, None
        if api is not None:
            await api.close()

    async def execute(self, call: ToolCall) -> Outcome:
        """Execute the tool once, within `call.timeout`.

        The idempotency key is sent as a header, but Composio does not document that it honours one.
        """
        api = self._client_or_failure()
        if isinstance(api, Failed):
            return api
        request = _slug_and_options(call)
        if isinstance(request, Failed):
            return request
        slug, options = request
        if json_body(call.arguments) is None:
            return _permanent_failure("arguments: cannot be written as JSON")
        exchange = await send_request(
            api,
            lambda api: api.tools.with_raw_response.execute(
                slug,
                arguments=dict(call.arguments),
                **options,
                extra_headers={"idempotency-key": str(call.envelope_id)},
            ),
            within=call.timeout,
            keep_bytes=MAX_BODY_BYTES,
            max_bytes=MAX_ANSWER_BYTES,
        )
        return outcome(call, exchange, hidden=[self._api_key, *texts_in(call.arguments)], now=self._clock())

    async def list_tools(self, source: str) -> list[ListedTool]:
        """Every tool of a toolkit such as `gmail`, in its latest version. Raises NotFound or NotReady."""
        tools: list[ListedTool] = []
        cursor: str | None = None
        bytes_left = MAX_ANSWER_BYTES
        try:
            async with asyncio.timeout(LIST_TIMEOUT.total_seconds()):
                for _ in range(MAX_PAGES):
                    page, page_bytes = await self._fetch_page(
                        source, cursor, limit=_PAGE_SIZE, within=LIST_TIMEOUT, keep_bytes=bytes_left
                    )
                    tools += [listed_tool(item) for item in page.items]
                    cursor, bytes_left = page.next_cursor, bytes_left - page_bytes
                    if not cursor:
                        return tools
        except TimeoutError as exc:
            within = f"{LIST_TIMEOUT.total_seconds():g} s"
            raise NotReady(f"Composio did not list the tools of {source!r} within {within}") from exc
        # Raise instead of returning a part of the tools: the rest would look removed.
        raise NotReady(f"Composio lists more than {MAX_PAGES} pages of tools for {source!r}")

    async def health(self, source: str) -> str | None:
        """None when our key may read the toolkit, else one line with the problem."""
        try:
            await self._fetch_page(source, None, limit=1, within=LOOKUP_TIMEOUT, keep_bytes=MAX_BODY_BYTES)
        except (NotFound, NotReady) as exc:
            return str(exc)
        return None

    async def account(self, account_id: str) -> AccountHealth:
        """The state of an account; `account_id` is Composio's. Raises NotFound or NotReady.

        The state is never `expiring`: Composio renews logins itself and reports only those it could not renew.
        """
        missing = NotFound(
            "account",
            account_id,
            one_line(f"Composio has no account {account_id!r}: check the account's metadata.composio_id"),
        )
        if not NAME_PATTERN.fullmatch(account_id):
            raise missing
        exchange = await self._fetch(
            lambda api: api.connected_accounts.with_raw_response.retrieve(account_id),
            missing,
            within=LOOKUP_TIMEOUT,
            keep_bytes=MAX_BODY_BYTES,
        )
        return account_health(parse_answer(AccountAnswer, exchange))

    async def _fetch_page(
        self, source: str, cursor: str | None, *, limit: int, within: timedelta, keep_bytes: int
    ) -> tuple[Page, int]:
        """One page of tools, and the size of the answer in bytes."""
        missing = NotFound(
            "source", source, one_line(f"Composio has no tools in a toolkit {source!r}: check its list of toolkits")
        )
        if not NAME_PATTERN.fullmatch(source):
            raise missing
        next_page: dict[str, Any] = {"cursor": cursor} if cursor else {}
        exchange = await self._fetch(
            lambda api: api.tools.with_raw_response.list(
                toolkit_slug=source, toolkit_versions="latest", limit=limit, **next_page
            ),
            missing,
            within=within,
            keep_bytes=keep_bytes,
        )
        page = parse_answer(Page, exchange)
        if not page.items and not cursor:
            raise missing
        return page, exchange.received_bytes

    async def _fetch(self, send: SendRequest, missing: NotFound, *, within: timedelta, keep_bytes: int) -> Exchange:
        """Send a request that reads something. Raises `missing` for 404, NotReady for any other failure."""
        api = self._client_or_failure()
        if isinstance(api, Failed):
            raise NotReady(api.error)
        exchange = await send_request(api, send, within=within, keep_bytes=keep_bytes, max_bytes=keep_bytes)
        if exchange.status == 404:
            raise missing
        if exchange.status != 200:
            raise NotReady(error_message(exchange, [self._api_key]))
        return exchange

    def _client_or_failure(self) -> AsyncComposio | Failed:
        if not self._api_key:
            return _permanent_failure(_NO_KEY)
        return self._api or Failed(error="the Composio provider is not running", retryable=True)


def _slug_and_options(call: ToolCall) -> tuple[str, dict[str, Any]] | Failed:
    """Composio's slug of the tool, and the options of the call: user, account and version of the tool."""
    config = call.tool.config
    slug = config.get("tool", re.sub(r"[^A-Za-z0-9]+", "_", call.tool.tool_slug).upper())
    try:
        check_config({**config, "tool": slug})
    except InvalidInput as exc:
        return _permanent_failure(str(exc))
    options = {field: config[field] for field in ("user_id", "version") if config.get(field) is not None}
    options = {"user_id": str(call.tenant_id), **options}
    account = call.login_id or call.connected_account_id
    if account is not None and _is_our_account_id(account):
        return _permanent_failure(
            "connected_account_id: the account has no metadata.composio_id: link it again with --login-id"
        )
    return slug, options if account is None else {**options, "connected_account_id": account}


def _is_our_account_id(account: str) -> bool:
    try:
        UUID(account)
    except ValueError:
        return False
    return True


def _permanent_failure(error: str) -> Failed:
    return Failed(error=one_line(error), retryable=False)
