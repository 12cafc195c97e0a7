"""Connections that wait for another request, each for its own tenant and place.

Nobody ever waits for a connection: how many calls are under way at once is the worker's to say.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Hashable
from datetime import timedelta
from functools import cached_property
from ssl import SSLContext
from typing import NamedTuple

from services.tools.http.connection import Answer, Connection
from services.tools.outgoing import AddressNotAllowed, ConnectError, Connector, tls_context

IDLE_FOR = 0.9
"""Seconds that a connection waits at most: servers close idle ones, the hasty after a second, and of a request that
meets the closing nobody knows whether it was read."""
QUIET_FOR = 0.02
"""Seconds that a connection waits at least: what follows an answer unasked, bytes or the end, mostly comes at once."""
MOST_DISTRUSTED = 10_000


class Place(NamedTuple):
    """Where a request goes, and on whose behalf: whoever agrees in it may share connections, one after the other."""

    owner: Hashable
    scheme: str
    host: str
    port: int


class Pool:
    """Makes exchanges. Use `close` when all have ended."""

    def __init__(self, connector: Connector, *, keep: int) -> None:
        """`keep` is how many connections may wait, over all places."""
        self._connector = connector
        self._keep = keep
        self._waiting: OrderedDict[Connection, tuple[Place, float]] = OrderedDict()
        """With the moment since when; the oldest first."""
        self._at: dict[Place, deque[Connection]] = {}
        """The same, place by place."""
        self._distrusted: set[Place] = set()
        """Places that sent what nobody asked for: no connection there is used twice."""
        self._sweeping: asyncio.TimerHandle | None = None

    async def exchange(self, place: Place, request: bytes, answer: Answer, *, within: timedelta) -> None:
        """Send the request once and read its answer; how far that came is in `answer`."""
        try:
            async with asyncio.timeout(within.total_seconds()):
                connection = self._take(place) or await self._connector.connect(
                    Connection,
                    place.host,
                    place.port,
                    tls=self._tls if place.scheme == "https" else None,
                    owner=place.owner,
                )
                try:
                    await connection.exchange(request, answer)
                finally:
                    self._give_back(place, connection)
        except TimeoutError:
            if not answer.whole:  # else it came in the last moment
                answer.problem = f"no answer within {within.total_seconds():g} s"
        except AddressNotAllowed as exc:
            answer.refused = str(exc)
        except ConnectError as exc:
            answer.problem = f"ConnectError: {exc}"

    def close(self) -> None:
        """Close what waits."""
        if self._sweeping is not None:
            self._sweeping.cancel()
        while self._waiting:
            self._oldest().close()

    def _take(self, place: Place) -> Connection | None:
        now = asyncio.get_running_loop().time()
        while waiting := self._at.get(place):
            _, since = self._waiting[waiting[0]]
            if now - since < QUIET_FOR and waiting[0].fit():
                return None
            connection = self._next(place)
            if now - since < IDLE_FOR and connection.fit() and place not in self._distrusted:
                return connection
            connection.close()
        return None

    def _give_back(self, place: Place, connection: Connection) -> None:
        self._look_at(place, connection)
        if place in self._distrusted or not connection.ended_well():  # `_take` looks at its socket
            connection.close()
            return
        if len(self._waiting) >= self._keep:
            self._oldest().close()
        loop = asyncio.get_running_loop()
        self._waiting[connection] = place, loop.time()
        self._at.setdefault(place, deque()).append(connection)
        if self._sweeping is None:
            self._sweeping = loop.call_later(IDLE_FOR, self._sweep)

    def _sweep(self) -> None:
        """Close what has waited too long."""
        loop = asyncio.get_running_loop()
        while self._waiting and next(iter(self._waiting.values()))[1] <= loop.time() - IDLE_FOR:
            self._oldest().close()
        self._sweeping = loop.call_later(IDLE_FOR, self._sweep) if self._waiting else None

    def _oldest(self) -> Connection:
        return self._next(next(iter(self._waiting.values()))[0])

    def _next(self, place: Place) -> Connection:
        """The one that has waited longest at this place; it waits no longer."""
        connection = self._at[place].popleft()
        if not self._at[place]:
            del self._at[place]
        del self._waiting[connection]
        self._look_at(place, connection)
        return connection

    def _look_at(self, place: Place, connection: Connection) -> None:
        if connection.surplus:
            if len(self._distrusted) >= MOST_DISTRUSTED:
                self._distrusted.clear()
            self._distrusted.add(place)

    @cached_property
    def _tls(self) -> SSLContext:
        return tls_context()
