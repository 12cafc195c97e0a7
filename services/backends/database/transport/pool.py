"""Call SQL functions over direct connections to PostgreSQL. Arguments and answers are JSON."""

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

from services.backends.database.transport.functions import read_declaration
from services.backends.database.transport.keepalive import enable_keepalive
from services.backends.database.transport.sqlstates import error_for_sqlstate, name_unstorable_text
from services.backends.functions import split_name
from services.backends.rows.answers import read_answer
from services.clock import Clock
from services.errors import ControlPlaneError, NotReady

ANSWER_WITHIN = timedelta(seconds=30)
"""Timeout of every call: half of the shortest sensible lease."""
CANCEL_WITHIN = 2.0
"""Seconds that the server has to confirm the cancellation of a statement."""


class PostgresFunctions:
    """See `services.backends.functions.Functions`. `clock` replaces the clock of the database; only tests pass one."""

    def __init__(
        self,
        primary: "asyncpg.Pool[asyncpg.Record]",
        replica: "asyncpg.Pool[asyncpg.Record]",
        clock: Clock | None,
    ) -> None:
        self._primary = primary
        self._replica = replica
        self._clock = clock
        self._answer_within = ANSWER_WITHIN.total_seconds()

    def as_of(self) -> datetime | None:
        return None if self._clock is None else self._clock()

    async def call(self, name: str, /, **arguments: object) -> Any:
        schema, own_name = split_name(name)
        declaration = read_declaration(own_name, schema)
        with name_unstorable_text(arguments):
            async with self.connection(may_use_replica=declaration.may_use_replica) as connection:
                answer = await connection.fetchval(statement(own_name, tuple(arguments), schema), *arguments.values())
        with translate_errors():
            return read_answer(answer, declaration.columns_deep) if isinstance(answer, bytes) else answer

    @asynccontextmanager
    async def connection(self, *, may_use_replica: bool, roll_back: bool = False) -> AsyncIterator[Any]:
        """A connection for one call. The block must end within ANSWER_WITHIN; otherwise it is cancelled.

        Raises the exceptions of `services.errors`, NotReady after such a timeout.

        With `roll_back` the block is a transaction, which is rolled back if the block fails or is cancelled.
        """
        pool = self._replica if may_use_replica else self._primary
        with translate_errors():
            async with asyncio.timeout(self._answer_within):  # includes the wait for a free connection
                connection = await pool.acquire()
                try:
                    yield connection
                except BaseException:
                    await asyncio.shield(_release(pool, connection, roll_back=roll_back))
                    raise
                else:
                    await _release(pool, connection, roll_back=False)


async def _release(pool: "asyncpg.Pool[asyncpg.Record]", connection: Any, *, roll_back: bool) -> None:
    """Return a connection to the pool. A statement that is still running is cancelled.

    If the server does not confirm that in time, the connection and all idle ones of the pool are closed.

    After a cancellation, shield this call: if a client disconnected, its cancel scope cancels every later await too,
    and the rollback would not finish.
    """
    try:
        if roll_back:
            await connection.execute("rollback", timeout=CANCEL_WITHIN)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
        connection.terminate()
    try:
        await pool.release(connection, timeout=CANCEL_WITHIN)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        await pool.expire_connections()  # idle connections go to the same server, which does not respond


@cache
def statement(name: str, arguments: tuple[str, ...], schema: str = "worker_api", *, first: int = 1) -> str:
    """The statement that calls a function. The values are parameters, numbered from `first`."""
    parameters = ", ".join(f"{argument} => ${number}" for number, argument in enumerate(arguments, start=first))
    return f"select {schema}.{name}({parameters})"


_LIBPQ_ONLY = r"channel_binding|connect_timeout|gssencmode|keepalives|tcp_"


def asyncpg_url(url: str) -> str:
    """The URL without parameters that only libpq supports: asyncpg would send them to the server as settings."""
    base, _, query = url.partition("?")
    parameters = parse_qsl(query, keep_blank_values=True)
    supported = [(name, value) for name, value in parameters if not re.match(_LIBPQ_ONLY, name)]
    return url if supported == parameters else f"{base}?{urlencode(supported)}"


@asynccontextmanager
async def postgres_functions(
    url: str,
    *,
    read_only_url: str | None = None,
    size: int,
    clock: Clock | None = None,
) -> AsyncIterator[PostgresFunctions]:
    """Connect, and disconnect at the end of the block. Calls that may use a replica go to `read_only_url` if it is set.

    `size` is the largest number of connections to each database. Raises NotReady when a database cannot be reached.
    """
    async with _open_pool(url, size) as primary:
        if read_only_url is None:
            yield PostgresFunctions(primary, primary, clock)
            return
        async with _open_pool(read_only_url, size) as replica:
            yield PostgresFunctions(primary, replica, clock)


@asynccontextmanager
async def _open_pool(url: str, size: int) -> "AsyncIterator[asyncpg.Pool[asyncpg.Record]]":
    with translate_errors():
        pool = await asyncpg.create_pool(
            asyncpg_url(url), min_size=1, max_size=size, init=_prepare_connection, reset=_skip_reset, timeout=10,
            server_settings={"application_name": "agent-control-plane", "timezone": "UTC"},
        )  # fmt: skip
    try:
        yield pool
    finally:
        try:
            async with asyncio.timeout(5):
                await pool.close()
        except (TimeoutError, asyncpg.PostgresError, OSError):
            pool.terminate()


async def _skip_reset(_: asyncpg.Connection) -> None:
    """Skip the session reset of the driver, which costs one round trip per call: our functions leave no session
    state."""


async def _prepare_connection(connection: asyncpg.Connection) -> None:
    enable_keepalive(connection)
    # Our functions need this level, and another database may have another default. It is set by a statement, because
    # poolers refuse it as a connection parameter.
    await connection.execute("set default_transaction_isolation = 'read committed'")
    await _set_json_codecs(connection)


async def _set_json_codecs(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", format="binary",
        encoder=lambda value: b"\x01" + orjson.dumps(value), decoder=lambda data: data[1:],
    )  # fmt: skip
    await connection.set_type_codec(
        "json", schema="pg_catalog", format="binary", encoder=orjson.dumps, decoder=bytes
    )  # `PostgresFunctions.call` parses the answer, because parsing depends on the function


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise the exceptions of `services.errors` in place of those of the driver."""
    try:
        yield
    except asyncpg.PostgresError as exc:
        raise error_for_sqlstate(exc.sqlstate or "08000", str(exc.args[0]), exc.detail) from exc
    except (asyncpg.DataError, ValueError, OverflowError, RecursionError) as exc:
        # The text of the driver's error is left out: it may contain the value.
        raise ControlPlaneError(f"database: a value cannot be written or read ({type(exc).__name__})") from exc
    except (asyncpg.InterfaceError, asyncpg.InternalClientError, OSError) as exc:
        raise NotReady(f"database: not reachable ({type(exc).__name__}); is it running?") from exc
