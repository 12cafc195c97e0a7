"""Note which calls are about to leave, many in one statement: what comes while one is written goes with the next.

A statement for each call would take every connection to the database, and heartbeats would wait behind them.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.errors import ControlPlaneError
from services.outbox import Claimed, Outbox
from worker.attempts import Attempt
from worker.backoff import busy_delay

NOTE_AT_MOST = 1000
"""Calls in one statement, as of claims and settlements."""
TRIES = 6
"""While another transaction has locked the call's lane: half a second or so."""


async def mark_sent(outbox: Outbox, attempts: Sequence[Attempt]) -> list[Attempt]:
    """Note which calls are about to leave to tools that do not honour the key.

    Returned are those that may; with `noted` false, those that are busy and may not yet; and not those whose lease is
    lost.
    """
    once: defaultdict[str, list[Claimed]] = defaultdict(list)
    for attempt in attempts:
        if not attempt.tool.idempotent:
            once[attempt.worker_id].append(attempt.claimed)
    marked = {worker_id: await outbox.mark_sent(worker_id, calls) for worker_id, calls in once.items()}
    ours: list[Attempt] = []
    for attempt in attempts:
        if not attempt.tool.idempotent:
            answer, key = marked[attempt.worker_id], attempt.claimed.envelope.key
            if key not in answer.may_go and key not in answer.busy:
                continue
            attempt.noted = key in answer.may_go
        ours.append(attempt)
    return ours


@dataclass(slots=True)
class SentNotes:
    """Notes calls as they are about to leave, those of one moment together."""

    outbox: Outbox
    _queue: "asyncio.Queue[tuple[Attempt, asyncio.Future[bool]]]" = field(default_factory=asyncio.Queue)

    async def may_leave(self, attempt: Attempt) -> bool:
        """Once it is noted; False where its lease is lost, or its lane stays locked by another transaction.

        Raises what the database raises.
        """
        for tries in range(1, TRIES + 1):
            answered: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
            self._queue.put_nowait((attempt, answered))
            is_ours = await answered
            if not is_ours or attempt.noted:
                return is_ours
            await asyncio.sleep(busy_delay(tries).total_seconds())
        return False

    async def write(self) -> None:
        """Write notes as they are asked for, until cancelled."""
        while True:
            batch = [await self._queue.get()]
            await asyncio.sleep(0)  # calls that end in one turn of the event loop are followed by others in the next
            while len(batch) < NOTE_AT_MOST and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            # Else it was called off meanwhile.
            await self._write([(attempt, answered) for attempt, answered in batch if not answered.done()])

    async def _write(self, batch: "list[tuple[Attempt, asyncio.Future[bool]]]") -> None:
        try:
            ours = set(await mark_sent(self.outbox, [attempt for attempt, _ in batch]))
        except Exception as exc:  # one bad envelope never takes its neighbours along
            if isinstance(exc, ControlPlaneError) or len(batch) == 1:
                for _, answered in batch:
                    if not answered.done():
                        answered.set_exception(exc)
            else:
                for one in batch:
                    await self._write([one])
        else:
            for attempt, answered in batch:
                if not answered.done():
                    answered.set_result(attempt in ours)
