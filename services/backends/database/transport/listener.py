"""Wait for work with LISTEN on the channel `outbox_due`, on a separate connection. While that connection is down,
waiting takes the whole timeout, as with polling."""

import asyncio
import random
from contextlib import suppress
from datetime import timedelta

import asyncpg

from services.backends.database.transport.keepalive import enable_keepalive
from services.backends.database.transport.pool import asyncpg_url

PROBE_EVERY = timedelta(seconds=10)
"""How often an idle connection is tested with a query: a dead connection looks like one without notifications."""
ANSWER_WITHIN = timedelta(seconds=5)
"""Timeout for connecting, for LISTEN and for the test query."""
MAX_RETRY_DELAY = timedelta(seconds=15)
"""The longest delay before the next attempt to connect."""


class Listener:
    """Ends a wait when envelopes are added to the outbox. See `transport.functions.Wake`.

    It connects at the first `wait` and listens until `close`.
    """

    can_notify = True

    def __init__(
        self,
        url: str,
        *,
        probe_every: timedelta = PROBE_EVERY,
        max_retry_delay: timedelta = MAX_RETRY_DELAY,
    ) -> None:
        self._url = asyncpg_url(url)
        self._probe_every = probe_every.total_seconds()
        self._answer_within = ANSWER_WITHIN.total_seconds()
        self._max_retry_delay = max_retry_delay.total_seconds()
        self._notified = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def wait(self, timeout: timedelta) -> None:  # noqa: ASYNC109  # reaching the timeout is not an error
        """Return at a notification, at the latest after `timeout`.

        Returns immediately if a notification arrived since the last wait.
        """
        if self._task is None:
            self._task = asyncio.create_task(self._listen_until_closed())
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout.total_seconds()):
                await self._notified.wait()
        self._notified.clear()

    async def close(self) -> None:
        """Stop listening and close the connection."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _listen_until_closed(self) -> None:
        import structlog  # noqa: PLC0415  # takes a tenth of a command's start-up, and only workers listen

        log = structlog.get_logger("database")
        tries = 0
        while True:
            try:
                connection = await asyncpg.connect(self._url, timeout=self._answer_within)
                try:
                    async with asyncio.timeout(self._answer_within):
                        await connection.add_listener("outbox_due", lambda *_: self._notified.set())
                    if tries:
                        log.info("listen.back", tries=tries)
                    tries = 0
                    self._notified.set()  # work may have arrived before LISTEN took effect
                    await self._watch(connection)
                finally:
                    connection.terminate()
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as exc:
                if not tries:  # log only the first of several failures
                    log.warning("listen.lost", error=f"{type(exc).__name__}: {exc}".removesuffix(": "))
            tries += 1
            self._notified.set()
            await asyncio.sleep(random.uniform(0.5, 1) * min(self._max_retry_delay, 0.2 * 2 ** min(tries, 8)))  # noqa: S311

    async def _watch(self, connection: asyncpg.Connection) -> None:
        """Test the connection regularly. Raises OSError when it is closed or does not answer."""
        enable_keepalive(connection)
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
