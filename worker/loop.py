"""The worker: its claim loop, its tasks, and how it stops.

Seven tasks run until the worker stops: the claim loop in this file, `GrantUseWriter.run`, `SentMarkWriter.run`,
`SettlementWriter.run`, `ShadowWriter.run`, `Heartbeat.run` and `update_gauges`. `Attempts` runs the calls in tasks of
their own.
"""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from services.backends import Backends
from services.clock import Clock, utc_now
from services.errors import ControlPlaneError, NotReady
from services.outbox import ClaimedEnvelope
from services.process.health import Health
from services.tools import Failed
from worker import telemetry
from worker.attempt_runner import AttemptRunner
from worker.attempts import Attempts
from worker.backoff import database_retry_delay
from worker.check import Checker, JudgedBatch
from worker.claim import CLAIM_FOR_OTHERS_EVERY, Claimer
from worker.execute import Executor
from worker.gauges import update_gauges
from worker.grant_uses import GrantUseWriter
from worker.heartbeat import Heartbeat
from worker.options import WorkerOptions
from worker.policies import PolicyCache
from worker.rates import BucketHolds
from worker.sent_marks import SentMarkWriter
from worker.settle import lost_outcome, release_settlement
from worker.settlements import SettlementWriter
from worker.shadow import ShadowWriter
from worker.telemetry import Metrics, Tracing
from worker.wakeup import Wakeup

STALLED_AFTER = timedelta(seconds=30)
"""/healthz reports a claim loop as stalled if one turn takes this much longer than `poll_every`."""
PAUSE_AFTER_FAILED_READS = timedelta(seconds=1)
"""Pause before the next claim if the database answered a claim, but not the reads that the judging needs."""
SLOTS_PER_RESERVED_SLOT = 8
"""A worker for all tenants reserves one slot out of this many; see `Attempts.reserved`."""
MAX_IGNORED_BUSY = 10_000
"""Busy settlements reduce the number of envelopes that the worker claims only if there are more than this."""


@dataclass(slots=True, kw_only=True)
class Worker:
    """One worker of the outbox. Call `run` once per instance."""

    backends: Backends
    tools: Executor
    options: WorkerOptions
    worker_id: str
    tenant: UUID | None = None
    """Execute only this tenant's envelopes; None means all tenants."""
    clock: Clock = utc_now
    metrics: Metrics = field(default_factory=Metrics)
    tracing: Tracing = field(default_factory=Tracing)
    health: Health = field(init=False)

    _wakeup: Wakeup = field(init=False)
    _claimer: Claimer = field(init=False)
    _checker: Checker = field(init=False)
    _bucket_holds: BucketHolds = field(init=False)
    _settlements: SettlementWriter = field(init=False)
    _sent_marks: SentMarkWriter = field(init=False)
    _grant_uses: GrantUseWriter = field(init=False)
    _shadow: ShadowWriter = field(init=False)
    _runner: AttemptRunner = field(init=False)
    _heartbeat: Heartbeat = field(init=False)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _is_judging: bool = False
    """Claimed envelopes are being judged: this worker holds leases, although no attempt runs yet."""
    _may_have_untracked_leases: bool = False
    """The database may hold leases under the current worker id that this worker does not know of."""
    _stop_immediately: bool = False
    _grace_period: asyncio.Timeout | None = None
    """The time limit for running attempts after a stop; None while no attempt is being waited for."""

    def __post_init__(self) -> None:
        outbox, options = self.backends.outbox, self.options
        self.health = Health(stalled_after=(options.poll_every + STALLED_AFTER).total_seconds())
        self._wakeup = Wakeup(outbox=outbox, tenant=self.tenant, poll_every=options.poll_every)
        policies = PolicyCache(backends=self.backends, max_age=options.policy_max_age)
        self._claimer = Claimer(outbox=outbox, base_worker_id=self.worker_id, lease_for=options.lease_for)
        self._checker = Checker(
            backends=self.backends,
            policies=policies,
            approval_ttl=options.approval_ttl,
            rules=options.retry,
            clock=self.clock,
        )
        self._bucket_holds = BucketHolds(self.backends.guardrails)
        self._sent_marks = SentMarkWriter(outbox)
        self._grant_uses = GrantUseWriter(outbox)
        self._shadow = ShadowWriter(self.backends.shadow_runs)
        self._settlements = SettlementWriter(
            outbox=outbox,
            metrics=self.metrics,
            health=self.health,
            max_wait=options.poll_every,
            on_untracked_lease=self._note_untracked_lease,
            on_written=self._wakeup.wake,
        )
        self._runner = AttemptRunner(
            tools=self.tools,
            options=options,
            clock=self.clock,
            tracing=self.tracing,
            health=self.health,
            policies=policies,
            sent_marks=self._sent_marks,
            grant_uses=self._grant_uses,
            bucket_holds=self._bucket_holds,
            settlements=self._settlements,
            reserved_slots=0 if self.tenant else options.concurrency // SLOTS_PER_RESERVED_SLOT,
            wake=self._wakeup.wake,
        )
        self._heartbeat = Heartbeat(
            outbox=outbox,
            runner=self._runner,
            worker_ids=self._worker_ids_to_renew,
            wake=self._wakeup.wake,
            health=self.health,
            metrics=self.metrics,
            lease_for=options.lease_for,
            interval=options.heartbeat_every,
        )

    @property
    def settled(self) -> dict[str, int]:
        """Number of settled envelopes by disposition."""
        return self._settlements.settled

    def stop(self) -> None:
        """Graceful stop: claim no more, and let attempts finish for up to `drain_for`. Safe in a signal handler."""
        self._stop.set()
        self._wakeup.wake()
        self.health.stopping = True

    def stop_now(self) -> None:
        """Immediate stop: claim no more, and cancel running attempts. Safe in a signal handler."""
        self._stop_immediately = True
        self.stop()
        if self._grace_period is not None:
            self._grace_period.reschedule(asyncio.get_running_loop().time())

    async def run(self, *, once: bool = False) -> None:
        """Work until stopped; with `once`, until the envelopes of one claim are settled."""
        async with asyncio.TaskGroup() as helpers:
            settlement_task = helpers.create_task(self._settlements.run())
            sent_mark_task = helpers.create_task(self._sent_marks.run())
            grant_use_task = helpers.create_task(self._grant_uses.run())
            shadow_task = helpers.create_task(self._shadow.run())
            heartbeat_task = helpers.create_task(self._heartbeat.run())
            gauge_task = helpers.create_task(
                update_gauges(self.backends.outbox, self.metrics, tenant=self.tenant, clock=self.clock)
            )
            try:
                async with asyncio.TaskGroup() as calls:
                    self._attempts.group = calls
                    await self._claim_until_stopped(once=once)
                    await self._finish_attempts()
            finally:
                gauge_task.cancel()
                await self._settlements.wait_until_written(self.options.drain_for)
                heartbeat_task.cancel()
                sent_mark_task.cancel()
                grant_use_task.cancel()
                shadow_task.cancel()
                settlement_task.cancel()

    @property
    def _attempts(self) -> Attempts:
        return self._runner.attempts

    async def _claim_until_stopped(self, *, once: bool) -> None:
        failed_claims = 0
        while not self._stop.is_set():
            self.health.record_iteration()
            limit = self._claim_limit()
            if limit <= 0 or self._heartbeat.leases_may_be_lost:
                await self._wakeup.wait(self.options.poll_every)
                continue
            at_limit = self._attempts.tenants_at_limit()
            if self._claimer.others_are_idle(at_limit):
                await self._wakeup.wait(min(self.options.poll_every, CLAIM_FOR_OTHERS_EVERY))
                continue
            if self._may_have_untracked_leases:
                self._change_worker_id()
            try:
                await self._bucket_holds.save()
                claimed = await self._claimer.claim(limit=limit, tenant=self.tenant, except_tenants=at_limit)
            except ControlPlaneError as exc:  # whatever the error is, running attempts continue
                # After NotReady the same claim is sent again, and its answer includes the leases that the first call
                # may have taken. After any other error the claim would fail again, so such leases count as untracked.
                if not isinstance(exc, NotReady):
                    self._note_untracked_lease()
                failed_claims += 1
                self.health.database_problem = str(exc)
                telemetry.log.warning("database.not_ready", error=str(exc), tries=failed_claims)
                await self._wakeup.wait(database_retry_delay(failed_claims, self.options.poll_every))
                continue
            failed_claims, self.health.database_problem = 0, None
            if claimed:
                batch = await self._judge(claimed)
                self._start(batch)
                if batch.database_error is not None:
                    self.health.database_problem = batch.database_error
                    with suppress(TimeoutError):  # `_wakeup.wait` would not wait, because the batch is released
                        await asyncio.wait_for(self._stop.wait(), PAUSE_AFTER_FAILED_READS.total_seconds())
            if once:
                return
            if not claimed and not at_limit:
                await self._wakeup.wait_for_work()

    def _claim_limit(self) -> int:
        """How many envelopes to claim now.

        More than `concurrency` unwritten settlements reduce it, because then the database does not keep up. Busy
        settlements, up to MAX_IGNORED_BUSY, do not count: they wait for a transaction of one tenant.
        """
        unwritten = self._settlements.unwritten - min(self._settlements.busy, MAX_IGNORED_BUSY)
        return self._attempts.capacity() - max(0, unwritten - self.options.concurrency)

    def _note_untracked_lease(self) -> None:
        self._may_have_untracked_leases = True

    def _change_worker_id(self) -> None:
        """Claim under a new worker id, so that untracked leases under the old id run out.

        A lease is untracked if a claim succeeded but its answer was lost. Under the old id, heartbeats would renew this
        lease for ever, and nobody would execute its envelopes. Known envelopes of the old id are still settled under
        that id.
        """
        self._may_have_untracked_leases = False
        self._claimer.change_worker_id()
        telemetry.log.info("worker.id_changed", worker=self._claimer.worker_id)

    def _worker_ids_to_renew(self) -> set[str]:
        worker_ids = {attempt.worker_id for attempt in self._attempts.list_open()}
        worker_ids |= self._settlements.worker_ids_to_renew(self._claimer.worker_id)
        if self._is_judging:
            worker_ids.add(self._claimer.worker_id)
        return worker_ids

    async def _judge(self, claimed: tuple[ClaimedEnvelope, ...]) -> JudgedBatch:
        self._is_judging = True
        try:
            return await self._checker.judge(claimed, self._claimer.worker_id, starting_now=self._attempts.starting_now)
        except Exception as exc:  # one bad envelope must not stop the others: judge each of them alone
            if len(claimed) > 1:
                parts = [await self._judge((c,)) for c in claimed]
                return JudgedBatch(
                    attempts=tuple(attempt for part in parts for attempt in part.attempts),
                    settled_unsent=tuple(item for part in parts for item in part.settled_unsent),
                    shadowed=tuple(judged for part in parts for judged in part.shadowed),
                )
            [c] = claimed
            telemetry.log.error("envelope.judge_failed", envelope=str(c.envelope.id), error=type(exc).__name__)
            failed = Failed(error=f"the worker failed to judge the envelope: {type(exc).__name__}", retryable=True)
            settlement = self._runner.settlement_of(c, None, lost_outcome(c) if c.lost else failed)
            return JudgedBatch(settled_unsent=((c, settlement),))
        finally:
            self._is_judging = False

    def _start(self, batch: JudgedBatch) -> None:
        """Start the attempts of a batch, or release them if the worker is stopping, and add its settlements."""
        claimed_at, settled_unsent = time.perf_counter(), list(batch.settled_unsent)
        if self._stop.is_set():
            settled_unsent += [(attempt.claimed, release_settlement(attempt.claimed)) for attempt in batch.attempts]
        else:
            self._attempts.start(batch.attempts, claimed_at)
        self._shadow.add(batch.shadowed)
        for claimed, settlement in settled_unsent:
            self._settlements.add(
                claimed.envelope, settlement, claimed_at=claimed_at, worker_id=self._claimer.worker_id
            )

    async def _finish_attempts(self) -> None:
        """Wait until all attempts have ended. After a stop wait for `drain_for` at most, then cancel the rest."""
        stopped = asyncio.create_task(self._stop.wait())
        all_ended = asyncio.create_task(self._attempts.wait_until_all_ended())
        try:
            await asyncio.wait([stopped, all_ended], return_when=asyncio.FIRST_COMPLETED)
            if len(self._attempts):
                seconds = 0 if self._stop_immediately else self.options.drain_for.total_seconds()
                with suppress(TimeoutError):
                    async with asyncio.timeout(seconds) as self._grace_period:
                        await asyncio.wait([all_ended])
                self._grace_period = None
                await self._runner.cancel(self._attempts.list_open())
        finally:
            stopped.cancel()
            all_ended.cancel()
            await asyncio.gather(stopped, all_ended, return_exceptions=True)
