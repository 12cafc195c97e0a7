"""Mark calls as sent before they are sent, many in one statement.

With a statement for each call, the marks would use every database connection, and heartbeats would wait for one.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.outbox import ClaimedEnvelope, Outbox
from worker.attempts import Attempt
from worker.backoff import busy_delay
from worker.batch_writer import BatchWriter

MAX_TRIES = 6
"""How many times a mark is tried while another transaction holds a lock on the lane: for about half a second in
all."""


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
    """Writes the sent marks of calls that are about to be sent, many in one batch."""

    outbox: Outbox
    _batches: BatchWriter[bool] = field(init=False)

    def __post_init__(self) -> None:
        self._batches = BatchWriter(self._write)

    async def mark(self, attempt: Attempt) -> bool:
        """Wait until the call is marked as sent. False: the lease is lost, or the lane stayed locked.

        Raises the errors of the database.
        """
        for tries in range(1, MAX_TRIES + 1):
            if not await self._batches.write(attempt):
                return False
            if not attempt.needs_sent_mark:
                return True
            await asyncio.sleep(busy_delay(tries).total_seconds())
        return False

    async def run(self) -> None:
        """Write the marks that `mark` requests, until cancelled."""
        await self._batches.run()

    async def _write(self, attempts: Sequence[Attempt]) -> Mapping[Attempt, bool]:
        leased = set(await mark_sent(self.outbox, attempts))
        return {attempt: attempt in leased for attempt in attempts}
