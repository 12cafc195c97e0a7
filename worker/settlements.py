"""Write settlements in batches while the next attempts run, and keep them while the database is not ready."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from services.envelope import Envelope
from services.errors import ControlPlaneError, Locked, NotReady, RefusedByDatabase
from services.outbox import Outbox, Settlement, UnsettledEnvelopes
from services.process.health import Health
from worker import telemetry
from worker.backoff import busy_delay, database_retry_delay
from worker.telemetry import Metrics

MAX_BATCH = 1000
"""Settlements in one transaction. Larger batches were not faster when measured."""
SMALL_BATCH = 100
PAUSE = timedelta(milliseconds=5)
"""The shortest time from one write to a write of fewer than SMALL_BATCH settlements. A transaction costs as much as ten
settlements, and without this pause calls that end one by one would have a transaction each."""


@dataclass(slots=True, eq=False)
class _Unwritten:
    """A settlement that is not in the database yet."""

    envelope: Envelope
    settlement: Settlement
    claimed_at: float
    """Value of `time.perf_counter`."""
    worker_id: str
    """The worker id of the claim. Only this id may settle it."""
    tries: int = 0
    """How many times the settlement was moved to a later batch."""
    busy: bool = False
    """Whether another transaction of the tenant has blocked this settlement at least once."""


@dataclass(slots=True)
class _ToRetry:
    """Settlements to send again in a later batch."""

    busy: list[_Unwritten] = field(default_factory=list)
    """Settlements that need a lock that another transaction of their tenant holds."""
    refused_by_database: list[_Unwritten] = field(default_factory=list)
    """Settlements that the database refuses for a reason other than their data."""


@dataclass(slots=True, kw_only=True)
class SettlementWriter:
    """Keeps the settlements of one worker until the database has them."""

    outbox: Outbox
    metrics: Metrics
    health: Health
    max_wait: timedelta
    """Longest wait between two tries while the database is not ready."""
    on_untracked_lease: Callable[[], None]
    """Called when a settlement is dropped: its lease stays in the database, and this worker no longer knows of it."""
    on_written: Callable[[], None]
    """Called after each batch."""
    pause: timedelta = PAUSE
    settled: dict[str, int] = field(default_factory=dict)
    """Number of settled envelopes by disposition."""

    _unwritten: Counter[str] = field(default_factory=Counter)
    """Number of unwritten settlements by the worker id of their claim."""
    _busy: Counter[str] = field(default_factory=Counter)
    """Number of unwritten settlements that are busy, by the worker id of their claim."""
    _queue: "asyncio.Queue[_Unwritten]" = field(default_factory=asyncio.Queue)

    @property
    def unwritten(self) -> int:
        """Number of settlements that are not in the database yet."""
        return self._unwritten.total()

    @property
    def busy(self) -> int:
        """Number of unwritten settlements that are blocked by another transaction of their tenant."""
        return self._busy.total()

    def worker_ids_to_renew(self, current: str) -> set[str]:
        """The worker ids whose leases must not run out before their settlements are written.

        An id that this worker had before is left out if other transactions block all its settlements: a renewal would
        also extend leases from a claim that never got its answer, perhaps leases on other tenants' envelopes.
        """
        return {
            worker_id
            for worker_id, unwritten in self._unwritten.items()
            if unwritten > (0 if worker_id == current else self._busy[worker_id])
        }  # fmt: skip

    def add(self, envelope: Envelope, settlement: Settlement, *, claimed_at: float, worker_id: str) -> None:
        """Queue a settlement for the next batch."""
        self._unwritten[worker_id] += 1
        self._queue.put_nowait(_Unwritten(envelope, settlement, claimed_at, worker_id))

    async def run(self) -> None:
        """Write queued settlements until cancelled. One batch at a time, so that only one waits for the database."""
        loop = asyncio.get_running_loop()
        next_small_at = loop.time()
        while True:
            batch = [await self._queue.get()]
            if self._queue.qsize() < SMALL_BATCH and (wait := next_small_at - loop.time()) > 0:
                await asyncio.sleep(wait)
            while len(batch) < MAX_BATCH and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            for part in _group_by(batch, lambda item: item.worker_id):
                to_retry = await self._write(part)
                self._mark_busy(to_retry.busy)
                self._remove(part, except_for={*to_retry.busy, *to_retry.refused_by_database})
                self._retry_later(to_retry.busy, busy_delay)
                self._retry_later(to_retry.refused_by_database, self._database_retry_delay)
            next_small_at = loop.time() + self.pause.total_seconds()
            self.on_written()

    async def wait_until_written(self, timeout: timedelta) -> None:  # noqa: ASYNC109  # a timeout is not an error here
        """Wait until all settlements are written, for at most `timeout`. After that, the leases of unwritten ones run
        out."""
        try:
            async with asyncio.timeout(timeout.total_seconds()):
                await self._queue.join()
        except TimeoutError:
            telemetry.log.warning("worker.settlements_lost", envelopes=self.unwritten)

    async def _write(self, batch: list[_Unwritten]) -> _ToRetry:
        tries = 0
        while True:
            try:
                unsettled = await self.outbox.settle(batch[0].worker_id, [item.settlement for item in batch])
                break
            except Locked:  # our SQL functions waited in vain for a locked row: settle each tenant separately
                parts = _group_by(batch, lambda item: item.settlement.lease.tenant_id)
                return _ToRetry(busy=batch) if len(parts) == 1 else await self._write_each(parts)
            except RefusedByDatabase as exc:
                if len(batch) > 1:
                    return await self._write_each([[item] for item in batch])
                telemetry.log.error("settlement.kept", envelope=str(batch[0].envelope.id), error=str(exc))
                return _ToRetry(refused_by_database=batch)
            except NotReady as exc:
                tries += 1
                self.health.database_problem = str(exc)
                telemetry.log.warning("database.not_ready", error=str(exc), tries=tries, unsettled=self.unwritten)
                await asyncio.sleep(self._database_retry_delay(tries).total_seconds())
            except Exception as exc:  # one bad envelope must not stop the others
                if len(batch) > 1:
                    return await self._write_each([[item] for item in batch])
                [item] = batch
                problem = str(exc) if isinstance(exc, ControlPlaneError) else f"cannot be written: {type(exc).__name__}"
                telemetry.log.error("settlement.not_stored", envelope=str(item.envelope.id), error=problem)
                stripped = _without_external_text(item.settlement, problem)
                if item.settlement == stripped:
                    self.on_untracked_lease()
                    return _ToRetry()  # dropped: the lease runs out, and its next owner settles the envelope as lost
                item.settlement = stripped
        self._report(batch, unsettled)
        return _ToRetry(busy=[item for item in batch if item.settlement.key in unsettled.busy])

    async def _write_each(self, batches: list[list[_Unwritten]]) -> _ToRetry:
        total = _ToRetry()
        for batch in batches:
            to_retry = await self._write(batch)
            total.busy += to_retry.busy
            total.refused_by_database += to_retry.refused_by_database
        return total

    def _mark_busy(self, items: list[_Unwritten]) -> None:
        for item in items:
            self._busy[item.worker_id] += not item.busy
            item.busy = True

    def _remove(self, batch: list[_Unwritten], *, except_for: set[_Unwritten]) -> None:
        for item in batch:
            if item not in except_for:
                self._unwritten[item.worker_id] -= 1
                self._busy[item.worker_id] -= item.busy
                self._queue.task_done()

    def _retry_later(self, items: list[_Unwritten], delay: Callable[[int], timedelta]) -> None:
        """Put items back into the queue after a delay. Each lane has its own count of tries, and so its own delay."""
        for lane_items in _group_by(items, lambda item: (item.settlement.lease.tenant_id, item.settlement.lease.lane)):
            tries = max(item.tries for item in lane_items) + 1
            for item in lane_items:
                item.tries = tries
            asyncio.get_running_loop().call_later(delay(tries).total_seconds(), self._put_back, lane_items)

    def _put_back(self, items: list[_Unwritten]) -> None:
        for item in items:
            self._queue.put_nowait(item)
            self._queue.task_done()  # only now, so that `wait_until_written` waits for the item during the delay too

    def _database_retry_delay(self, tries: int) -> timedelta:
        return database_retry_delay(tries, self.max_wait)

    def _report(self, batch: list[_Unwritten], unsettled: UnsettledEnvelopes) -> None:
        """Count and log what the database wrote, and what it refused because the lease is lost."""
        now = time.perf_counter()
        written = [
            (item.envelope, item.settlement, now - item.claimed_at)
            for item in batch
            if not unsettled
            or (item.settlement.key not in unsettled.refused and item.settlement.key not in unsettled.busy)
        ]
        for item in batch if unsettled.refused else ():
            if item.settlement.key in unsettled.refused:
                tenant = item.settlement.lease.tenant_id
                self.metrics.count_lease_conflict(tenant)
                telemetry.log.warning("lease.lost", tenant=str(tenant), envelope=str(item.envelope.id))
        for _, settlement, _ in written:
            self.settled[settlement.to] = self.settled.get(settlement.to, 0) + 1
        self.metrics.count_settled((settlement, seconds) for _, settlement, seconds in written)
        telemetry.log_settled(written)


def _group_by(items: Iterable[_Unwritten], key: Callable[[_Unwritten], Hashable]) -> list[list[_Unwritten]]:
    groups: defaultdict[Hashable, list[_Unwritten]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return list(groups.values())


def _without_external_text(settlement: Settlement, problem: str) -> Settlement:
    """The settlement without the texts that came from outside, because the database does not accept one of them."""
    return replace(
        settlement,
        result=None if settlement.result is None else {"unstorable": problem},
        error=None if settlement.error is None else f"unstorable: {problem}",
        verdicts=None,
    )
