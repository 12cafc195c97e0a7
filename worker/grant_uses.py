"""Record, before calls are sent, that grants allow them: many calls in one statement."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from services.outbox import GrantedCall, Outbox
from worker.attempts import Attempt
from worker.backoff import busy_delay
from worker.batch_writer import BatchWriter

MAX_TRIES = 6
"""How many times a use is tried while another transaction holds a lock: for about half a second in all."""


class GrantUse(Enum):
    """The answer of the database about a call that a grant allows."""

    RECORDED = auto()
    """The call may be sent."""
    BUSY = auto()
    """Another transaction holds a lock."""
    REFUSED = auto()
    """The lease is lost, or the grant has ended since the call was judged."""


@dataclass(slots=True)
class GrantUseWriter:
    """Records the uses of grants for the calls that are about to be sent."""

    outbox: Outbox
    _batches: BatchWriter[GrantUse] = field(init=False)

    def __post_init__(self) -> None:
        self._batches = BatchWriter(self._write)

    async def record(self, attempt: Attempt) -> GrantUse:
        """Wait until the use is recorded, refused, or too often busy. Raises the errors of the database."""
        use = GrantUse.BUSY
        for tries in range(1, MAX_TRIES + 1):
            use = await self._batches.write(attempt)
            if use is not GrantUse.BUSY:
                break
            await asyncio.sleep(busy_delay(tries).total_seconds())
        return use

    async def run(self) -> None:
        """Write the uses that `record` requests, until cancelled."""
        await self._batches.run()

    async def _write(self, attempts: Sequence[Attempt]) -> Mapping[Attempt, GrantUse]:
        calls: defaultdict[str, list[GrantedCall]] = defaultdict(list)
        for attempt in attempts:
            if attempt.grant is not None:
                calls[attempt.worker_id].append(attempt.grant)
        answers = {worker_id: await self.outbox.use_grants(worker_id, granted) for worker_id, granted in calls.items()}

        def use_of(attempt: Attempt) -> GrantUse:
            answer, key = answers[attempt.worker_id], attempt.claimed.envelope.key
            if key in answer.may_go:
                return GrantUse.RECORDED
            return GrantUse.BUSY if key in answer.busy else GrantUse.REFUSED

        return {attempt: use_of(attempt) for attempt in attempts}
