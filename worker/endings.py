"""Write endings to the database in batches, while the next ones are being made; however long it is away."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

from services.envelope import Envelope
from services.errors import ControlPlaneError, Locked, NotReady, Unexplained
from services.health import Health
from services.outbox import Outbox, Settlement, Unsettled
from worker import telemetry
from worker.backoff import RetryRule, retry_delay
from worker.telemetry import Metrics

SETTLE_AT_MOST = 1000
"""Settlements in one transaction; more gained nothing when measured."""

BUSY = RetryRule(max_attempts=0, base=timedelta(milliseconds=10), cap=timedelta(seconds=1))
"""When to try again what another transaction of its tenant keeps from being written, for as long as it does."""

_Ending = tuple[Envelope, Settlement, float]
"""An envelope, what becomes of it, and when it was claimed (`time.perf_counter`)."""


@dataclass(slots=True)
class _Kept:
    """Endings that are tried again later."""

    busy: list[_Ending] = field(default_factory=list)
    """Another transaction of their tenant has locked what they change."""
    unexplained: list[_Ending] = field(default_factory=list)
    """The database refuses them, and not for what they hold."""

    def __len__(self) -> int:
        return len(self.busy) + len(self.unexplained)


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
    busy: int = 0
    """Of the unsettled: those that another transaction of their tenant keeps from being written."""

    _tries: int = 0
    """Batches in a row of which some were kept for later."""
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
            self._tries = self._tries + 1 if len(kept) else 0
            self.busy += len(kept.busy)
            loop = asyncio.get_running_loop()
            if kept.busy:
                wait = retry_delay(self._tries, BUSY).total_seconds()
                loop.call_later(wait, self._again, kept.busy, len(kept.busy))
            if kept.unexplained:
                loop.call_later(self._wait(self._tries), self._again, kept.unexplained, 0)
            self.unsettled -= len(batch) - len(kept)
            self.on_written()
            for _ in range(len(batch) - len(kept)):
                self._queue.task_done()

    async def all_written(self, within: timedelta) -> None:
        """Wait for that, unless the database stays away; leases then run out instead."""
        try:
            async with asyncio.timeout(within.total_seconds()):
                await self._queue.join()
        except TimeoutError:
            telemetry.log.warning("worker.unsettled", envelopes=self.unsettled)

    async def _write(self, worker_id: str, batch: list[_Ending]) -> _Kept:
        tries = 0
        while True:
            try:
                left = await self.outbox.settle(worker_id, [settlement for _, settlement, _ in batch])
                break
            except Locked:  # by something that no function of ours does: nobody else's endings wait for it
                parts = _by_tenant(batch)
                return _Kept(busy=batch) if len(parts) == 1 else await self._write_each(worker_id, parts)
            except Unexplained as exc:
                if len(batch) > 1:
                    return await self._write_each(worker_id, [[one] for one in batch])
                telemetry.log.error("envelope.kept", envelope=str(batch[0][0].id), error=str(exc))
                return _Kept(unexplained=batch)
            except NotReady as exc:
                tries += 1
                self.health.away = str(exc)
                telemetry.log.warning("database.away", error=str(exc), tries=tries, unsettled=self.unsettled)
                await asyncio.sleep(self._wait(tries))
            except ControlPlaneError as exc:
                if len(batch) > 1:  # one that the database will not take goes alone
                    return await self._write_each(worker_id, [[one] for one in batch])
                envelope, settlement, since = batch[0]
                telemetry.log.error("envelope.unsettled", envelope=str(envelope.id), error=str(exc))
                bare = _bare(settlement, str(exc))
                if settlement == bare:
                    self.on_doubt()
                    return _Kept()  # the lease runs out, and whoever finds it settles it as lost
                batch = [(envelope, bare, since)]
        self._tell(batch, left)
        return _Kept(busy=[ending for ending in batch if ending[1].key in left.busy])

    async def _write_each(self, worker_id: str, parts: list[list[_Ending]]) -> _Kept:
        kept = _Kept()
        for part in parts:
            of_part = await self._write(worker_id, part)
            kept.busy += of_part.busy
            kept.unexplained += of_part.unexplained
        return kept

    def _again(self, kept: list[_Ending], busy: int) -> None:
        """Back into the queue; `all_written` has waited for them all the while."""
        self.busy -= busy
        for ending in kept:
            self._queue.put_nowait(ending)
            self._queue.task_done()

    def _wait(self, tries: int) -> float:
        return min(self.longest_wait.total_seconds(), 0.2 * 2.0 ** min(tries, 8))

    def _tell(self, batch: list[_Ending], left: Unsettled) -> None:
        now = time.perf_counter()
        taken = [(envelope, s, now - since) for envelope, s, since in batch if not left or _was_taken(s, left)]
        for envelope, settlement, _ in batch if left.refused else ():
            if settlement.key in left.refused:
                self.metrics.lease_lost(envelope.tenant_id)
                telemetry.log.warning("lease.lost", tenant=str(envelope.tenant_id), envelope=str(envelope.id))
        for _, settlement, _ in taken:
            self.settled[settlement.to] = self.settled.get(settlement.to, 0) + 1
        self.metrics.settled((settlement, seconds) for _, settlement, seconds in taken)
        telemetry.told(taken)


def _was_taken(settlement: Settlement, left: Unsettled) -> bool:
    return settlement.key not in left.refused and settlement.key not in left.busy


def _by_tenant(batch: list[_Ending]) -> list[list[_Ending]]:
    parts: defaultdict[UUID, list[_Ending]] = defaultdict(list)
    for ending in batch:
        parts[ending[0].tenant_id].append(ending)
    return list(parts.values())


def _bare(settlement: Settlement, problem: str) -> Settlement:
    """The same ending without the words from outside, of which the database would not take some."""
    return replace(
        settlement,
        result=None if settlement.result is None else {"unstorable": problem},
        error=None if settlement.error is None else f"unstorable: {problem}",
        verdicts=None,
    )
