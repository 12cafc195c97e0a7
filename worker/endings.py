"""Write endings to the database in batches, while the next ones are being made; however long it is away."""

import asyncio
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

from services.envelope import Envelope
from services.errors import ControlPlaneError, NotReady
from services.health import Health
from services.outbox import Outbox, Settlement
from worker import telemetry
from worker.telemetry import Metrics

SETTLE_AT_MOST = 1000
"""Settlements in one transaction; more gained nothing when measured."""

_Ending = tuple[Envelope, Settlement, float]
"""An envelope, what becomes of it, and when it was claimed (`time.perf_counter`)."""


@dataclass(slots=True, kw_only=True)
class Endings:
    """What attempts came to and the database has not taken yet."""

    outbox: Outbox
    metrics: Metrics
    health: Health
    longest_wait: timedelta
    """Between two tries while the database is away."""
    on_doubt: Callable[[], None]
    """The database may hold leases that this worker no longer knows of."""
    on_written: Callable[[], None]
    settled: dict[str, int] = field(default_factory=dict)
    """How many envelopes went where, by disposition."""
    unsettled: int = 0

    _queue: "asyncio.Queue[_Ending]" = field(default_factory=asyncio.Queue)

    def add(self, envelope: Envelope, settlement: Settlement, since: float) -> None:
        """Have it written; `since` is when the envelope was claimed (`time.perf_counter`)."""
        self.unsettled += 1
        self._queue.put_nowait((envelope, settlement, since))

    async def write(self, worker_id: Callable[[], str]) -> None:
        """Write endings as they come, until cancelled; one writer, so each batch is sent again until it is taken."""
        while True:
            batch = [await self._queue.get()]
            while len(batch) < SETTLE_AT_MOST and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            await self._write(worker_id(), batch)
            self.unsettled -= len(batch)
            self.on_written()
            for _ in batch:
                self._queue.task_done()

    async def all_written(self, within: timedelta) -> None:
        """Wait for that, unless the database stays away; leases then run out instead."""
        try:
            async with asyncio.timeout(within.total_seconds()):
                await self._queue.join()
        except TimeoutError:
            telemetry.log.warning("worker.unsettled", envelopes=self.unsettled)

    async def _write(self, worker_id: str, batch: list[_Ending]) -> None:
        tries = 0
        while True:
            try:
                refused = await self.outbox.settle(worker_id, [settlement for _, settlement, _ in batch])
                break
            except NotReady as exc:
                tries += 1
                self.health.away = str(exc)
                telemetry.log.warning("database.away", error=str(exc), tries=tries, unsettled=self.unsettled)
                await asyncio.sleep(min(self.longest_wait.total_seconds(), 0.2 * 2 ** min(tries, 8)))
            except ControlPlaneError as exc:
                if len(batch) > 1:  # one that the database will not take goes alone
                    for ending in batch:
                        await self._write(worker_id, [ending])
                    return
                envelope, settlement, since = batch[0]
                telemetry.log.error("envelope.unsettled", envelope=str(envelope.id), error=str(exc))
                bare = _bare(settlement, str(exc))
                if settlement == bare:
                    self.on_doubt()
                    return  # the lease runs out, and whoever finds it settles it as lost
                batch = [(envelope, bare, since)]
        self._tell(batch, refused)

    def _tell(self, batch: list[_Ending], refused: Collection[UUID]) -> None:
        now = time.perf_counter()
        taken = [(envelope, s, now - since) for envelope, s, since in batch if s.envelope_id not in refused]
        for envelope, settlement, _ in batch if refused else ():
            if settlement.envelope_id in refused:
                self.metrics.lease_lost(envelope.tenant_id)
                telemetry.log.warning("lease.lost", tenant=str(envelope.tenant_id), envelope=str(envelope.id))
        for _, settlement, _ in taken:
            self.settled[settlement.to] = self.settled.get(settlement.to, 0) + 1
        self.metrics.settled((settlement, seconds) for _, settlement, seconds in taken)
        telemetry.told(taken)


def _bare(settlement: Settlement, problem: str) -> Settlement:
    """The same ending without the words from outside, of which the database would not take some."""
    return replace(
        settlement,
        result=None if settlement.result is None else {"unstorable": problem},
        error=None if settlement.error is None else f"unstorable: {problem}",
        verdicts=None,
    )
