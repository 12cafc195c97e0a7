"""Note which calls are about to leave, many in one statement: what comes while one is written goes with the next.

A statement for each call would take every connection to the database, and heartbeats would wait behind them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from services.envelope import EnvelopeKey
from services.errors import ControlPlaneError
from worker.backoff import busy_delay
from worker.claim import Job

NOTE_AT_MOST = 1000
"""Calls in one statement, as of claims and settlements."""
TRIES = 6
"""While another transaction has locked the call's lane: half a second or so."""


@dataclass(slots=True)
class SentNotes:
    """`mark` writes the notes and returns its jobs but those whose lease is lost; `noted` are those that may leave."""

    mark: Callable[[Sequence[Job]], Awaitable[list[Job]]]
    _queue: "asyncio.Queue[tuple[Job, asyncio.Future[Job | None]]]" = field(default_factory=asyncio.Queue)

    async def may_leave(self, job: Job) -> bool:
        """Once it is noted; False where its lease is lost, or its lane stays locked by another transaction.

        Raises what the database raises.
        """
        for tries in range(1, TRIES + 1):
            noted: asyncio.Future[Job | None] = asyncio.get_running_loop().create_future()
            self._queue.put_nowait((job, noted))
            ours = await noted
            if ours is None or ours.noted:
                return ours is not None
            await asyncio.sleep(busy_delay(tries).total_seconds())
        return False

    async def write(self) -> None:
        """Write notes as they are asked for, until cancelled."""
        while True:
            batch = [await self._queue.get()]
            await asyncio.sleep(0)  # calls that end in one turn of the event loop are followed by others in the next
            while len(batch) < NOTE_AT_MOST and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            batch = [(job, noted) for job, noted in batch if not noted.done()]  # else it was called off meanwhile
            try:
                ours = {job.claimed.envelope.key: job for job in await self.mark([job for job, _ in batch])}
            except ControlPlaneError as exc:
                _tell(batch, exc)
            else:
                _tell(batch, ours)


def _tell(
    batch: list[tuple[Job, "asyncio.Future[Job | None]"]], told: dict[EnvelopeKey, Job] | ControlPlaneError
) -> None:
    for job, noted in batch:
        if noted.done():
            continue
        if isinstance(told, ControlPlaneError):
            noted.set_exception(told)
        else:
            noted.set_result(told.get(job.claimed.envelope.key))
