"""The functions of `worker_api` through the Supabase client: PostgREST over HTTPS, no connection to the database."""

import asyncio
import random
import re
from collections.abc import AsyncIterator, Callable
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
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_before_delay

from services.backends.database.transport.functions import REPEATABLE
from services.backends.database.transport.meaning import NOT_MIGRATED, meaning
from services.backends.rows.answers import read_answer
from services.clock import Clock
from services.errors import ControlPlaneError, InvalidInput, NotMigrated, NotReady, Unexplained

SCHEMA = "worker_api"
ANSWER_WITHIN = timedelta(seconds=30)
TRY_FOR = timedelta(seconds=5)
"""How long a call is sent again before the caller hears of it."""
BUSY = frozenset({408, 429, 502, 503, 504})
"""Answers of a gateway, or of PostgREST without a database: the same call may succeed later."""
TOLD_BY_THE_DATABASE = re.compile(rb'"code"\s*:\s*"(PGRST[0-9A-Z]{3}|[0-9A-Z]{5})"')
"""What tells a refusal of PostgREST from the page of something before it."""


_body: ContextVar[bytes | None] = ContextVar("body", default=None)
"""What this task was answered last. The client hands on no bytes, and cannot read what one row may hold."""

VOID = frozenset({"append_audit", "save_account", "save_guardrails", "save_objective", "save_tenant", "save_tools"})
"""These answer with nothing; from any other an empty answer is no answer."""


class _Again(Exception):
    """The call did not get through; it may be sent again. `problem` is what to say if that is of no use."""

    def __init__(self, problem: str, after: float = 0, *, kind: type[NotReady] = NotReady) -> None:
        super().__init__(problem)
        self.after = after
        """Seconds the other side asks to wait."""
        self.kind = kind


class SupabaseFunctions:
    """See `transport.functions.Functions`. `clock` replaces the database's own clock; tests pass one."""

    def __init__(self, client: AsyncPostgrestClient, clock: Clock | None, try_for: timedelta) -> None:
        self._client = client
        self._clock = clock
        self._try_for = try_for

    def as_of(self) -> datetime | None:
        """The moment to pass on, or None for the database's own."""
        return None if self._clock is None else self._clock()

    async def call(self, name: str, /, **arguments: object) -> Any:
        """What the function returns, as JSON; sent again where that does no harm."""
        try:
            parameters = orjson.loads(orjson.dumps(arguments, default=_plain))
        except (TypeError, ValueError, RecursionError) as exc:  # orjson's words may quote what it was given
            raise ControlPlaneError(f"database: a value cannot be written ({type(exc).__name__})") from exc
        tries = AsyncRetrying(
            retry=retry_if_exception_type(_Again), wait=_wait, stop=stop_before_delay(self._try_for), reraise=True
        )
        try:
            return await tries(self._send, name, parameters)
        except _Again as exc:
            raise exc.kind(str(exc)) from exc

    async def _send(self, name: str, parameters: dict[str, Any]) -> Any:
        _body.set(None)
        try:
            with suppress(RecursionError, ValueError):  # of the client, whose own reading is not used
                await self._client.rpc(name, parameters).execute()
        except APIError as exc:
            raise _refused(exc) from exc
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as exc:
            raise _Again(f"SUPABASE_URL: not reachable ({type(exc).__name__}); is the project up?") from exc
        except _Busy as exc:
            problem = f"SUPABASE_URL: answered {exc.status}; the project is busy or its database is away"
            raise _again_or_not(name, problem, exc.after) from exc
        except httpx.RequestError as exc:
            raise _again_or_not(name, f"SUPABASE_URL: no answer to {name} ({type(exc).__name__})") from exc
        body = _body.get()
        if body is None:
            raise _again_or_not(name, f"SUPABASE_URL: no answer to {name}")
        try:
            return read_answer(name, body) if body else None
        except ValueError as exc:
            raise NotReady(f"SUPABASE_URL: what answers {name} there is no Data API; check the address") from exc


@asynccontextmanager
async def supabase_functions(
    url: str,
    apikey: str,
    *,
    bearer: Callable[[], str] | None = None,
    clock: Clock | None = None,
    try_for: timedelta = TRY_FOR,
) -> AsyncIterator[SupabaseFunctions]:
    """Calls as the role that the key stands for; with `bearer`, as the one that its JWTs name."""

    async def sign(request: httpx.Request) -> None:
        if bearer is not None:
            request.headers["Authorization"] = f"Bearer {bearer()}"

    async with httpx.AsyncClient(
        timeout=httpx.Timeout(ANSWER_WITHIN.total_seconds(), connect=5),
        limits=httpx.Limits(max_connections=32, max_keepalive_connections=8),
        event_hooks={"request": [sign], "response": [_raise_busy]},
    ) as session:
        client = await acreate_client(url, apikey, options=AsyncClientOptions(httpx_client=session))
        yield SupabaseFunctions(client.postgrest.schema(SCHEMA), clock, try_for)


class Poll:
    """Nobody calls over REST: a worker looks as often as it is told to. See `transport.functions.Wake`."""

    can_notify = False

    async def wait(self, timeout: timedelta) -> None:  # noqa: ASYNC109  # its end is no error
        """Return after `timeout`."""
        await asyncio.sleep(timeout.total_seconds())


class _Busy(Exception):
    """An answer in `BUSY`; the client's own error would drop its headers."""

    def __init__(self, status: int, after: float) -> None:
        super().__init__(status)
        self.status, self.after = status, after


async def _raise_busy(response: httpx.Response) -> None:
    status, body = response.status_code, await response.aread()
    _body.set(body if response.is_success else None)
    empty = response.is_success and not body and response.url.path.rpartition("/")[2] not in VOID
    if empty or status in BUSY or (status >= 500 and not TOLD_BY_THE_DATABASE.search(body)):
        asked = response.headers.get("Retry-After", "")
        raise _Busy(status, float(asked) if asked.isdecimal() else 0)


def _again_or_not(name: str, problem: str, after: float = 0) -> Exception:
    """It may have been executed: only what does nothing the second time is sent again."""
    if name in REPEATABLE:
        return _Again(problem, after)
    return NotReady(f"{problem}; it may have happened: look before you ask again")


def _refused(exc: APIError) -> Exception:  # noqa: PLR0911  # a table, read from the top
    code, text = str(exc.code or ""), " ".join((exc.message or "no reason given").split())
    match code:
        case "PGRST202":  # PostgREST learns of new functions a moment after they were made
            return _Again(NOT_MIGRATED, after=0.5, kind=NotMigrated)
        case "PGRST106":
            return NotReady(
                f"SUPABASE_URL: schema {SCHEMA} is not exposed; add it to the exposed schemas in the API settings"
            )
        case "" | "401" | "403" | "PGRST300" | "PGRST301" | "PGRST302" | "PGRST303":
            return NotReady(f"SUPABASE_SECRET_KEY: the project refuses it ({text}); copy it anew")
        case _ if code.startswith("PGRST0"):
            return _Again(f"SUPABASE_URL: {text} ({code})")
        case "413" | "PGRST102":
            return InvalidInput("a value", f"cannot be sent: {text} ({code})")
        case _ if code.isdecimal() and len(code) == 3:
            return NotReady(f"SUPABASE_URL: no Data API answers there ({code} {text}); check the address")
        case _ if code.startswith("PGRST"):
            return Unexplained(f"database: {text} ({code})")
        case _:
            return meaning(code, text)


def _wait(state: RetryCallState) -> float:
    """Seconds: what the other side asks for, or full jitter over 0.2·2^(attempt−1), never above 2."""
    error = state.outcome.exception() if state.outcome else None
    drawn = random.uniform(0, min(2, 0.2 * 2 ** (state.attempt_number - 1)))  # noqa: S311  # no secret
    return max(drawn, error.after if isinstance(error, _Again) else 0)


def _plain(value: object) -> str:
    """What JSON has no word for."""
    if isinstance(value, timedelta):
        return f"{value.total_seconds()} seconds"
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(type(value).__name__)
