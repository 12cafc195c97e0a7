"""Mark calls as sent before they are sent, many in one statement.

With a statement for each call, the marks would use every database connection, and heartbeats would wait for one.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.errors import ControlPlaneError
from services.outbox import ClaimedEnvelope, Outbox
from worker.attempts import Attempt
from worker.backoff import busy_delay

MAX_BATCH = 1000
"""Calls in one statement, as in claims and settlements."""
MAX_TRIES = 6
"""How often a mark is tried while another transaction holds a lock on the lane: for about half a second together."""


async def mark_sent(outbox: Outbox, attempts: Sequence[Attempt]) -> list[Attempt]:
    """Mark the calls as sent, except for calls to idempotent tools, which need no mark.

    Returns the attempts whose lease still holds. If a lane is locked, its attempts get `needs_sent_mark`: their calls
    must not be sent yet.
    """
    calls_to_mark: defaultdict[str, list[ClaimedEnvelope]] = defaultdict(list)
    for attempt in attempts:
        if not attempt.tool.idempotent:
            calls_to_mark[attempt.worker_id].append(attempt.claimed)
    answers = {worker_id: await outbox.mark_sent(worker_id, calls) for worker_id, calls in calls_to_mark.items()}
    leased: list[Attempt] = []
    for attempt in attempts:
        if not attempt.tool.idempotent:
            answer, key = answers[attempt.worker_id], attempt.claimed.envelope.key
            if key not in answer.marked and key not in answer.busy:
                continue
            attempt.needs_sent_mark = key not in answer.marked
        leased.append(attempt)
    return leased


@dataclass(slots=True)
class SentMarkWriter:
    """Collects the calls that are about to be sent, and marks them in batches."""

    outbox: Outbox
    _queue: "asyncio.Queue[tuple[Attempt, asyncio.Future[bool]]]" = field(default_factory=asyncio.Queue)

    async def mark(self, attempt: Attempt) -> bool:
        """Wait until the call is marked as sent. False: the lease is lost, or the lane stayed locked.

        Raises what the database raises.
        """
        for tries in range(1, MAX_TRIES + 1):
            is_leased: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
            self._queue.put_nowait((attempt, is_leased))
            if not await is_leased:
                return False
            if not attempt.needs_sent_mark:
                return True
            await asyncio.sleep(busy_delay(tries).total_seconds())
        return False

    async def run(self) -> None:
        """Write the marks that `mark` requests, until cancelled."""
        while True:
            batch = [await self._queue.get()]
            await asyncio.sleep(0)  # several calls often start in one turn of the event loop: collect all of them
            while len(batch) < MAX_BATCH and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            # A future that is done belongs to an attempt that was cancelled meanwhile.
            await self._write([(attempt, is_leased) for attempt, is_leased in batch if not is_leased.done()])

    async def _write(self, batch: "list[tuple[Attempt, asyncio.Future[bool]]]") -> None:
        try:
            leased = set(await mark_sent(self.outbox, [attempt for attempt, _ in batch]))
        except Exception as exc:  # one bad envelope must not stop the others
            if isinstance(exc, ControlPlaneError) or len(batch) == 1:
                for _, is_leased in batch:
                    if not is_leased.done():
                        is_leased.set_exception(exc)
            else:
                for item in batch:
                    await self._write([item])
        else:
            for attempt, is_leased in batch:
                if not is_leased.done():
                    is_leased.set_result(attempt in leased)
