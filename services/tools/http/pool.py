"""Idle HTTP connections, kept for another request of the same tenant to the same server.

The pool sets no limit on open connections, so a call never waits for one: the worker limits the concurrent calls.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Hashable
from datetime import timedelta
from functools import cached_property
from ssl import SSLContext
from typing import NamedTuple

from services.tools.http.connection import Connection, Exchange
from services.tools.outgoing import AddressNotAllowed, ConnectError, Connector, tls_context

MAX_IDLE = 0.9
"""Seconds after which an idle connection is closed. Some servers close idle connections after one second, and a request
sent at that moment may or may not have been read."""
MIN_IDLE = 0.02
"""Seconds before an idle connection is used again. If a server sends unrequested bytes or closes the connection, it
mostly does so directly after the answer."""
MAX_NOT_REUSABLE = 10_000


class PoolKey(NamedTuple):
    """The server of a request and the owner it is sent for. Requests with equal keys may use the same connections."""

    owner: Hashable
    scheme: str
    host: str
    port: int


class Pool:
    """Sends requests over idle or new connections. Call `close` after the last request has ended."""

    def __init__(self, connector: Connector, *, max_idle: int) -> None:
        """`max_idle` is the largest number of idle connections, over all keys."""
        self._connector = connector
        self._max_idle = max_idle
        self._idle: OrderedDict[Connection, tuple[PoolKey, float]] = OrderedDict()
        """The idle connections, the oldest first, each with the loop time at which it became idle."""
        self._idle_by_key: dict[PoolKey, deque[Connection]] = {}
        """The same connections by key, the oldest first."""
        self._not_reusable: set[PoolKey] = set()
        """Keys whose server sent unrequested bytes: no connection to it is used twice."""
        self._expiry_timer: asyncio.TimerHandle | None = None

    async def send_request(self, key: PoolKey, request: bytes, exchange: Exchange, *, within: timedelta) -> None:
        """Send the request once and read the answer into `exchange`."""
        try:
            async with asyncio.timeout(within.total_seconds()):
                connection = self._take_idle(key) or await self._connector.connect(
                    Connection,
                    key.host,
                    key.port,
                    tls=self._tls if key.scheme == "https" else None,
                    owner=key.owner,
                )
                try:
                    await connection.send_request(request, exchange)
                finally:
                    self._give_back(key, connection)
        except TimeoutError:
            if not exchange.is_whole:  # if the whole answer arrived just before the timeout, it counts
                exchange.problem = f"no answer within {within.total_seconds():g} s"
        except AddressNotAllowed as exc:
            exchange.not_allowed = str(exc)
        except ConnectError as exc:
            exchange.problem = f"ConnectError: {exc}"

    def close(self) -> None:
        """Close all idle connections."""
        if self._expiry_timer is not None:
            self._expiry_timer.cancel()
        while self._idle:
            self._pop_oldest().close()

    def _take_idle(self, key: PoolKey) -> Connection | None:
        now = asyncio.get_running_loop().time()
        while idle := self._idle_by_key.get(key):
            _, idle_since = self._idle[idle[0]]
            if now - idle_since < MIN_IDLE and idle[0].is_reusable():
                return None
            connection = self._pop_oldest_of(key)
            if now - idle_since < MAX_IDLE and connection.is_reusable() and key not in self._not_reusable:
                return connection
            connection.close()
        return None

    def _give_back(self, key: PoolKey, connection: Connection) -> None:
        self._check_unrequested_bytes(key, connection)
        # `_take_idle` checks whether the socket is still open.
        if key in self._not_reusable or not connection.ended_cleanly():
            connection.close()
            return
        if len(self._idle) >= self._max_idle:
            self._pop_oldest().close()
        loop = asyncio.get_running_loop()
        self._idle[connection] = key, loop.time()
        self._idle_by_key.setdefault(key, deque()).append(connection)
        if self._expiry_timer is None:
            self._expiry_timer = loop.call_later(MAX_IDLE, self._close_expired)

    def _close_expired(self) -> None:
        """Close connections that have been idle for MAX_IDLE."""
        loop = asyncio.get_running_loop()
        while self._idle and next(iter(self._idle.values()))[1] <= loop.time() - MAX_IDLE:
            self._pop_oldest().close()
        self._expiry_timer = loop.call_later(MAX_IDLE, self._close_expired) if self._idle else None

    def _pop_oldest(self) -> Connection:
        return self._pop_oldest_of(next(iter(self._idle.values()))[0])

    def _pop_oldest_of(self, key: PoolKey) -> Connection:
        """Remove and return the connection of this key that has been idle longest."""
        connection = self._idle_by_key[key].popleft()
        if not self._idle_by_key[key]:
            del self._idle_by_key[key]
        del self._idle[connection]
        self._check_unrequested_bytes(key, connection)
        return connection

    def _check_unrequested_bytes(self, key: PoolKey, connection: Connection) -> None:
        if connection.got_unrequested_bytes:
            if len(self._not_reusable) >= MAX_NOT_REUSABLE:
                self._not_reusable.clear()
            self._not_reusable.add(key)

    @cached_property
    def _tls(self) -> SSLContext:
        context = tls_context()
        context.set_alpn_protocols(["http/1.1"])
        return context
