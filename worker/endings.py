"""Write endings to the database in batches, while the next ones are being made; however long it is away."""

import asyncio
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

from services.envelope import Envelope
from services.errors import ControlPlaneError, NotReady, Unexplained
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

    _kept_in_a_row: int = 0
    """Batches of which some were kept for later."""
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
            kept = await self._write(worker_id(), batch)
            self._kept_in_a_row = self._kept_in_a_row + 1 if kept else 0
            if kept:
                asyncio.get_running_loop().call_later(self._wait(self._kept_in_a_row), self._again, kept)
            self.unsettled -= len(batch) - len(kept)
            self.on_written()
            for _ in range(len(batch) - len(kept)):
                self._queue.task_done()

    def _again(self, kept: list[_Ending]) -> None:
        """Back into the queue; `all_written` has waited for them all the while."""
        for ending in kept:
            self._queue.put_nowait(ending)
            self._queue.task_done()

    def _wait(self, tries: int) -> float:
        return min(self.longest_wait.total_seconds(), 0.2 * 2.0 ** min(tries, 8))

    async def all_written(self, within: timedelta) -> None:
        """Wait for that, unless the database stays away; leases then run out instead."""
        try:
            async with asyncio.timeout(within.total_seconds()):
                await self._queue.join()
        except TimeoutError:
            telemetry.log.warning("worker.unsettled", envelopes=self.unsettled)

    async def _write(self, worker_id: str, batch: list[_Ending]) -> list[_Ending]:
        """Returns those that are kept for later: the database refuses them, and not for what they hold."""
        tries = 0
        while True:
            try:
                refused = await self.outbox.settle(worker_id, [settlement for _, settlement, _ in batch])
                break
            except Unexplained as exc:
                if len(batch) == 1:
                    telemetry.log.error("envelope.kept", envelope=str(batch[0][0].id), error=str(exc))
                    return batch
                return [ending for one in batch for ending in await self._write(worker_id, [one])]
            except NotReady as exc:
                tries += 1
                self.health.away = str(exc)
                telemetry.log.warning("database.away", error=str(exc), tries=tries, unsettled=self.unsettled)
                await asyncio.sleep(self._wait(tries))
            except ControlPlaneError as exc:
                if len(batch) > 1:  # one that the database will not take goes alone
                    return [ending for one in batch for ending in await self._write(worker_id, [one])]
                envelope, settlement, since = batch[0]
                telemetry.log.error("envelope.unsettled", envelope=str(envelope.id), error=str(exc))
                bare = _bare(settlement, str(exc))
                if settlement == bare:
                    self.on_doubt()
                    return []  # the lease runs out, and whoever finds it settles it as lost
                batch = [(envelope, bare, since)]
        self._tell(batch, refused)
        return []

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
