"""Running calls: how many run at the same time, and which one is next."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.builders import a_tool
from tests.worker.builders import a_claim
from worker.attempts import Attempt, Attempts


@dataclass
class Calls:
    """Each call waits until the test releases it. `takes` is its duration by the clock of the test."""

    attempts: Attempts = field(init=False)
    began: list[UUID] = field(default_factory=list)
    gates: dict[UUID, asyncio.Event] = field(default_factory=dict)
    capacity_when_low: list[int] = field(default_factory=list)
    """The capacity at each call of `on_low_queue`."""

    async def execute(self, attempt: Attempt) -> None:
        id_ = attempt.claimed.envelope.id
        self.began.append(id_)
        try:
            await self.gates[id_].wait()
        finally:
            self.attempts.remove(attempt)

    def start(self, count: int, **envelope: Any) -> list[UUID]:
        started = [
            Attempt(claimed=a_claim(id=uuid4(), **envelope), tool=a_tool(), verdicts=(), worker_id="w1")
            for _ in range(count)
        ]
        ids = [attempt.claimed.envelope.id for attempt in started]
        self.gates |= {id_: asyncio.Event() for id_ in ids}
        self.attempts.start(started, 0.0)
        return ids

    async def end(self, ids: Sequence[UUID]) -> None:
        for id_ in ids:
            self.gates[id_].set()
        await settle_down()


async def settle_down() -> None:
    """Let every task run until it waits."""
    for _ in range(200):
        await asyncio.sleep(0)


@asynccontextmanager
async def running(max_running: int, *, reserved: int = 0) -> AsyncIterator[Calls]:
    calls = Calls()
    calls.attempts = Attempts(
        execute=calls.execute,
        max_running=max_running,
        on_low_queue=lambda: calls.capacity_when_low.append(calls.attempts.capacity()),
        reserved=reserved,
    )
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        calls.attempts.group = group
        yield calls
        for gate in calls.gates.values():
            gate.set()


@pytest.fixture
async def calls() -> AsyncIterator[Calls]:
    async with running(4) as calls:
        yield calls


@pytest.fixture
async def shared() -> AsyncIterator[Calls]:
    """64 slots, 8 of them reserved."""
    async with running(64, reserved=8) as calls:
        yield calls


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr("worker.attempts.time.perf_counter", lambda: now[0])
    return now


async def test_attempts_never_exceed_the_limit_and_the_next_starts_when_one_ends(calls: Calls) -> None:
    ids = calls.start(6)
    await settle_down()
    assert calls.began == ids[:4]
    await calls.end(ids[1:3])
    assert calls.began == ids
    await calls.end(ids)
    assert len(calls.attempts) == 0


async def test_a_cancelled_attempt_frees_its_slot_for_the_next(calls: Calls) -> None:
    ids = calls.start(6)
    await settle_down()
    first = next(attempt for attempt in calls.attempts.list_open() if attempt.claimed.envelope.id == ids[0])
    assert await calls.attempts.cancel([first]) == []
    await settle_down()
    assert calls.began == ids[:5]


async def test_cancelled_attempts_that_had_not_started_are_returned_as_unsent(calls: Calls) -> None:
    ids = calls.start(6)
    await settle_down()
    unsent = await calls.attempts.cancel(calls.attempts.list_open())
    assert [attempt.claimed.envelope.id for attempt in unsent] == ids[4:]
    assert calls.began == ids[:4]
    assert len(calls.attempts) == 0


@pytest.mark.parametrize(
    ("takes", "ahead"),
    [(0.001, 0), (0.02, 0), (0.05, 4), (0.2, 4), (0.4, 2), (0.8, 1), (60.0, 0)],
)
async def test_as_many_attempts_may_wait_as_slots_become_free_within_a_fifth_of_a_second(
    calls: Calls, clock: list[float], takes: float, ahead: int
) -> None:
    assert calls.attempts.capacity() == 4
    (first,) = calls.start(1)
    await settle_down()
    clock[0] += takes
    await calls.end([first])
    assert calls.attempts.capacity() == 4 + ahead


async def test_the_claim_loop_is_told_to_claim_more_once_less_than_half_of_the_queue_waits(
    calls: Calls, clock: list[float]
) -> None:
    (first,) = calls.start(1)
    await settle_down()
    clock[0] += 0.2
    await calls.end([first])
    ids = calls.start(7)
    await settle_down()
    assert (calls.attempts.capacity(), calls.capacity_when_low) == (0, [])
    await calls.end(ids[:1])
    assert (calls.attempts.capacity(), calls.capacity_when_low) == (2, [2]), (
        "the claim loop is told as soon as it should claim more"
    )


async def test_tenants_whose_calls_hang_leave_ever_smaller_shares_of_the_reserved_slots(shared: Calls) -> None:
    tenants = [uuid4() for _ in range(6)]
    shares = []
    for tenant in tenants:
        before = len(shared.began)
        shared.start(100, tenant_id=tenant)
        await settle_down()
        shares.append(len(shared.began) - before)
    assert shares == [56, 4, 2, 1, 1, 0]


async def test_a_tenant_at_its_limit_is_not_claimed_for_and_its_queue_takes_no_capacity(shared: Calls) -> None:
    tenant, other = uuid4(), uuid4()
    shared.start(60, tenant_id=tenant)
    await settle_down()
    assert (shared.attempts.tenants_at_limit(), shared.attempts.capacity()) == (frozenset({tenant}), 8)
    shared.start(2, tenant_id=other)
    await settle_down()
    assert (shared.attempts.tenants_at_limit(), shared.attempts.capacity()) == (frozenset({tenant}), 6)


async def test_a_tenant_at_its_limit_continues_with_its_queue_as_its_calls_end(shared: Calls) -> None:
    ids = shared.start(60)
    await settle_down()
    assert shared.began == ids[:56]
    await shared.end(ids[:3])
    assert shared.began == ids[:59]
    await shared.end(ids)
    assert (shared.began, len(shared.attempts)) == (ids, 0)


async def test_queued_attempts_of_several_tenants_start_in_turn(calls: Calls) -> None:
    one = calls.start(6, tenant_id=uuid4())
    await settle_down()
    two = calls.start(2, tenant_id=uuid4())
    await calls.end(one[:4])
    assert calls.began == [*one[:4], one[4], two[0], one[5], two[1]]


async def test_only_attempts_that_get_a_slot_at_once_are_named_as_starting_now(shared: Calls) -> None:
    tenant = uuid4()
    attempts = [
        Attempt(claimed=a_claim(id=uuid4(), tenant_id=tenant), tool=a_tool(), verdicts=(), worker_id="w1")
        for _ in range(60)
    ]
    assert shared.attempts.starting_now(attempts) == attempts[:56]
    shared.start(60, tenant_id=tenant)
    await settle_down()
    assert shared.attempts.starting_now(attempts) == []
    newcomer = Attempt(claimed=a_claim(id=uuid4()), tool=a_tool(), verdicts=(), worker_id="w1")
    assert shared.attempts.starting_now([*attempts, newcomer]) == [newcomer]
