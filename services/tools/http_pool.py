"""Connections that wait for another request, each for its own tenant and place.

Nobody ever waits for a connection: how many calls are under way at once is the worker's to say.
"""

import asyncio
from collections import deque
from collections.abc import Hashable
from datetime import timedelta
from functools import cached_property
from ssl import SSLContext
from typing import NamedTuple

from services.tools.http_connection import Answer, Connection
from services.tools.outgoing import ConnectError, Guard, Refused, tls_context

IDLE_FOR = 0.5
"""Seconds that a connection waits at most: servers close idle ones, the hasty after a second or two, and a request that
meets the closing is lost without anybody knowing whether it was read."""
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

    def __init__(self, guard: Guard, *, keep: int) -> None:
        """`keep` is how many connections may wait, over all places."""
        self._guard = guard
        self._keep = keep
        self._waiting: dict[Place, deque[tuple[float, Connection]]] = {}
        """The oldest first."""
        self._count = 0
        self._distrusted: set[Place] = set()
        """Places that sent what nobody asked for: no connection there is used twice."""
        self._sweeping: asyncio.TimerHandle | None = None

    async def exchange(self, place: Place, request: bytes, answer: Answer, *, within: timedelta) -> None:
        """Send the request once and read its answer; how far that came is in `answer`."""
        try:
            async with asyncio.timeout(within.total_seconds()):
                connection = self._take(place) or await self._guard.connect(
                    Connection, place.host, place.port, tls=self._tls if place.scheme == "https" else None
                )
                try:
                    await connection.exchange(request, answer)
                finally:
                    self._give_back(place, connection)
        except TimeoutError:
            if not answer.whole:  # else it came in the last moment
                answer.problem = f"no answer within {within.total_seconds():g} s"
        except Refused as exc:
            answer.refused = str(exc)
        except ConnectError as exc:
            answer.problem = f"ConnectError: {exc}"

    def close(self) -> None:
        """Close what waits."""
        if self._sweeping is not None:
            self._sweeping.cancel()
        for waiting in self._waiting.values():
            for _, connection in waiting:
                connection.close()
        self._waiting.clear()

    def _take(self, place: Place) -> Connection | None:
        now = asyncio.get_running_loop().time()
        waiting = self._waiting.get(place)
        while waiting:
            since, connection = waiting[0]
            if connection.surplus:
                self._distrust(place)
            if connection.fit() and now - since < QUIET_FOR:
                return None
            waiting.popleft()
            self._count -= 1
            if place not in self._distrusted and connection.fit() and now - since < IDLE_FOR:
                return connection
            connection.close()
        return None

    def _give_back(self, place: Place, connection: Connection) -> None:
        if connection.surplus:
            self._distrust(place)
        if not connection.fit() or place in self._distrusted or self._count >= self._keep:
            connection.close()
            return
        loop = asyncio.get_running_loop()
        self._waiting.setdefault(place, deque()).append((loop.time(), connection))
        self._count += 1
        if self._sweeping is None:
            self._sweeping = loop.call_later(IDLE_FOR, self._sweep)

    def _distrust(self, place: Place) -> None:
        if len(self._distrusted) >= MOST_DISTRUSTED:
            self._distrusted.clear()
        self._distrusted.add(place)

    def _sweep(self) -> None:
        """Close what has waited too long, of places that nobody calls any more, too."""
        loop = asyncio.get_running_loop()
        before = loop.time() - IDLE_FOR
        for place, waiting in list(self._waiting.items()):
            while waiting and (waiting[0][0] <= before or not waiting[0][1].fit()):
                _, connection = waiting.popleft()
                self._count -= 1
                if connection.surplus:
                    self._distrust(place)
                connection.close()
            if not waiting:
                del self._waiting[place]
        self._sweeping = loop.call_later(IDLE_FOR, self._sweep) if self._waiting else None

    @cached_property
    def _tls(self) -> SSLContext:
        return tls_context()
