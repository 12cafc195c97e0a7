"""LISTEN for `outbox_due` on a connection of its own; where that fails, waiting is polling."""

import asyncio
import random
from contextlib import suppress
from datetime import timedelta

import asyncpg
import structlog

from services.backends.database.transport.keepalive import keep_alive
from services.backends.database.transport.pool import asyncpg_url

PROBE_EVERY = timedelta(seconds=10)
"""A connection that died in silence looks like one on which nothing comes: it is asked for an answer so often."""
ANSWER_WITHIN = timedelta(seconds=5)
RETRY_AT_MOST = timedelta(seconds=15)
"""Between two tries to listen again."""

log = structlog.get_logger("database")


class Listener:
    """Wakes whoever waits when envelopes were put into the outbox; see `transport.functions.Wake`.

    It begins to listen at the first wait, and goes on until it is closed.
    """

    can_notify = True

    def __init__(
        self,
        url: str,
        *,
        probe_every: timedelta = PROBE_EVERY,
        retry_at_most: timedelta = RETRY_AT_MOST,
    ) -> None:
        self._url = asyncpg_url(url)
        self._probe_every = probe_every.total_seconds()
        self._answer_within = ANSWER_WITHIN.total_seconds()
        self._retry_at_most = retry_at_most.total_seconds()
        self._woken = asyncio.Event()
        self._listening: asyncio.Task[None] | None = None

    async def wait(self, timeout: timedelta) -> None:  # noqa: ASYNC109  # its end is no error
        """Return at a notification, at the latest after `timeout`. One that came since the last wait counts."""
        if self._listening is None:
            self._listening = asyncio.create_task(self._keep_listening())
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout.total_seconds()):
                await self._woken.wait()
        self._woken.clear()

    async def close(self) -> None:
        """Listen no more, and give the connection back."""
        listening, self._listening = self._listening, None
        if listening is not None:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def _keep_listening(self) -> None:
        tries = 0
        while True:
            try:
                connection = await asyncpg.connect(self._url, timeout=self._answer_within)
                try:
                    async with asyncio.timeout(self._answer_within):
                        await connection.add_listener("outbox_due", lambda *_: self._woken.set())
                    if tries:
                        log.info("listen.back", tries=tries)
                    tries = 0
                    self._woken.set()  # something may have come before we listened
                    await self._until_lost(connection)
                finally:
                    connection.terminate()
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as exc:
                if not tries:  # whoever waits polls meanwhile
                    log.warning("listen.lost", error=f"{type(exc).__name__}: {exc}".removesuffix(": "))
            tries += 1
            self._woken.set()
            await asyncio.sleep(random.uniform(0.5, 1) * min(self._retry_at_most, 0.2 * 2 ** min(tries, 8)))  # noqa: S311

    async def _until_lost(self, connection: asyncpg.Connection) -> None:
        """Raises OSError once the connection has ended, or does not answer."""
        keep_alive(connection)
        lost = asyncio.Event()
        connection.add_termination_listener(lambda *_: lost.set())
        while not lost.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(self._probe_every):
                    await lost.wait()
            if not lost.is_set():
                async with asyncio.timeout(self._answer_within):
                    await connection.execute("select 1")
        raise ConnectionError("the connection was closed")
