"""The functions of `worker_api` over direct connections to PostgreSQL, which speak JSON."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlencode

import asyncpg
import orjson

from services.backends.database.transport.functions import declared
from services.backends.database.transport.keepalive import keep_alive
from services.backends.database.transport.meaning import meaning
from services.backends.rows.answers import read_answer
from services.clock import Clock
from services.errors import ControlPlaneError, NotReady

ANSWER_WITHIN = timedelta(seconds=30)
"""Every call; half of the shortest lease that makes sense."""
CALL_OFF_WITHIN = 2.0
"""Seconds."""


class Pool:
    """See `transport.functions.Functions`. `clock` replaces the database's own clock; tests pass one."""

    def __init__(
        self,
        primary: "asyncpg.Pool[asyncpg.Record]",
        reports: "asyncpg.Pool[asyncpg.Record]",
        clock: Clock | None,
    ) -> None:
        self._primary = primary
        self._reports = reports
        self._clock = clock
        self._answer_within = ANSWER_WITHIN.total_seconds()

    def as_of(self) -> datetime | None:
        """The moment to pass on, or None for the database's own."""
        return None if self._clock is None else self._clock()

    async def call(self, name: str, /, **arguments: object) -> Any:
        """What the function returns, as JSON."""
        pool = self._serving(name)
        with translated():
            async with asyncio.timeout(self._answer_within):  # the wait for a free connection counts
                connection = await pool.acquire()
                try:
                    answer = await connection.fetchval(_statement(name, tuple(arguments)), *arguments.values())
                finally:
                    await _release(pool, connection)
            return read_answer(answer, declared(name).columns_deep) if isinstance(answer, bytes) else answer

    def _serving(self, name: str) -> "asyncpg.Pool[asyncpg.Record]":
        return self._reports if declared(name).is_report else self._primary


async def _release(pool: "asyncpg.Pool[asyncpg.Record]", connection: Any) -> None:
    """A statement that nobody waits for any more is called off; where that gets no answer, the connection is ended."""
    try:
        await pool.release(connection, timeout=CALL_OFF_WITHIN)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        await pool.expire_connections()  # those that rest beside it lead to the same place


@cache
def _statement(name: str, arguments: tuple[str, ...]) -> str:
    """Made of names from our own code; values are parameters."""
    named = ", ".join(f"{argument} => ${place}" for place, argument in enumerate(arguments, start=1))
    return f"select worker_api.{name}({named})"


_LIBPQ_ONLY = r"channel_binding|connect_timeout|gssencmode|keepalives|tcp_"


def asyncpg_url(url: str) -> str:
    """Without the parameters that only libpq understands: asyncpg would ask the server for them."""
    base, _, query = url.partition("?")
    given = parse_qsl(query, keep_blank_values=True)
    kept = [(name, value) for name, value in given if not re.match(_LIBPQ_ONLY, name)]
    return url if kept == given else f"{base}?{urlencode(kept)}"


@asynccontextmanager
async def open_pool(
    url: str,
    *,
    read_only_url: str | None = None,
    size: int,
    clock: Clock | None = None,
) -> AsyncIterator[Pool]:
    """Connect, and close on the way out; reports come from `read_only_url` where there is one.

    Raises NotReady when a database is away.
    """
    async with _connected(url, size) as primary:
        if read_only_url is None:
            yield Pool(primary, primary, clock)
            return
        async with _connected(read_only_url, size) as reports:
            yield Pool(primary, reports, clock)


@asynccontextmanager
async def _connected(url: str, size: int) -> "AsyncIterator[asyncpg.Pool[asyncpg.Record]]":
    with translated():
        connections = await asyncpg.create_pool(
            asyncpg_url(url), min_size=1, max_size=size, init=_ready, reset=_as_it_is, timeout=10,
            server_settings={"application_name": "agent-control-plane", "timezone": "UTC"},
        )  # fmt: skip
    try:
        yield connections
    finally:
        try:
            async with asyncio.timeout(5):
                await connections.close()
        except (TimeoutError, asyncpg.PostgresError, OSError):
            connections.terminate()


async def _as_it_is(_: asyncpg.Connection) -> None:
    """A function of ours leaves nothing behind in its session; the driver's own tidying is a round trip a call."""


async def _ready(connection: asyncpg.Connection) -> None:
    keep_alive(connection)
    await _speak_json(connection)


async def _speak_json(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", format="binary",
        encoder=lambda value: b"\x01" + orjson.dumps(value), decoder=lambda data: data[1:],
    )  # fmt: skip
    await connection.set_type_codec(
        "json", schema="pg_catalog", format="binary", encoder=orjson.dumps, decoder=bytes
    )  # read by `read_answer`, which knows the function


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's errors into ours."""
    try:
        yield
    except asyncpg.PostgresError as exc:
        raise meaning(exc.sqlstate or "08000", str(exc)) from exc
    except (asyncpg.DataError, ValueError, OverflowError, RecursionError) as exc:
        # The driver's words may quote what it was given.
        raise ControlPlaneError(f"database: a value cannot be written or read ({type(exc).__name__})") from exc
    except (asyncpg.InterfaceError, asyncpg.InternalClientError, OSError) as exc:
        raise NotReady(f"database: not reachable ({type(exc).__name__}); is it running?") from exc
