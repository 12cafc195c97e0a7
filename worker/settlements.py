"""Write settlements to the database in batches, while the next attempts run; however long the database is away."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from services.envelope import Envelope
from services.errors import ControlPlaneError, Locked, NotReady, Unexplained
from services.outbox import Outbox, Settlement, Unsettled
from services.process.health import Health
from worker import telemetry
from worker.backoff import away_delay, busy_delay
from worker.telemetry import Metrics

SETTLE_AT_MOST = 1000
"""Settlements in one transaction; more gained nothing when measured."""


@dataclass(slots=True, eq=False)
class _Ended:
    """An attempt that has ended and that the database does not know of yet."""

    envelope: Envelope
    settlement: Settlement
    claimed_at: float
    """By `time.perf_counter`."""
    worker_id: str
    """The name under which it was claimed: the only one that may settle it."""
    tries: int = 0
    """How often it was kept for later."""
    busy: bool = False
    """Another transaction of its tenant has kept it from being written."""


@dataclass(slots=True)
class _Kept:
    """To be sent again later."""

    busy: list[_Ended] = field(default_factory=list)
    """Another transaction of their tenant has locked what they change."""
    unexplained: list[_Ended] = field(default_factory=list)
    """The database refuses them, and not for what they hold."""


@dataclass(slots=True, kw_only=True)
class SettlementWriter:
    """Holds the settlements that the database has not taken yet, and writes them."""

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

    _waiting: Counter[str] = field(default_factory=Counter)
    """Unwritten settlements by the worker name that claimed them."""
    _busy: Counter[str] = field(default_factory=Counter)
    """Of those: the busy ones."""
    _queue: "asyncio.Queue[_Ended]" = field(default_factory=asyncio.Queue)

    @property
    def unsettled(self) -> int:
        """How many settlements are not written yet."""
        return self._waiting.total()

    @property
    def busy(self) -> int:
        """Of the unsettled: those that another transaction of their tenant keeps from being written."""
        return self._busy.total()

    def names(self, current: str) -> set[str]:
        """The worker names whose leases are to be renewed for what is unsettled.

        Of a former name, a lock must not prolong the leases: other tenants' may be among them that nobody knows of.
        """
        return {
            name
            for name, waiting in self._waiting.items()
            if waiting > (0 if name == current else self._busy[name])
        }  # fmt: skip

    def add(self, envelope: Envelope, settlement: Settlement, *, claimed_at: float, worker_id: str) -> None:
        """Have it written."""
        self._waiting[worker_id] += 1
        self._queue.put_nowait(_Ended(envelope, settlement, claimed_at, worker_id))

    async def write(self) -> None:
        """Write settlements as they come, until cancelled; one writer, so each batch is sent until it is taken."""
        while True:
            batch = [await self._queue.get()]
            while len(batch) < SETTLE_AT_MOST and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            for same_name in _grouped(batch, lambda ended: ended.worker_id):
                kept = await self._write(same_name)
                self._mark_busy(kept.busy)
                self._forget(same_name, but={*kept.busy, *kept.unexplained})
                self._send_later(kept.busy, busy_delay)
                self._send_later(kept.unexplained, self._away_delay)
            self.on_written()

    async def wait_until_written(self, within: timedelta) -> None:
        """Wait until all are written, unless the database stays away; leases then run out instead."""
        try:
            async with asyncio.timeout(within.total_seconds()):
                await self._queue.join()
        except TimeoutError:
            telemetry.log.warning("worker.unsettled", envelopes=self.unsettled)

    async def _write(self, batch: list[_Ended]) -> _Kept:
        tries = 0
        while True:
            try:
                left = await self.outbox.settle(batch[0].worker_id, [ended.settlement for ended in batch])
                break
            except Locked:  # by something that no function of ours does: no other tenant's settlements wait for it
                parts = _grouped(batch, lambda ended: ended.settlement.lease.tenant_id)
                return _Kept(busy=batch) if len(parts) == 1 else await self._write_each(parts)
            except Unexplained as exc:
                if len(batch) > 1:
                    return await self._write_each([[one] for one in batch])
                telemetry.log.error("envelope.kept", envelope=str(batch[0].envelope.id), error=str(exc))
                return _Kept(unexplained=batch)
            except NotReady as exc:
                tries += 1
                self.health.database_problem = str(exc)
                telemetry.log.warning("database.away", error=str(exc), tries=tries, unsettled=self.unsettled)
                await asyncio.sleep(self._away_delay(tries).total_seconds())
            except Exception as exc:  # one bad envelope never takes its neighbours along
                if len(batch) > 1:  # one that the database will not take goes alone
                    return await self._write_each([[one] for one in batch])
                [ended] = batch
                problem = str(exc) if isinstance(exc, ControlPlaneError) else f"cannot be written: {type(exc).__name__}"
                telemetry.log.error("envelope.unsettled", envelope=str(ended.envelope.id), error=problem)
                bare = _without_outside_words(ended.settlement, problem)
                if ended.settlement == bare:
                    self.on_doubt()
                    return _Kept()  # the lease runs out, and whoever finds it settles it as lost
                ended.settlement = bare
        self._log(batch, left)
        return _Kept(busy=[ended for ended in batch if ended.settlement.key in left.busy])

    async def _write_each(self, parts: list[list[_Ended]]) -> _Kept:
        kept = _Kept()
        for part in parts:
            of_part = await self._write(part)
            kept.busy += of_part.busy
            kept.unexplained += of_part.unexplained
        return kept

    def _mark_busy(self, found: list[_Ended]) -> None:
        for ended in found:
            self._busy[ended.worker_id] += not ended.busy
            ended.busy = True

    def _forget(self, batch: list[_Ended], *, but: set[_Ended]) -> None:
        for ended in batch:
            if ended not in but:
                self._waiting[ended.worker_id] -= 1
                self._busy[ended.worker_id] -= ended.busy
                self._queue.task_done()

    def _send_later(self, kept: list[_Ended], delay: Callable[[int], timedelta]) -> None:
        """Each lane's by its own count of tries: what others settle meanwhile makes them neither sooner nor later."""
        for of_lane in _grouped(kept, lambda ended: (ended.settlement.lease.tenant_id, ended.settlement.lease.lane)):
            tries = max(ended.tries for ended in of_lane) + 1
            for ended in of_lane:
                ended.tries = tries
            asyncio.get_running_loop().call_later(delay(tries).total_seconds(), self._send_again, of_lane)

    def _send_again(self, kept: list[_Ended]) -> None:
        """Back into the queue; `wait_until_written` has waited for them all the while."""
        for ended in kept:
            self._queue.put_nowait(ended)
            self._queue.task_done()

    def _away_delay(self, tries: int) -> timedelta:
        return away_delay(tries, self.longest_wait)

    def _log(self, batch: list[_Ended], left: Unsettled) -> None:
        now = time.perf_counter()
        taken = [
            (ended.envelope, ended.settlement, now - ended.claimed_at)
            for ended in batch
            if not left or (ended.settlement.key not in left.refused and ended.settlement.key not in left.busy)
        ]
        for ended in batch if left.refused else ():
            if ended.settlement.key in left.refused:
                tenant = ended.settlement.lease.tenant_id
                self.metrics.lease_lost(tenant)
                telemetry.log.warning("lease.lost", tenant=str(tenant), envelope=str(ended.envelope.id))
        for _, settlement, _ in taken:
            self.settled[settlement.to] = self.settled.get(settlement.to, 0) + 1
        self.metrics.settled((settlement, seconds) for _, settlement, seconds in taken)
        telemetry.log_settled(taken)


def _grouped(batch: Iterable[_Ended], by: Callable[[_Ended], Hashable]) -> list[list[_Ended]]:
    groups: defaultdict[Hashable, list[_Ended]] = defaultdict(list)
    for ended in batch:
        groups[by(ended)].append(ended)
    return list(groups.values())


def _without_outside_words(settlement: Settlement, problem: str) -> Settlement:
    """The same settlement without the words from outside, of which the database would not take some."""
    return replace(
        settlement,
        result=None if settlement.result is None else {"unstorable": problem},
        error=None if settlement.error is None else f"unstorable: {problem}",
        verdicts=None,
    )
