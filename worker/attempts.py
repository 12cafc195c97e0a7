"""Run attempts concurrently, up to a limit, and cancel them.

A slot is the right to run one call; a worker has as many slots as concurrent calls. Attempts run in asyncio tasks. A
task runs one attempt after another. As soon as a call makes its task wait, the next
task starts and runs the next attempt. So slow calls run concurrently, and quick calls share a task. Attempts beyond the
limit wait in a queue per tenant and start, one tenant after another, as soon as a call ends.

Some slots are reserved, so that one tenant's slow calls leave slots free for other tenants: see `_may_start`.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from services.accounts import Account
from services.catalog import Tool
from services.outbox import ClaimedEnvelope, GrantedCall
from services.tools.registry import ACCOUNT_KEEPER, login_id_of

YIELD_EVERY = 0.05
"""Seconds after which a task that never had to wait lets other tasks run."""
MAX_QUEUE_TIME = 0.2
"""Seconds that an attempt may wait in the queue. Its guardrails were judged before, and may change meanwhile."""
QUICK_CALL = 0.02
"""Seconds. While calls take less than this on average, no attempts are queued, because a new claim would take longer
than the call."""
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
    grant: GrantedCall | None = None
    """The grant that allows the call in place of an approval. Its use must be on record before the call is sent."""
    needs_sent_mark: bool = False
    """The call must not be sent before `mark_sent` has recorded it. Always False for an idempotent tool."""
    claimed_at: float = 0.0
    """Value of `time.perf_counter`."""
    task: "asyncio.Task[None] | None" = None
    """The task that runs the attempt. None while it is queued: nothing has been sent."""
    abandoned: bool = False
    """The lease is lost, so this worker must not settle the attempt."""

    @property
    def login_id(self) -> str | None:
        """The provider's own id of the account; None for a provider that stores no accounts."""
        return login_id_of(self.account) if self.tool.provider == ACCOUNT_KEEPER else None


@dataclass(slots=True, eq=False)
class TenantCalls:
    """How many calls of a tenant are running, and its attempts that wait for a slot."""

    tenant_id: UUID
    running: int = 0
    queue: deque[Attempt] = field(default_factory=deque)


@dataclass(slots=True)
class Attempts:
    """All attempts of a worker that have not ended: running or queued."""

    execute: Callable[[Attempt], Awaitable[None]]
    """Makes the call, and calls `remove` whether the call succeeds or fails. Does not catch CancelledError."""
    max_running: int
    """Upper limit of calls that run at the same time."""
    on_low_queue: Callable[[], None]
    """Called when the queue has become so short that the worker should claim more."""
    reserved: int = 0
    """How many slots are reserved for tenants that run fewer calls than there are free slots. 0: a tenant may use all
    slots."""
    group: asyncio.TaskGroup = field(init=False)
    """Owns the tasks. Set it before the first call of `start`."""
    _open: dict[Attempt, None] = field(default_factory=dict)
    """Attempts in the order of their start. An envelope has two if its lease was lost and it was claimed again."""
    _tenants: dict[UUID, TenantCalls] = field(default_factory=dict)
    """Tenants with running or queued attempts."""
    _turns: dict[TenantCalls, None] = field(default_factory=dict)
    """Tenants with queued attempts, in the order in which they get a slot."""
    _queue_length: int = 0
    _free_slots: int = field(init=False)
    _next_task: "asyncio.Task[None] | None" = None
    """A task that has been created and has not taken an attempt yet."""
    _task_count: int = 0
    _mean_duration: float | None = None
    """Moving average of the seconds that a call takes. None until the first call has ended."""

    def __post_init__(self) -> None:
        self._free_slots = self.max_running

    def __len__(self) -> int:
        return len(self._open)

    def capacity(self) -> int:
        """How many more attempts to start now: the free slots, and those that become free within MAX_QUEUE_TIME.

        A queued attempt starts as soon as a call ends, without a claim in between. The result is 0 while the queue is
        more than half full, because a claim of a few envelopes costs as much as a claim of many. Queued attempts of
        `tenants_at_limit` do not count, because a free slot does not start them.
        """
        limit = self._queue_limit()
        at_limit = sum(len(self._tenants[tenant].queue) for tenant in self.tenants_at_limit())
        if self._queue_length - at_limit > limit // 2:
            return 0
        return max(0, self.max_running + limit - len(self._open) + at_limit)

    def tenants_at_limit(self) -> frozenset[UUID]:
        """Tenants for which nothing is claimed now, because their next call has no slot and enough of their attempts
        are queued."""
        if not self.reserved or self._free_slots > self.reserved:
            return frozenset()
        limit, free = self._queue_limit(), self._free_slots
        return frozenset(
            id_
            for id_, tenant in self._tenants.items()
            if tenant.running and not self._may_start(tenant.running, free) and 2 * len(tenant.queue) >= limit
        )

    def starting_now(self, attempts: Sequence[Attempt]) -> list[Attempt]:
        """The attempts that would get a slot immediately if `start` were called now."""
        if not self._turns and len(attempts) <= self._free_slots - self.reserved:
            return list(attempts)
        if self._has_startable():
            return []
        free, starting = self._free_slots, list[Attempt]()
        running = Counter({id_: tenant.running for id_, tenant in self._tenants.items()})
        queued = {tenant.tenant_id for tenant in self._turns}
        for attempt in attempts:
            id_ = attempt.claimed.envelope.tenant_id
            if id_ not in queued and self._may_start(running[id_], free):
                free -= 1
                running[id_] += 1
                starting.append(attempt)
        return starting

    def _queue_limit(self) -> int:
        duration = self._mean_duration or 0.0
        return int(self.max_running * MAX_QUEUE_TIME / max(MAX_QUEUE_TIME, duration)) if duration > QUICK_CALL else 0

    def start(self, attempts: Iterable[Attempt], claimed_at: float) -> None:
        """Queue these attempts, and run as many as the limit allows."""
        for attempt in attempts:
            attempt.claimed_at = claimed_at
            self._open[attempt] = None
            id_ = attempt.claimed.envelope.tenant_id
            if (tenant := self._tenants.get(id_)) is None:
                tenant = self._tenants[id_] = TenantCalls(id_)
            tenant.queue.append(attempt)
            self._turns.setdefault(tenant)
            self._queue_length += 1
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
        for tenant in list(self._turns) if unsent else ():
            tenant.queue = deque(attempt for attempt in tenant.queue if attempt in self._open)
            self._forget_if_idle(tenant)
        self._queue_length = sum(len(tenant.queue) for tenant in self._turns)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
            self._start_task()
        return unsent

    def _may_start(self, running: int, free: int) -> bool:
        """Whether a tenant with `running` calls may start another call while `free` slots are free.

        A tenant with hanging calls takes at most half of the reserved slots that are left. If all calls of one tenant
        hang, all reserved slots are left for other tenants; if the calls of a second tenant hang too, half of the
        reserved slots are left, and so on. A tenant that runs nothing may take the last slot.
        """
        return free > self.reserved or running < free

    def _has_startable(self) -> bool:
        return any(self._may_start(tenant.running, self._free_slots) for tenant in self._turns)

    def _pop_startable(self) -> tuple[TenantCalls, Attempt] | None:
        """The next attempt that gets a slot now. The tenant's other attempts move behind those of other tenants."""
        for tenant in self._turns:
            if self._may_start(tenant.running, self._free_slots):
                del self._turns[tenant]
                attempt = tenant.queue.popleft()
                self._queue_length -= 1
                if tenant.queue:
                    self._turns[tenant] = None
                return tenant, attempt
        return None

    def _forget_if_idle(self, tenant: TenantCalls) -> None:
        if not tenant.queue:
            self._turns.pop(tenant, None)
            if not tenant.running:
                self._tenants.pop(tenant.tenant_id, None)

    def _start_task(self) -> None:
        if self._next_task is None and self._task_count < self.max_running and self._has_startable():
            self._task_count += 1
            self._next_task = self.group.create_task(self._run_queued())

    async def _run_queued(self) -> None:
        self._next_task = None
        this_task = asyncio.current_task()
        now = time.perf_counter()
        yield_at = now + YIELD_EVERY
        try:
            while (popped := self._pop_startable()) is not None:
                tenant, attempt = popped
                attempt.task = this_task
                self._free_slots -= 1
                tenant.running += 1
                self._start_task()
                if (limit := self._queue_limit()) and self._queue_length == limit // 2:
                    self.on_low_queue()
                started_at = now
                try:
                    await self.execute(attempt)
                finally:
                    self._free_slots += 1
                    tenant.running -= 1
                    self._forget_if_idle(tenant)
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
