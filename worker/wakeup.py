"""Let the claim loop wait until it has something to do."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from services.errors import ControlPlaneError
from services.outbox import Outbox

POLL_FRACTION = 0.95
"""An idle worker polls after this part of `poll_every`, so that the calls it finds start within `poll_every`."""
MIN_IDLE_WAIT = timedelta(milliseconds=50)
"""Shortest wait after an empty claim, for the case that another worker is just claiming the due envelopes."""


@dataclass(slots=True, kw_only=True)
class Wakeup:
    """Lets the claim loop wait, and lets other tasks wake it."""

    outbox: Outbox
    tenant: UUID | None
    poll_every: timedelta
    _event: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """End the current wait or, if the loop does not wait now, the next one."""
        self._event.set()

    async def wait(self, at_most: timedelta, *, listen: bool = False) -> None:
        """Wait until `wake` is called or, with `listen`, the backend signals new work; for `at_most` at the longest."""
        waits: list[asyncio.Task[object]] = [asyncio.create_task(self._event.wait())]
        if listen:
            waits.append(asyncio.create_task(self.outbox.wait_for_work(at_most)))
        try:
            await asyncio.wait(waits, timeout=at_most.total_seconds(), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
        self._event.clear()

    async def wait_for_work(self) -> None:
        """Wait until an envelope is due, the backend signals new work, `wake` is called, or it is time to poll."""
        try:
            due_in = await self.outbox.due_in(self.tenant)
        except ControlPlaneError:
            due_in = None  # the next claim reports the error
        poll_in = self.poll_every * POLL_FRACTION
        await self.wait(poll_in if due_in is None else min(poll_in, max(due_in, MIN_IDLE_WAIT)), listen=True)
