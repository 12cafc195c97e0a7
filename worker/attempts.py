"""Run attempts concurrently, up to a limit, and cancel them.

Attempts run in asyncio tasks. A task runs one attempt after another. As soon as a call makes its task wait, the next
task starts and runs the next attempt. So slow calls run concurrently, and quick calls share a task. Attempts beyond the
limit wait in a queue and start as soon as a call ends.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field

from services.accounts import Account, provider_reference
from services.catalog import Tool
from services.outbox import ClaimedEnvelope
from services.tools.registry import PROVIDERS

YIELD_EVERY = 0.05
"""Seconds after which a task that never had to wait lets other tasks run."""
MAX_QUEUE_TIME = 0.2
"""Seconds that an attempt may wait in the queue. Its guardrails were judged before, and may change meanwhile."""
QUICK_CALL = 0.02
"""Seconds. A call that takes less ends before a claim would, so no attempts are queued behind such calls."""
NEWEST_WEIGHT = 0.05
"""Weight of the newest call in the moving average of the duration of calls."""


@dataclass(slots=True, eq=False, kw_only=True)
class Attempt:
    """A claimed envelope that all guardrails allow, until its one call is settled."""

    claimed: ClaimedEnvelope
    tool: Tool
    verdicts: tuple[Mapping[str, object], ...]
    """The verdicts as stored on the envelope. Envelopes with equal verdicts share this value."""
    worker_id: str
    """The worker id of the claim. Only this id may mark the call as sent and settle it."""
    account: Account | None = None
    """The account that the guardrails judged."""
    needs_sent_mark: bool = False
    """The call must not be sent before `mark_sent` has recorded it. Always False for an idempotent tool."""
    claimed_at: float = 0.0
    """Value of `time.perf_counter`."""
    task: "asyncio.Task[None] | None" = None
    """The task that runs the attempt. None while it is queued: nothing has been sent."""
    abandoned: bool = False
    """The lease is lost, so this worker must not settle the attempt."""

    @property
    def account_reference(self) -> str | None:
        """The provider's own id of the account; None for a provider that stores no accounts."""
        spec = PROVIDERS.get(self.tool.provider)
        return provider_reference(self.account) if spec is not None and spec.keeps_accounts else None


@dataclass(slots=True)
class Attempts:
    """All attempts of a worker that have not ended: running or queued."""

    execute: Callable[[Attempt], Awaitable[None]]
    """Makes the call, and calls `remove` however the call ends. Lets CancelledError pass."""
    max_running: int
    """Upper limit of calls that run at the same time."""
    on_low_queue: Callable[[], None]
    """Called when the queue has become so short that the worker should claim more."""
    group: asyncio.TaskGroup = field(init=False)
    """Owns the tasks. Set it before the first call of `start`."""
    _open: dict[Attempt, None] = field(default_factory=dict)
    """In order of their start. One envelope can have two, if its lease was lost and it was claimed again."""
    _queue: deque[Attempt] = field(default_factory=deque)
    _next_task: "asyncio.Task[None] | None" = None
    """A task that has been created and has not taken an attempt yet."""
    _task_count: int = 0
    _mean_duration: float | None = None
    """Moving average of the seconds that a call takes. None until the first call has ended."""

    def __len__(self) -> int:
        return len(self._open)

    def capacity(self) -> int:
        """How many more attempts to start now: the free slots, and those that become free within MAX_QUEUE_TIME.

        A queued attempt starts as soon as a call ends, without a claim in between. The result is 0 while the queue is
        more than half full, because a claim of a few envelopes costs as much as a claim of many.
        """
        limit = self._queue_limit()
        return 0 if len(self._queue) > limit // 2 else max(0, self.max_running + limit - len(self._open))

    def _queue_limit(self) -> int:
        duration = self._mean_duration or 0.0
        return int(self.max_running * MAX_QUEUE_TIME / max(MAX_QUEUE_TIME, duration)) if duration > QUICK_CALL else 0

    def start(self, attempts: Iterable[Attempt], claimed_at: float) -> None:
        """Queue these attempts, and run as many as the limit allows."""
        for attempt in attempts:
            attempt.claimed_at = claimed_at
            self._open[attempt] = None
            self._queue.append(attempt)
        self._start_task()

    def remove(self, attempt: Attempt) -> None:
        """Forget an attempt that has ended."""
        self._open.pop(attempt, None)

    def list_open(self) -> list[Attempt]:
        """All attempts that have not ended, in order of their start."""
        return list(self._open)

    async def wait_until_all_ended(self) -> None:
        """Return when no attempt is open."""
        while tasks := {attempt.task for attempt in self._open if attempt.task} or (
            {self._next_task} if self._open and self._next_task else set()
        ):
            await asyncio.wait(tasks)

    async def cancel(self, attempts: Iterable[Attempt]) -> list[Attempt]:
        """Cancel these attempts. Returns the queued ones, whose call was not sent; `execute` ends the running ones."""
        cancelled = [attempt for attempt in attempts if attempt in self._open]
        tasks = [attempt.task for attempt in cancelled if attempt.task is not None]
        unsent = [attempt for attempt in cancelled if attempt.task is None]
        for attempt in unsent:
            self.remove(attempt)
        if unsent:
            self._queue = deque(attempt for attempt in self._queue if attempt in self._open)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
            self._start_task()
        return unsent

    def _start_task(self) -> None:
        if self._queue and self._next_task is None and self._task_count < self.max_running:
            self._task_count += 1
            self._next_task = self.group.create_task(self._run_queued())

    async def _run_queued(self) -> None:
        self._next_task = None
        this_task = asyncio.current_task()
        now = time.perf_counter()
        yield_at = now + YIELD_EVERY
        try:
            while self._queue:
                attempt = self._queue.popleft()
                attempt.task = this_task
                self._start_task()
                if (limit := self._queue_limit()) and len(self._queue) == limit // 2:
                    self.on_low_queue()
                started_at = now
                await self.execute(attempt)
                now = time.perf_counter()
                self._record_duration(now - started_at)
                if now > yield_at:  # a thousand quick calls must not delay a heartbeat
                    await asyncio.sleep(0)
                    yield_at = now + YIELD_EVERY
        finally:
            self._task_count -= 1

    def _record_duration(self, seconds: float) -> None:
        mean = seconds if self._mean_duration is None else self._mean_duration
        self._mean_duration = mean + NEWEST_WEIGHT * (seconds - mean)
