"""The worker: claim while there are free slots, execute, settle, renew leases; stop in two strengths.

Five tasks share one state. `_claiming` fills the slots, `SentNotes.write` notes what is about to leave,
`SettlementWriter.write` settles in batches while the next ones run, `_beating` renews the leases, `_watching`
keeps the gauges.
"""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from services.backends import Backends
from services.catalog import Tool
from services.clock import Clock, utc_now
from services.envelope import Risk
from services.errors import ControlPlaneError, NotReady
from services.outbox import Claimed, Lease, Settlement
from services.process.health import Health
from services.tools import Failed, Outcome, Unknown
from worker import telemetry
from worker.attempts import Attempt, Attempts
from worker.backoff import RetryRule, away_delay
from worker.check import Batch, Checker
from worker.claim import Claimer
from worker.execute import Executor, execute
from worker.policies import Policies
from worker.rates import Holds
from worker.sent_notes import SentNotes
from worker.settle import expired, lost, released, set_aside, settle
from worker.settlements import SettlementWriter
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
"""Settlements that may wait for other transactions before claiming waits for them."""
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
    _policies: Policies = field(init=False)
    _checker: Checker = field(init=False)
    _holds: Holds = field(init=False)
    _settlements: SettlementWriter = field(init=False)
    _notes: SentNotes = field(init=False)
    _attempts: Attempts = field(init=False)
    _stirred: asyncio.Event = field(default_factory=asyncio.Event)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _judging: bool = False
    """Claimed envelopes are being judged: leases are held, though nothing runs yet."""
    _missed: int = 0
    _doubtful: bool = False
    """The database may hold leases in this worker's name that it does not know of."""
    _hurry: bool = False
    _drain_limit: asyncio.Timeout | None = None

    def __post_init__(self) -> None:
        self.health = Health(stalled_after=(self.pace.poll_every + STALLED_AFTER).total_seconds())
        self._claimer = Claimer(outbox=self.backends.outbox, first_name=self.worker_id, lease_for=self.pace.lease_for)
        self._policies = Policies(backends=self.backends, max_age=self.pace.policy_max_age)
        self._checker = Checker(
            backends=self.backends,
            policies=self._policies,
            approval_ttl=self.pace.approval_ttl,
            rules=self.pace.retry,
            clock=self.clock,
        )
        self._holds = Holds(self.backends.guardrails)
        self._notes = SentNotes(self.backends.outbox)
        self._attempts = Attempts(execute=self._execute, at_most=self.pace.concurrency, on_few=self._stirred.set)
        self._settlements = SettlementWriter(
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
        return self._settlements.settled

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
            settling = helpers.create_task(self._settlements.write())
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
                await self._settlements.wait_until_written(self.pace.drain_for)
                beating.cancel()
                noting.cancel()
                settling.cancel()

    # -- claim ----------------------------------------------------------------------------------------------------

    async def _claiming(self, *, once: bool) -> None:
        away = 0
        while not self._stop.is_set():
            self.health.record_iteration()
            # More settlements than slots that the database has not taken yet hold claiming back; what one tenant's open
            # transaction keeps from being written does not, as long as it is not very much.
            waiting = self._settlements.unsettled - min(self._settlements.busy, BUSY_AT_MOST)
            free = self._attempts.wanted() - max(0, waiting - self.pace.concurrency)
            if free <= 0 or self._missed >= MISSED_BEATS:
                await self._stir(self.pace.poll_every)
                continue
            if self._doubtful:
                self._rename()
            try:
                await self._holds.tell()
                claimed = await self._claimer.claim(limit=free, tenant=self.tenant)
            except ControlPlaneError as exc:  # whatever it is, what runs goes on
                if not isinstance(exc, NotReady):  # an answer came, and cannot be read: asking again is of no use
                    self._doubt()
                away += 1
                self.health.database_problem = str(exc)
                telemetry.log.warning("database.away", error=str(exc), tries=away)
                await self._stir(away_delay(away, self.pace.poll_every))
                continue
            away, self.health.database_problem = 0, None
            if claimed:
                batch = await self._judge(claimed)
                self._start(batch)
                if batch.unread is not None:  # all given back; ask again when the database has had a moment
                    self.health.database_problem = batch.unread
                    with suppress(TimeoutError):  # nothing but a stop cuts it short: our own release would, too
                        await asyncio.wait_for(self._stop.wait(), BREATHER.total_seconds())
            if once:
                return
            if not claimed:
                await self._rest()

    def _doubt(self) -> None:
        self._doubtful = True

    def _rename(self) -> None:
        """Claim under another name from now on.

        The answer to a claim may have been lost though the claim was made. This worker would renew such leases for ever
        without knowing of them; under a name that is renewed no longer they run out and are found. What was claimed
        under a former name is settled under it.
        """
        self._doubtful = False
        self._claimer.rename()
        telemetry.log.info("worker.renamed", worker=self._claimer.worker_id)

    async def _judge(self, claimed: tuple[Claimed, ...]) -> Batch:
        self._judging = True
        try:
            room = max(0, self.pace.concurrency - len(self._attempts))
            return await self._checker.judge(claimed, self._claimer.worker_id, room=room)
        except Exception as exc:  # a bad envelope must not take the worker along; judge what it hid one by one
            if len(claimed) > 1:
                parts = [await self._judge((c,)) for c in claimed]
                return Batch(
                    attempts=tuple(attempt for part in parts for attempt in part.attempts),
                    instead=tuple(each for part in parts for each in part.instead),
                )
            [one] = claimed
            telemetry.log.error("envelope.unjudged", envelope=str(one.envelope.id), error=type(exc).__name__)
            broken = Failed(error=f"the worker could not judge it: {type(exc).__name__}", retryable=True)
            return Batch(instead=((one, self._settlement(one, None, lost(one) if one.lost else broken)),))
        finally:
            self._judging = False

    def _start(self, batch: Batch) -> None:
        claimed_at, instead = time.perf_counter(), list(batch.instead)
        if self._stop.is_set():
            instead += [(attempt.claimed, released(attempt.claimed)) for attempt in batch.attempts]
        else:
            self._attempts.start(batch.attempts, claimed_at)
        for claimed, settlement in instead:
            self._settlements.add(
                claimed.envelope, settlement, claimed_at=claimed_at, worker_id=self._claimer.worker_id
            )

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
        try:
            if await self._is_off(attempt):
                return
        except Exception as exc:  # one bad envelope never takes its neighbours along
            problem = f"the worker could not execute it: {type(exc).__name__}"
            self._end(attempt, set_aside(attempt.claimed, problem, may_have_left=False, now=self.clock()))
            return
        envelope = attempt.claimed.envelope
        try:
            with self.tracing.attempt(envelope) as traceparent:
                outcome = await execute(
                    self.tools,
                    envelope,
                    attempt.tool,
                    within=self.pace.tool_timeout,
                    traceparent=traceparent,
                    account_reference=attempt.account_reference,
                )
        except asyncio.CancelledError:
            self._close(attempt, Unknown(error="the worker stopped before the tool answered"))
            raise
        except Exception as exc:
            outcome = Unknown(error=f"the worker could not execute it: {type(exc).__name__}")
        self._close(attempt, outcome)

    async def _is_off(self, attempt: Attempt) -> bool:
        """Whether its call must not leave; then it has ended."""
        if time.perf_counter() - attempt.claimed_at > (self.pace.policy_max_age + WAITED_TOO_LONG).total_seconds():
            self._give_back(attempt)  # what its guardrails saw is not what they would see now
            return True
        if not attempt.noted and not await self._may_leave(attempt):
            return True
        if attempt.claimed.envelope.is_late(self.clock()):
            self._end(attempt, expired(attempt.claimed))
            return True
        return False

    async def _may_leave(self, attempt: Attempt) -> bool:
        """Note that its call is about to leave. Where that cannot be, it goes back; of a lost lease that is refused."""
        try:
            if await self._notes.may_leave(attempt):
                return True
        except ControlPlaneError as exc:
            self.health.database_problem = str(exc)
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
            self._settle(attempt, settlement)

    def _close(self, attempt: Attempt, outcome: Outcome) -> None:
        self._attempts.close(attempt)
        self._stirred.set()
        if attempt.abandoned:
            return
        rest = outcome.retry_after if isinstance(outcome, Failed | Unknown) else None
        policy = None if rest is None else self._policies.kept(attempt.claimed.envelope.tenant_id)
        # A held one says nothing of the tool, which may share its bucket with others.
        if rest is not None and policy is not None and not (isinstance(outcome, Failed) and outcome.held):
            self._holds.add(attempt, policy, self.clock() + rest)
        self._settle(attempt, self._settlement(attempt.claimed, attempt.tool, outcome, verdicts=attempt.said))

    def _settle(self, attempt: Attempt, settlement: Settlement) -> None:
        self._settlements.add(
            attempt.claimed.envelope, settlement, claimed_at=attempt.claimed_at, worker_id=attempt.worker_id
        )

    def _settlement(
        self, claimed: Claimed, tool: Tool | None, outcome: Outcome, *,
        verdicts: tuple[Mapping[str, object], ...] | None = None,
    ) -> Settlement:  # fmt: skip
        now = self.clock()
        try:
            return settle(claimed, tool, outcome, rules=self.pace.retry, now=now, verdicts=verdicts)
        except Exception as exc:  # one bad envelope never takes its neighbours along
            telemetry.log.error("envelope.unjudged", envelope=str(claimed.envelope.id), error=type(exc).__name__)
            problem = f"the worker could not settle it: {type(exc).__name__}"
            doubtful = isinstance(outcome, Unknown) and (tool is None or not tool.idempotent)
            return set_aside(claimed, problem, may_have_left=doubtful, now=now)

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
            before = self._attempts.open()  # one claimed while we ask is not in the answer
            names = {attempt.worker_id for attempt in before} | self._settlements.names(self._claimer.worker_id)
            if self._judging:
                names.add(self._claimer.worker_id)
            if not names:
                self._missed = 0
                self._stirred.set()  # claiming may wait for this
                continue
            try:
                async with asyncio.timeout(self.pace.lease_for.total_seconds() / 3):
                    ours = set[Lease]()
                    for name in names:
                        ours |= await self.backends.outbox.heartbeat(name, lease_for=self.pace.lease_for)
            except (ControlPlaneError, TimeoutError) as exc:
                self._missed += 1
                self.health.database_problem = str(exc) or "database: a heartbeat got no answer"
                telemetry.log.warning("heartbeat.missed", error=self.health.database_problem, missed=self._missed)
                if self._missed >= MISSED_BEATS:
                    await self._cancel(self._attempts.open())
                continue
            self._missed, self.health.database_problem = 0, None
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
