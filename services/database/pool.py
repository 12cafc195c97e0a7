"""A pool of connections to PostgreSQL that speaks JSON and this product's errors."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

import asyncpg
import orjson

from services.clock import Clock
from services.errors import ControlPlaneError, InvalidInput, NotFound, NotReady, StateConflict


class Pool:
    """Runs statements; every driver error leaves here as one of `services.errors`.

    `clock` is handed to the functions as `as_of`; None lets the database's own clock rule.
    """

    def __init__(self, connections: "asyncpg.Pool[asyncpg.Record]", clock: Clock | None) -> None:
        self._connections = connections
        self._clock = clock

    def as_of(self) -> datetime | None:
        """The moment to pass on, or None for the database's own."""
        return None if self._clock is None else self._clock()

    async def rows(self, sql: str, *args: object) -> list[Any]:
        """The first column of every row."""
        with translated():
            return [row[0] for row in await self._connections.fetch(sql, *args)]

    async def value(self, sql: str, *args: object) -> Any:
        """The first column of the first row; None without any."""
        with translated():
            return await self._connections.fetchval(sql, *args)


_LIBPQ_ONLY = r"channel_binding|connect_timeout|gssencmode|keepalives|tcp_"


def asyncpg_url(url: str) -> str:
    """Without the parameters that only libpq understands: asyncpg would ask the server for them."""
    base, _, query = url.partition("?")
    given = parse_qsl(query, keep_blank_values=True)
    kept = [(name, value) for name, value in given if not re.match(_LIBPQ_ONLY, name)]
    return url if kept == given else f"{base}?{urlencode(kept)}"


@asynccontextmanager
async def open_pool(url: str, *, size: int, clock: Clock | None = None) -> AsyncIterator[Pool]:
    """Connect, and close on the way out. Raises NotReady when the database is away."""
    with translated():
        connections = await asyncpg.create_pool(
            asyncpg_url(url), min_size=1, max_size=size, init=_speak_json, command_timeout=30, timeout=10,
            server_settings={"application_name": "agent-control-plane", "timezone": "UTC"},
        )  # fmt: skip
    try:
        yield Pool(connections, clock)
    finally:
        try:
            async with asyncio.timeout(5):
                await connections.close()
        except (TimeoutError, asyncpg.PostgresError, OSError):
            connections.terminate()


async def _speak_json(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", format="binary",
        encoder=lambda value: b"\x01" + orjson.dumps(value), decoder=_read_json,
    )  # fmt: skip


def _read_json(data: bytes) -> Any:
    try:
        return orjson.loads(data[1:])
    except (
        orjson.JSONDecodeError
    ):  # numbers no proposal of ours may hold, written past it: one row must not stop a claim
        return json.loads(data[1:], parse_int=lambda digits: int(digits) if len(digits) < 100 else float(digits))


_PASSES = frozenset({"08", "25", "40", "53", "55", "57", "58", "XX"})
"""Classes of SQLSTATE that say nothing about the statement: the server is away, full, busy or broken."""


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's errors into ours: one line, with the field and the remedy where the database names one."""
    try:
        yield
    except asyncpg.PostgresError as exc:
        if (exc.sqlstate or "08")[:2] in _PASSES:
            raise NotReady(f"database: {_one_line(exc)}") from exc
        raise _meaning(exc) from exc
    except (asyncpg.DataError, ValueError, OverflowError, RecursionError) as exc:
        # The driver's words may quote what it was given.
        raise ControlPlaneError(f"database: a value cannot be written or read ({type(exc).__name__})") from exc
    except (asyncpg.InterfaceError, asyncpg.InternalClientError, OSError) as exc:
        raise NotReady(f"database: not reachable ({type(exc).__name__}); is it running?") from exc


def _meaning(exc: asyncpg.PostgresError) -> ControlPlaneError:  # noqa: PLR0911, PLR0912  # a table, read from the top
    code, text = exc.sqlstate or "", _one_line(exc)
    field = _field(getattr(exc, "constraint_name", None) or "")
    match code:
        case "PT404":
            return NotFound(text)
        case "PT409":
            return StateConflict(text)
        case "PT400":
            named, _, problem = text.partition(": ")
            return InvalidInput(named, problem)
        case "23514":
            return InvalidInput(field, "breaks its rule (too long, empty, or not one of the allowed values)")
        case "23505":
            return StateConflict(f"{field}: exists already")
        case "23503":
            return NotFound(f"{field}: no such row")
        case "23502":
            return InvalidInput(str(getattr(exc, "column_name", "a field")), "is required")
        case "22P05" | "22021":
            return InvalidInput("text", "contains a NUL character, which PostgreSQL cannot store; remove it")
        case _ if code.startswith("22"):
            return InvalidInput("a value", f"cannot be stored ({type(exc).__name__})")
        case "42883" | "3F000" | "42P01":
            return NotReady("database: not migrated; run: python -m control_plane db migrate")
        case "42501":
            return ControlPlaneError(f"database: {text}; connect with a role that may")
        case "28P01" | "28000" | "3D000":
            return ControlPlaneError(f"database: {text}; check DATABASE_URL")
        case _:
            return ControlPlaneError(f"database: {text} ({code})")


def _field(constraint: str) -> str:
    """`outbox_external_id_check` → `external_id`."""
    match = re.fullmatch(
        r"(?:tenants|objectives|guardrails|connected_accounts|tool_catalog|outbox_dlq|outbox|approvals)_(.+?)"
        r"_(?:check|uidx|fkey|idx|pkey)",
        constraint,
    )
    return match.group(1) if match else constraint or "row"


def _one_line(exc: BaseException) -> str:
    return " ".join(str(exc).split())
