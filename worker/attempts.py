"""Calls under way: who runs them, and how they are called off.

A runner is a task that makes one attempt after the other for as long as no tool makes it wait; once one does, the next
runner goes on with the next attempt. So as many calls are under way at once as there are slow tools, and quick ones
cost no task each. More than `at_most` at once never run: the others wait, ready to go the moment a call ends.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field

from services.accounts import Account, reference_of
from services.catalog import Tool
from services.outbox import Claimed

STRETCH = 0.05
"""Seconds that a runner goes on without letting others have a turn."""
AHEAD = 0.2
"""Seconds that an envelope may wait here for its turn: its guardrails were judged before."""
QUICK = 0.02
"""Seconds: calls that take less are over before a claim would be, and nothing waits behind them."""
WEIGHT = 0.05
"""Of the newest call in the mean of how long calls take."""


@dataclass(slots=True, eq=False, kw_only=True)
class Attempt:
    """An envelope that the guardrails let through, until its one call is settled."""

    claimed: Claimed
    tool: Tool
    said: tuple[Mapping[str, object], ...]
    """What the guardrails said, as it is kept on the envelope; envelopes that are alike share it."""
    worker_id: str
    """The name under which it was claimed: the only one that may note and settle it."""
    account: Account | None = None
    """The one that the guardrails judged."""
    noted: bool = True
    """False while its call may not leave yet: it waits for a slot, and is to be noted by `mark_sent` first."""
    claimed_at: float = 0.0
    """By `time.perf_counter`."""
    runner: "asyncio.Task[None] | None" = None
    """None while it waits for one: nothing has left."""
    abandoned: bool = False
    """The lease is lost: whatever comes of it, it is not ours to settle."""

    @property
    def account_reference(self) -> str | None:
        """What the tool's provider calls the account; nobody but Composio keeps accounts."""
        return reference_of(self.account) if self.tool.provider == "composio" else None


@dataclass(slots=True)
class Attempts:
    """`execute` makes the call and closes the attempt by `close`, whatever happens; CancelledError passes through."""

    execute: Callable[[Attempt], Awaitable[None]]
    at_most: int
    """Calls under way at once."""
    on_few: Callable[[], None]
    """What waits has just become so few that more are wanted."""
    group: asyncio.TaskGroup = field(init=False)
    """Owns the runners; to be set before the first start."""
    _open: dict[Attempt, None] = field(default_factory=dict)
    """In order; an envelope whose lease was lost may come back while its first attempt still runs."""
    _waiting: deque[Attempt] = field(default_factory=deque)
    _next: "asyncio.Task[None] | None" = None
    """The runner that goes on when the present one waits."""
    _runners: int = 0
    _takes: float | None = None
    """Seconds that a call takes, lately; None before the first has ended."""

    def __len__(self) -> int:
        return len(self._open)

    def wanted(self) -> int:
        """How many more to start now: for the free slots, and for those that come free within AHEAD.

        Calls that end together are followed at once by what waits, instead of by a claim; behind calls that take long
        nothing waits. While half of what may wait does, there is no hurry: a claim of a few costs as much as of many.
        """
        ahead = self._ahead()
        return 0 if len(self._waiting) > ahead // 2 else max(0, self.at_most + ahead - len(self._open))

    def _ahead(self) -> int:
        takes = self._takes or 0.0
        return int(self.at_most * AHEAD / max(AHEAD, takes)) if takes > QUICK else 0

    def start(self, attempts: Iterable[Attempt], claimed_at: float) -> None:
        """Execute these, side by side."""
        for attempt in attempts:
            attempt.claimed_at = claimed_at
            self._open[attempt] = None
            self._waiting.append(attempt)
        self._call_next()

    def close(self, attempt: Attempt) -> None:
        """It has ended."""
        self._open.pop(attempt, None)

    def open(self) -> list[Attempt]:
        """All that have not ended."""
        return list(self._open)

    async def ended(self) -> None:
        """Wait for all of them."""
        while runners := {attempt.runner for attempt in self._open if attempt.runner} or (
            {self._next} if self._open and self._next else set()
        ):
            await asyncio.wait(runners)

    async def cancel(self, attempts: Iterable[Attempt]) -> list[Attempt]:
        """Call these off, and return those of which nothing has left; the others are closed as their call ended."""
        called_off = [attempt for attempt in attempts if attempt in self._open]
        runners = [attempt.runner for attempt in called_off if attempt.runner is not None]
        unsent = [attempt for attempt in called_off if attempt.runner is None]
        for attempt in unsent:
            self.close(attempt)
        if unsent:
            self._waiting = deque(attempt for attempt in self._waiting if attempt in self._open)
        for runner in runners:
            runner.cancel()
        if runners:
            await asyncio.wait(runners)
            self._call_next()
        return unsent

    def _call_next(self) -> None:
        if self._waiting and self._next is None and self._runners < self.at_most:
            self._runners += 1
            self._next = self.group.create_task(self._run())

    async def _run(self) -> None:
        self._next = None
        me = asyncio.current_task()
        now = time.perf_counter()
        give_way_at = now + STRETCH
        try:
            while self._waiting:
                attempt = self._waiting.popleft()
                attempt.runner = me
                self._call_next()
                if (ahead := self._ahead()) and len(self._waiting) == ahead // 2:
                    self.on_few()
                began = now
                await self.execute(attempt)
                now = time.perf_counter()
                self._takes = now - began if self._takes is None else self._takes + WEIGHT * (now - began - self._takes)
                if now > give_way_at:  # heartbeats must not wait for a thousand quick calls
                    await asyncio.sleep(0)
                    give_way_at = now + STRETCH
        finally:
            self._runners -= 1
