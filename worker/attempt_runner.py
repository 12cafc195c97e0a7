"""Run one attempt: the last checks before the call, the call, and the settlement."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from services.accounts import Account
from services.approvals.digest import effective_digest
from services.catalog import Tool
from services.clock import Clock
from services.errors import ControlPlaneError
from services.outbox import ClaimedEnvelope, Settlement
from services.process.health import Health
from services.tools import Failed, Outcome, Unknown
from worker import telemetry
from worker.attempts import Attempt, Attempts
from worker.execute import Executor, execute
from worker.grant_uses import GrantUse, GrantUseWriter
from worker.options import WorkerOptions
from worker.policies import PolicyCache
from worker.rates import BucketHolds
from worker.sent_marks import SentMarkWriter
from worker.settle import expired_settlement, release_settlement, settle, worker_error_settlement
from worker.settlements import SettlementWriter
from worker.telemetry import Tracing

T = TypeVar("T")
QUEUE_TIME_LIMIT = timedelta(seconds=1)
"""How much longer than `policy_max_age` an attempt may be queued. After that it is released, to be judged again."""


@dataclass(slots=True, kw_only=True)
class AttemptRunner:
    """Runs single attempts for one worker. Each ends with a settlement, unless its lease is lost."""

    tools: Executor
    options: WorkerOptions
    clock: Clock
    tracing: Tracing
    health: Health
    policies: PolicyCache
    sent_marks: SentMarkWriter
    grant_uses: GrantUseWriter
    bucket_holds: BucketHolds
    settlements: SettlementWriter
    reserved_slots: int
    """See `Attempts.reserved`."""
    wake: Callable[[], None]
    """Called when the claim loop may claim again: an attempt has ended, or few are queued."""
    attempts: Attempts = field(init=False)

    def __post_init__(self) -> None:
        self.attempts = Attempts(
            execute=self._run,
            max_running=self.options.concurrency,
            on_low_queue=self.wake,
            reserved=self.reserved_slots,
        )

    async def cancel(self, attempts: Iterable[Attempt]) -> None:
        """Cancel these attempts: queued ones are released, running ones get an unknown outcome."""
        for attempt in await self.attempts.cancel(attempts):
            self._release(attempt)

    def settlement_of(
        self, claimed: ClaimedEnvelope, tool: Tool | None, outcome: Outcome, *,
        verdicts: tuple[Mapping[str, object], ...] | None = None, account: Account | None = None,
    ) -> Settlement:  # fmt: skip
        """The settlement of an attempt with this outcome, even if `settle` raises for this envelope."""
        now = self.clock()
        try:
            digest = effective_digest(claimed.envelope, tool, account)
            return settle(claimed, tool, outcome, rules=self.options.retry, now=now, verdicts=verdicts, digest=digest)
        except Exception as exc:  # one bad envelope must not stop the others
            telemetry.log.error("envelope.judge_failed", envelope=str(claimed.envelope.id), error=type(exc).__name__)
            problem = f"the worker failed to settle the attempt: {type(exc).__name__}"
            may_be_sent = isinstance(outcome, Unknown) and (tool is None or not tool.idempotent)
            return worker_error_settlement(claimed, problem, may_be_sent=may_be_sent, now=now)

    async def _run(self, attempt: Attempt) -> None:
        try:
            if not await self._may_send(attempt):
                return
        except Exception as exc:  # one bad envelope must not stop the others
            problem = f"the worker failed to execute the envelope: {type(exc).__name__}"
            settlement = worker_error_settlement(attempt.claimed, problem, may_be_sent=False, now=self.clock())
            self._settle_unsent(attempt, settlement)
            return
        envelope = attempt.claimed.envelope
        try:
            with self.tracing.trace_attempt(envelope) as traceparent:
                outcome = await execute(
                    self.tools,
                    envelope,
                    attempt.tool,
                    tool_timeout=self.options.tool_timeout,
                    traceparent=traceparent,
                    login_id=attempt.login_id,
                )
        except asyncio.CancelledError:
            self._settle_outcome(attempt, Unknown(error="the worker stopped before the tool answered"))
            raise
        except Exception as exc:
            outcome = Unknown(error=f"the worker failed to execute the envelope: {type(exc).__name__}")
        self._settle_outcome(attempt, outcome)

    async def _may_send(self, attempt: Attempt) -> bool:
        """Whether the call may be sent now. If not, the attempt is settled already."""
        queued_for = time.perf_counter() - attempt.claimed_at
        if queued_for > (self.options.policy_max_age + QUEUE_TIME_LIMIT).total_seconds():
            self._release(attempt)
            return False
        if attempt.grant is not None and not await self._use_grant(attempt):
            return False
        if attempt.needs_sent_mark and not await self._mark_sent(attempt):
            return False
        if attempt.claimed.envelope.is_late(self.clock()):
            self._settle_unsent(attempt, expired_settlement(attempt.claimed))
            return False
        return True

    async def _use_grant(self, attempt: Attempt) -> bool:
        """Record that a grant allows the call, or release the attempt, to be judged again without the grant."""
        use = await self._before_call(attempt, self.grant_uses.record(attempt), failed=GrantUse.BUSY)
        if use is GrantUse.REFUSED:
            self.policies.forget_policy(attempt.claimed.envelope.tenant_id)
        if use is not GrantUse.RECORDED:
            self._release(attempt)
        return use is GrantUse.RECORDED

    async def _mark_sent(self, attempt: Attempt) -> bool:
        """Mark the call as sent, or release the attempt. The database refuses a release if the lease is lost."""
        is_marked = await self._before_call(attempt, self.sent_marks.mark(attempt), failed=False)
        if not is_marked:
            self._release(attempt)
        return is_marked

    async def _before_call(self, attempt: Attempt, write: Awaitable[T], *, failed: T) -> T:
        """Write what must be in the database before the call. The result is that of `write`, or `failed` if the
        database does not answer."""
        try:
            return await write
        except ControlPlaneError as exc:
            self.health.database_problem = str(exc)
            telemetry.log.warning("database.not_ready", error=str(exc), tries=1)
            return failed
        except asyncio.CancelledError:
            self._release(attempt)
            raise

    def _release(self, attempt: Attempt) -> None:
        self._settle_unsent(attempt, release_settlement(attempt.claimed))

    def _settle_unsent(self, attempt: Attempt, settlement: Settlement) -> None:
        """End an attempt whose call was not sent."""
        self._forget_attempt(attempt)
        if not attempt.abandoned:
            self._add_settlement(attempt, settlement)

    def _settle_outcome(self, attempt: Attempt, outcome: Outcome) -> None:
        """End an attempt whose call was made."""
        self._forget_attempt(attempt)
        if attempt.abandoned:
            return
        self._hold_bucket(attempt, outcome)
        settlement = self.settlement_of(
            attempt.claimed, attempt.tool, outcome, verdicts=attempt.verdicts, account=attempt.account
        )
        self._add_settlement(attempt, settlement)

    def _forget_attempt(self, attempt: Attempt) -> None:
        self.attempts.remove(attempt)
        self.wake()

    def _hold_bucket(self, attempt: Attempt, outcome: Outcome) -> None:
        """Put the rate bucket on hold if the tool asked for a pause.

        If the outcome is held, our provider chose its `retry_after`, for example because a broker is blocked. Then the
        bucket is not put on hold, because other tools may share it.
        """
        retry_after = outcome.retry_after if isinstance(outcome, Failed | Unknown) else None
        if retry_after is None or (isinstance(outcome, Failed) and outcome.held):
            return
        policy = self.policies.cached_policy(attempt.claimed.envelope.tenant_id)
        if policy is not None:
            self.bucket_holds.add(attempt, policy, self.clock() + retry_after)

    def _add_settlement(self, attempt: Attempt, settlement: Settlement) -> None:
        self.settlements.add(
            attempt.claimed.envelope, settlement, claimed_at=attempt.claimed_at, worker_id=attempt.worker_id
        )
