"""LISTEN for `outbox_due` on a connection of its own; where that fails, waiting is polling."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import asyncpg

from services.database.pool import asyncpg_url


class Listener:
    """Wakes whoever waits when envelopes were put into the outbox; see `services.database.functions.Wake`."""

    can_notify = True

    def __init__(self, url: str) -> None:
        self._url = asyncpg_url(url)
        self._connection: asyncpg.Connection | None = None
        self._woken = asyncio.Event()
        self._connecting = asyncio.Lock()

    async def wait(self, timeout: timedelta) -> None:  # noqa: ASYNC109  # its end is no error
        """Return at a notification, at the latest after `timeout`. One that came since the last wait counts."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout.total_seconds()):
                async with self._connecting:
                    await self._connect()
                await self._woken.wait()
        self._woken.clear()

    async def close(self) -> None:
        """Give the connection back."""
        connection, self._connection = self._connection, None
        if connection is not None and not connection.is_closed():
            with suppress(asyncpg.PostgresError, OSError, TimeoutError):
                await connection.close(timeout=2)

    async def _connect(self) -> None:
        if self._connection is not None and not self._connection.is_closed():
            return
        try:
            connection = await asyncpg.connect(self._url, timeout=5)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            return  # the database is away: the timeout is the poll
        try:
            await connection.add_listener("outbox_due", lambda *_: self._woken.set())
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            connection.terminate()  # a pooler that cannot listen: likewise
            return
        except asyncio.CancelledError:
            connection.terminate()
            raise
        self._connection = connection
        connection.add_termination_listener(lambda *_: self._woken.set())
        self._woken.set()  # something may have come before we listened
