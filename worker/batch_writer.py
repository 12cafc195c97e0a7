"""Write what must be in the database before calls are sent, for many calls in one statement.

With one statement per call, the writes would use every database connection, and heartbeats would wait for one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from services.errors import ControlPlaneError
from worker.attempts import Attempt

T = TypeVar("T")
MAX_BATCH = 1000
"""Calls in one statement, as in claims and settlements."""


@dataclass(slots=True)
class BatchWriter(Generic[T]):
    """Collects attempts, and writes them in batches with `write_batch`, which returns an answer for each."""

    write_batch: Callable[[Sequence[Attempt]], Awaitable[Mapping[Attempt, T]]]
    _queue: "asyncio.Queue[tuple[Attempt, asyncio.Future[T]]]" = field(default_factory=asyncio.Queue)

    async def write(self, attempt: Attempt) -> T:
        """Wait until the attempt is written, and return its answer. Raises the errors of the database."""
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._queue.put_nowait((attempt, answer))
        return await answer

    async def run(self) -> None:
        """Write the attempts that `write` collects, until cancelled."""
        while True:
            batch = [await self._queue.get()]
            await asyncio.sleep(0)  # several calls often start in one turn of the event loop: collect all of them
            while len(batch) < MAX_BATCH and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            # A future that is done belongs to an attempt that was cancelled meanwhile.
            await self._write([(attempt, answer) for attempt, answer in batch if not answer.done()])

    async def _write(self, batch: "list[tuple[Attempt, asyncio.Future[T]]]") -> None:
        try:
            answers = await self.write_batch([attempt for attempt, _ in batch])
        except Exception as exc:  # one bad envelope must not stop the others
            if isinstance(exc, ControlPlaneError) or len(batch) == 1:
                for _, answer in batch:
                    if not answer.done():
                        answer.set_exception(exc)
            else:
                for item in batch:
                    await self._write([item])
        else:
            for attempt, answer in batch:
                if not answer.done():
                    answer.set_result(answers[attempt])
