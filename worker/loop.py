"""The worker: claim while there are free slots, execute, settle, renew leases; stop in two strengths.

Five tasks share one state. `_claiming` fills the slots, `SentNotes.write` notes what is about to leave, `Endings.write`
settles in batches while the next ones run, `_beating` renews the leases, `_watching` keeps the gauges.
"""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from services.backends import Backends
from services.clock import Clock, utc_now
from services.envelope import Risk
from services.errors import ControlPlaneError, NotReady
from services.health import Health
from services.outbox import Claimed, Settlement
from services.tools import Failed, Outcome, Unknown
from worker import telemetry
from worker.attempts import Attempt, Attempts
from worker.backoff import RetryRule
from worker.check import expired
from worker.claim import Batch, Claimer
from worker.endings import Endings
from worker.execute import Executor, execute
from worker.sent_notes import SentNotes
from worker.settle import released, settle
from worker.telemetry import Metrics, Tracing

MISSED_BEATS = 2
"""Renewals that may fail before the worker must assume that its leases are gone."""
STALLED_AFTER = timedelta(seconds=30)
"""Beyond its longest rest, `poll_every`: so long the loop may go without a turn."""
WATCH_EVERY = timedelta(seconds=15)
BREATHER = timedelta(seconds=1)
"""For a database that let us claim and then would not answer."""
WAITED_TOO_LONG = timedelta(seconds=1)
"""Beyond `policy_max_age`: an envelope that waited longer behind slow calls is given back, to be judged anew."""
EARLY = 0.95
"""Of `poll_every`: a look a little early, so that what it finds has started by then."""
BUSY_AT_MOST = 10_000
"""Endings that may wait for other transactions before claiming waits for them."""
LEAST_WAIT = timedelta(milliseconds=50)
"""Between two empty claims while something seems due: another worker is just taking it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How a worker works; read from the settings."""

    concurrency: int
    poll_every: timedelta
    lease_for: timedelta
    heartbeat_every: timedelta
    """A third of the lease: two may be missed before it runs out."""
    tool_timeout: timedelta
    drain_for: timedelta
    policy_max_age: timedelta
    approval_ttl: timedelta
    retry: Mapping[Risk, RetryRule]


@dataclass(slots=True, kw_only=True)
class Worker:
    """One worker process's heart. `run` once per instance."""

    backends: Backends
    tools: Executor
    pace: Pace
    worker_id: str
    tenant: UUID | None = None
    """Serve this tenant alone."""
    clock: Clock = utc_now
    metrics: Metrics = field(default_factory=Metrics)
    tracing: Tracing = field(default_factory=Tracing)
    health: Health = field(init=False)

    _claimer: Claimer = field(init=False)
    _endings: Endings = field(init=False)
    _notes: SentNotes = field(init=False)
    _attempts: Attempts = field(init=False)
    _stirred: asyncio.Event = field(default_factory=asyncio.Event)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _judging: bool = False
    """Claimed envelopes are being judged: leases are held, though nothing runs yet."""
    _missed: int = 0
    _doubtful: bool = False
    """The database may hold leases in this worker's name that it does not know of."""
    _names: int = 1
    _hurry: bool = False
    _drain_limit: asyncio.Timeout | None = None

    def __post_init__(self) -> None:
        self.health = Health(stalled_after=(self.pace.poll_every + STALLED_AFTER).total_seconds())
        self._claimer = Claimer(
            backends=self.backends,
            worker_id=self.worker_id,
            lease_for=self.pace.lease_for,
            policy_max_age=self.pace.policy_max_age,
            approval_ttl=self.pace.approval_ttl,
            rules=self.pace.retry,
            clock=self.clock,
        )
        self._notes = SentNotes(self._claimer.mark_sent)
        self._attempts = Attempts(execute=self._execute, at_most=self.pace.concurrency, on_few=self._stirred.set)
        self._endings = Endings(
            outbox=self.backends.outbox,
            metrics=self.metrics,
            health=self.health,
            longest_wait=self.pace.poll_every,
            on_doubt=self._doubt,
            on_written=self._stirred.set,
        )

    @property
    def settled(self) -> dict[str, int]:
        """How many envelopes went where, by disposition."""
        return self._endings.settled

    def stop(self) -> None:
        """The first strength: claim no more, let attempts finish, for `drain_for` at most. Safe in a signal handler."""
        self._stop.set()
        self._stirred.set()
        self.health.stopping = True

    def stop_now(self) -> None:
        """The second strength, at once: cancel what runs."""
        self._hurry = True
        self.stop()
        if self._drain_limit is not None:
            self._drain_limit.reschedule(asyncio.get_running_loop().time())

    async def run(self, *, once: bool = False) -> None:
        """Work until stopped; with `once`, one batch."""
        async with asyncio.TaskGroup() as helpers:
            settling = helpers.create_task(self._endings.write(lambda: self._claimer.worker_id))
            noting = helpers.create_task(self._notes.write())
            beating = helpers.create_task(self._beating())
            watching = helpers.create_task(self._watching())
            try:
                async with asyncio.TaskGroup() as runners:
                    self._attempts.group = runners
                    await self._claiming(once=once)
                    await self._drain()
            finally:
                watching.cancel()
                await self._endings.all_written(self.pace.drain_for)
                beating.cancel()
                noting.cancel()
                settling.cancel()

    # -- claim ----------------------------------------------------------------------------------------------------

    async def _claiming(self, *, once: bool) -> None:
        away = 0
        while not self._stop.is_set():
            self.health.turn()
            # More endings than slots that the database has not taken yet hold claiming back; what one tenant's open
            # transaction keeps from being written does not, as long as it is not very much.
            waiting = self._endings.unsettled - min(self._endings.busy, BUSY_AT_MOST)
            free = self._attempts.wanted() - max(0, waiting - self.pace.concurrency)
            if free <= 0 or self._missed >= MISSED_BEATS:
                await self._stir(self.pace.poll_every)
                continue
            if self._doubtful and not self._renamed():
                await self._look()
                await self._stir(self.pace.poll_every)
                continue
            try:
                await self._claimer.tell_holds()
                claimed = await self._claimer.claim(limit=free, tenant=self.tenant)
            except ControlPlaneError as exc:  # whatever it is, what runs goes on
                if not isinstance(exc, NotReady):  # an answer came, and cannot be read: asking again is of no use
                    self._doubt()
                away += 1
                self.health.away = str(exc)
                telemetry.log.warning("database.away", error=str(exc), tries=away)
                await self._stir(min(self.pace.poll_every, timedelta(seconds=0.2 * 2 ** min(away, 8))))
                continue
            away, self.health.away = 0, None
            if claimed:
                batch = await self._judge(claimed)
                self._start(batch)
                if batch.unread is not None:  # all given back; ask again when the database has had a moment
                    self.health.away = batch.unread
                    with suppress(TimeoutError):  # nothing but a stop cuts it short: our own release would, too
                        await asyncio.wait_for(self._stop.wait(), BREATHER.total_seconds())
            if once:
                return
            if not claimed:
                await self._rest()

    def _doubt(self) -> None:
        self._doubtful = True

    def _renamed(self) -> bool:
        """Go on under another name, once nothing is held under this one any more.

        The answer to a claim may have been lost though the claim was made. This worker would renew such leases for ever
        without knowing of them; under a name that is gone they run out and are found.
        """
        if len(self._attempts) or self._endings.unsettled:
            return False
        self._names += 1
        self._claimer.worker_id = f"{self.worker_id}.{self._names}"
        self._doubtful = False
        return True

    async def _look(self) -> None:
        """Claiming waits for the calls that run; whether the database is back is known all the same."""
        try:
            await self.backends.outbox.due_in(self.tenant)
        except ControlPlaneError as exc:
            self.health.away = str(exc)
        else:
            self.health.away = None
            telemetry.log.info("claiming.waits", calls=len(self._attempts), unsettled=self._endings.unsettled)

    async def _judge(self, claimed: tuple[Claimed, ...]) -> Batch:
        self._judging = True
        try:
            return await self._claimer.judge(claimed, room=max(0, self.pace.concurrency - len(self._attempts)))
        except Exception as exc:  # a bad envelope must not take the worker along; judge what it hid one by one
            if len(claimed) > 1:
                parts = [await self._judge((c,)) for c in claimed]
                return Batch(
                    claimed=claimed,
                    jobs=tuple(job for part in parts for job in part.jobs),
                    settlements=tuple(s for part in parts for s in part.settlements),
                )
            telemetry.log.error("envelope.unjudged", envelope=str(claimed[0].envelope.id), error=type(exc).__name__)
            broken = Failed(error=f"the worker could not judge it: {type(exc).__name__}", retryable=True)
            again = settle(claimed[0], None, broken, rules=self.pace.retry, now=self.clock())
            return Batch(claimed=claimed, settlements=(again,))
        finally:
            self._judging = False

    def _start(self, batch: Batch) -> None:
        claimed_at = time.perf_counter()
        # By lease too: two tenants may have envelopes of one id.
        envelopes = {(c.lease, c.envelope.id): c.envelope for c in batch.claimed} if batch.settlements else {}
        for settlement in batch.settlements:
            self._endings.add(envelopes[settlement.lease, settlement.envelope_id], settlement, claimed_at)
        if self._stop.is_set():
            for job in batch.jobs:
                self._endings.add(job.claimed.envelope, released(job.claimed), claimed_at)
        else:
            self._attempts.start(batch.jobs, claimed_at)

    async def _rest(self) -> None:
        """Until something is due, somebody says so, or it is time to look."""
        try:
            due = await self.backends.outbox.due_in(self.tenant)
        except ControlPlaneError:
            due = None  # the next claim says what is wrong
        poll = self.pace.poll_every * EARLY
        rest = poll if due is None else min(poll, max(due, LEAST_WAIT))
        await self._stir(rest, listen=True)

    async def _stir(self, at_most: timedelta, *, listen: bool = False) -> None:
        """Sleep until a slot is free, work may be due, or the time is up."""
        waits: list[asyncio.Task[object]] = [asyncio.create_task(self._stirred.wait())]
        if listen:
            waits.append(asyncio.create_task(self.backends.outbox.wait_for_work(at_most)))
        try:
            await asyncio.wait(waits, timeout=at_most.total_seconds(), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
        self._stirred.clear()

    # -- execute --------------------------------------------------------------------------------------------------

    async def _execute(self, attempt: Attempt) -> None:
        job = attempt.job
        envelope = job.claimed.envelope
        if time.perf_counter() - attempt.since > (self.pace.policy_max_age + WAITED_TOO_LONG).total_seconds():
            self._give_back(attempt)  # what its guardrails saw is not what they would see now
            return
        if not job.noted and not await self._may_leave(attempt):
            return
        if envelope.is_late(self.clock()):
            self._end(attempt, expired(job.claimed))
            return
        try:
            with self.tracing.attempt(envelope) as traceparent:
                outcome = await execute(
                    self.tools,
                    envelope,
                    job.tool,
                    within=self.pace.tool_timeout,
                    traceparent=traceparent,
                    account_reference=job.account_reference,
                )
        except asyncio.CancelledError:
            self._close(attempt, Unknown(error="the worker stopped before the tool answered"))
            raise
        self._close(attempt, outcome)

    async def _may_leave(self, attempt: Attempt) -> bool:
        """Note that its call is about to leave. Where that cannot be, it goes back; of a lost lease that is refused."""
        try:
            if await self._notes.may_leave(attempt.job):
                return True
        except ControlPlaneError as exc:
            self.health.away = str(exc)
            telemetry.log.warning("database.away", error=str(exc), tries=1)
        except asyncio.CancelledError:
            self._give_back(attempt)
            raise
        self._give_back(attempt)
        return False

    def _give_back(self, attempt: Attempt) -> None:
        self._end(attempt, released(attempt.claimed))

    def _end(self, attempt: Attempt, settlement: Settlement) -> None:
        """Its call never left."""
        self._attempts.close(attempt)
        self._stirred.set()
        if not attempt.abandoned:
            self._endings.add(attempt.claimed.envelope, settlement, attempt.since)

    def _close(self, attempt: Attempt, outcome: Outcome) -> None:
        self._attempts.close(attempt)
        self._stirred.set()
        if attempt.abandoned:
            return
        job = attempt.job
        told = outcome.retry_after if isinstance(outcome, Failed | Unknown) else None
        # A held one says nothing of the tool, which may share its bucket with others.
        if told is not None and not (isinstance(outcome, Failed) and outcome.held):
            self._claimer.hold(job, self.clock() + told)
        settlement = settle(job.claimed, job.tool, outcome, rules=self.pace.retry, now=self.clock(), verdicts=job.said)
        self._endings.add(job.claimed.envelope, settlement, attempt.since)

    async def _drain(self) -> None:
        """Let attempts finish; once stopped, for `drain_for` at most, then the second strength: cancel them."""
        stopped, ended = asyncio.create_task(self._stop.wait()), asyncio.create_task(self._attempts.ended())
        try:
            await asyncio.wait([stopped, ended], return_when=asyncio.FIRST_COMPLETED)
            if len(self._attempts):
                with suppress(TimeoutError):
                    async with asyncio.timeout(0 if self._hurry else self.pace.drain_for.total_seconds()) as limit:
                        self._drain_limit = limit
                        await asyncio.wait([ended])
                self._drain_limit = None
                await self._cancel(self._attempts.open())
        finally:
            stopped.cancel()
            ended.cancel()
            await asyncio.gather(stopped, ended, return_exceptions=True)

    async def _cancel(self, attempts: list[Attempt]) -> None:
        for attempt in await self._attempts.cancel(attempts):
            self._give_back(attempt)

    # -- heartbeat ------------------------------------------------------------------------------------------------

    async def _beating(self) -> None:
        while True:
            await asyncio.sleep(self.pace.heartbeat_every.total_seconds())
            if not (len(self._attempts) or self._judging or self._endings.unsettled):
                self._missed = 0
                self._stirred.set()  # claiming may wait for this
                continue
            before = self._attempts.open()  # one claimed while we ask is not in the answer
            try:
                async with asyncio.timeout(self.pace.lease_for.total_seconds() / 3):
                    ours = await self.backends.outbox.heartbeat(self._claimer.worker_id, lease_for=self.pace.lease_for)
            except (ControlPlaneError, TimeoutError) as exc:
                self._missed += 1
                self.health.away = str(exc) or "database: a heartbeat got no answer"
                telemetry.log.warning("heartbeat.missed", error=self.health.away, missed=self._missed)
                if self._missed >= MISSED_BEATS:
                    await self._cancel(self._attempts.open())
                continue
            self._missed, self.health.away = 0, None
            self._stirred.set()
            await self._abandon([attempt for attempt in before if attempt.claimed.lease not in ours])

    async def _abandon(self, gone: list[Attempt]) -> None:
        """Cancel attempts whose lease went to someone else; they are theirs to settle."""
        still_open = self._attempts.open()
        running = [attempt for attempt in gone if attempt in still_open]
        for attempt in running:
            attempt.abandoned = True
            self.metrics.lease_lost(attempt.claimed.envelope.tenant_id)
            telemetry.log.warning("lease.lost", envelope=str(attempt.claimed.envelope.id))
        await self._cancel(running)

    # -- watch ----------------------------------------------------------------------------------------------------

    async def _watching(self) -> None:
        while True:
            try:
                statuses = await self.backends.outbox.status(self.tenant)
            except ControlPlaneError as exc:
                telemetry.log.warning("watch.failed", error=str(exc))
            else:
                now = self.clock()
                waited = {s.tenant_id: (now - s.oldest_due_at).total_seconds() for s in statuses if s.oldest_due_at}
                self.metrics.queues(statuses, waited)
            await asyncio.sleep(WATCH_EVERY.total_seconds())
