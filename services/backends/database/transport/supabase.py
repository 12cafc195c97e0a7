"""Call SQL functions with the Supabase client: PostgREST over HTTPS, without a database connection."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import orjson
from postgrest import AsyncPostgrestClient
from postgrest.exceptions import APIError
from supabase import AsyncClientOptions, acreate_client
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_before_delay, wait_random_exponential

from services.backends.database.transport.functions import read_declaration
from services.backends.database.transport.sqlstates import NOT_MIGRATED, error_for_sqlstate, name_unstorable_text
from services.backends.functions import split_name
from services.backends.rows.answers import read_answer
from services.clock import Clock
from services.errors import InvalidInput, NotMigrated, NotReady, RefusedByDatabase

ANSWER_WITHIN = timedelta(seconds=30)
"""Timeout of each attempt of a call."""
RETRY_FOR = timedelta(seconds=5)
"""How long a call that failed is retried before the caller gets the error."""
BUSY_STATUSES = frozenset({408, 429, 502, 503, 504})
"""Status codes of an overloaded gateway, or of PostgREST without a database: the same call may succeed later."""
DATABASE_ERROR_PATTERN = re.compile(rb'"code"\s*:\s*"(PGRST[0-9A-Z]{3}|[0-9A-Z]{5})"')
"""Matches the body of an error of PostgREST or PostgreSQL, but not the error page of a proxy in front of them."""


_body: ContextVar[bytes | None] = ContextVar("body", default=None)
"""The body of the last successful response in this task. The client does not expose it, and its own JSON parser
rejects some rows that `read_answer` can read."""


class _Retryable(Exception):
    """The call may be sent again. `problem` is the error text if all attempts fail."""

    def __init__(self, problem: str, after: float = 0, *, kind: type[NotReady] = NotReady) -> None:
        super().__init__(problem)
        self.after = after
        """The shortest delay before the next attempt, in seconds."""
        self.kind = kind


class KeyRejected(NotReady):
    """The gateway or PostgREST does not accept the API key or the JWT of a call."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"SUPABASE_SECRET_KEY: the project rejects the key ({reason}); copy the key again")
        self.reason = reason


class SupabaseFunctions:
    """See `services.backends.functions.Functions`. `clock` replaces the clock of the database; only tests pass one."""

    def __init__(self, client: AsyncPostgrestClient, clock: Clock | None, retry_for: timedelta) -> None:
        self._client = client
        self._clock = clock
        self._retry_for = retry_for

    def as_of(self) -> datetime | None:
        return None if self._clock is None else self._clock()

    async def call(self, name: str, /, **arguments: object) -> Any:
        """See `Functions.call`. Sends the call again if it failed and a second execution does no harm."""
        with name_unstorable_text(arguments):
            return await self._call(name, arguments)

    async def _call(self, name: str, arguments: Mapping[str, object]) -> Any:
        try:
            converted = {name: _convert_argument(value) for name, value in arguments.items()}
            parameters = orjson.loads(orjson.dumps(converted))
        except (TypeError, ValueError, RecursionError) as exc:  # the text of orjson's error may contain the value
            raise InvalidInput("a value", f"cannot be written as JSON ({type(exc).__name__})") from exc
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(_Retryable), wait=_retry_delay, stop=stop_before_delay(self._retry_for),
            reraise=True,
        )  # fmt: skip
        try:
            return await retrying(self._send, name, parameters)
        except _Retryable as exc:
            raise exc.kind(str(exc)) from exc

    async def _send(self, name: str, parameters: dict[str, Any]) -> Any:
        _body.set(None)
        schema, own_name = split_name(name)
        try:
            with suppress(
                RecursionError, ValueError
            ):  # the client failed to parse the answer, which we parse ourselves
                await self._client.schema(schema).rpc(own_name, parameters).execute()
        except APIError as exc:
            raise _error_from_answer(exc, schema) from exc
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as exc:
            raise _Retryable(f"SUPABASE_URL: not reachable ({type(exc).__name__}); is the project running?") from exc
        except _BusyResponse as exc:
            problem = f"SUPABASE_URL: status {exc.status}; the project is overloaded or its database is unavailable"
            raise _error_without_answer(name, problem, exc.after) from exc
        except httpx.RequestError as exc:
            raise _error_without_answer(name, f"SUPABASE_URL: no answer to {name} ({type(exc).__name__})") from exc
        body = _body.get()
        if body is None:
            raise _error_without_answer(name, f"SUPABASE_URL: no answer to {name}")
        try:
            return read_answer(body, read_declaration(own_name, schema).columns_deep) if body else None
        except ValueError as exc:
            raise NotReady(f"SUPABASE_URL: the answer to {name} is not from a Data API; check the address") from exc


@asynccontextmanager
async def supabase_functions(
    url: str,
    apikey: str,
    *,
    bearer: Callable[[], str] | None = None,
    clock: Clock | None = None,
    retry_for: timedelta = RETRY_FOR,
) -> AsyncIterator[SupabaseFunctions]:
    """Open a client. Calls run as the role of the API key, or with `bearer` as the role that its JWTs name."""

    async def add_token(request: httpx.Request) -> None:
        if bearer is not None:
            request.headers["Authorization"] = f"Bearer {bearer()}"

    async with http_session() as session:
        session.event_hooks["request"].append(add_token)
        client = await acreate_client(url, apikey, options=AsyncClientOptions(httpx_client=session))
        yield SupabaseFunctions(client.postgrest, clock, retry_for)


def http_session() -> httpx.AsyncClient:
    """A new HTTP client for the Data API. `SupabaseFunctions` needs its response hook."""
    return httpx.AsyncClient(
        timeout=httpx.Timeout(ANSWER_WITHIN.total_seconds(), connect=5),
        limits=httpx.Limits(max_connections=32, max_keepalive_connections=8),
        event_hooks={"request": [], "response": [_check_response]},
    )


class Poll:
    """Waits by sleeping: over REST the database cannot notify the worker. See `transport.functions.Wake`."""

    can_notify = False

    async def wait(self, timeout: timedelta) -> None:  # noqa: ASYNC109  # reaching the timeout is not an error
        """Return after `timeout`."""
        await asyncio.sleep(timeout.total_seconds())


class _BusyResponse(Exception):
    """A response that does not show whether the call was executed. `after` is its Retry-After in seconds, or 0."""

    def __init__(self, status: int, after: float) -> None:
        super().__init__(status)
        self.status, self.after = status, after


async def _check_response(response: httpx.Response) -> None:
    """Keep the body in `_body`. Raises _BusyResponse here, because the client's own error has no response headers."""
    status, body = response.status_code, await response.aread()
    _body.set(body if response.is_success else None)
    name, schema = response.url.path.rpartition("/")[2], response.request.headers["Content-Profile"]
    lacks_body = response.is_success and not body and not read_declaration(name, schema).is_void
    if lacks_body or status in BUSY_STATUSES or (status >= 500 and not DATABASE_ERROR_PATTERN.search(body)):
        retry_after = response.headers.get("Retry-After", "")
        raise _BusyResponse(status, float(retry_after) if retry_after.isdecimal() else 0)


def _error_without_answer(name: str, problem: str, after: float = 0) -> Exception:
    """The exception for a call that may have been executed: only a repeatable function is called again."""
    schema, own_name = split_name(name)
    if read_declaration(own_name, schema).is_repeatable:
        return _Retryable(problem, after)
    return NotReady(f"{problem}; the call may have taken effect: check before you repeat it")


def _error_from_answer(exc: APIError, schema: str) -> Exception:  # noqa: PLR0911  # a table, read from the top
    """The exception for an error that the gateway, PostgREST or PostgreSQL answered."""
    code, text = str(exc.code or ""), " ".join((exc.message or "no reason given").split())
    match code:
        case "PGRST202":  # PostgREST reloads its schema a moment after a function was created
            return _Retryable(NOT_MIGRATED, after=0.5, kind=NotMigrated)
        case "PGRST106":
            return NotReady(
                f"SUPABASE_URL: schema {schema} is not exposed; add it to the exposed schemas in the API settings"
            )
        case "" | "401" | "403" | "PGRST300" | "PGRST301" | "PGRST302" | "PGRST303":
            return KeyRejected(text)
        case _ if code.startswith("PGRST0"):
            return _Retryable(f"SUPABASE_URL: {text} ({code})")
        case "413" | "PGRST102":
            return InvalidInput("a value", f"cannot be sent: {text} ({code})")
        case _ if code.isdecimal() and len(code) == 3:
            return NotReady(f"SUPABASE_URL: the address is not a Data API ({code} {text}); check the address")
        case _ if code.startswith("PGRST"):
            return RefusedByDatabase(f"database: {text} ({code})")
        case _:
            return error_for_sqlstate(code, text, exc.details)


_full_jitter = wait_random_exponential(multiplier=0.2, max=2)


def _retry_delay(state: RetryCallState) -> float:
    """The wait before the next attempt, in seconds: a random part of 0.2·2^(attempt−1), which is at most 2; but not
    less than the server asked for."""
    error = state.outcome.exception() if state.outcome else None
    return max(_full_jitter(state), error.after if isinstance(error, _Retryable) else 0)


def _convert_argument(value: object) -> object:
    """Convert an argument that orjson cannot serialize to the text that PostgreSQL reads.

    A value within a document is not converted: a document must be JSON.
    """
    if isinstance(value, timedelta):
        return f"{value.total_seconds()} seconds"
    if isinstance(value, Decimal):
        return str(value)
    return value
