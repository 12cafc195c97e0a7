"""When settlements that the database did not accept are sent again."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import pytest

from services.envelope import EnvelopeKey
from services.errors import RefusedByDatabase
from services.outbox import Disposition, Lease, Outbox, Settlement, UnsettledEnvelopes
from services.process.health import Health
from tests.builders import an_envelope
from tests.worker.test_attempts import settle_down
from worker.settlements import SMALL_BATCH, SettlementWriter
from worker.telemetry import Metrics

LOCKED, OTHER = UUID(int=1), UUID(int=2)


@dataclass
class Database:
    """An outbox that records the batches to settle, and the worker id of each."""

    batches: list[tuple[str, list[EnvelopeKey]]] = field(default_factory=list)
    locked: set[UUID] = field(default_factory=set)
    refusing: set[UUID] = field(default_factory=set)

    async def settle(self, worker_id: str, settlements: Sequence[Settlement]) -> UnsettledEnvelopes:
        keys = [settlement.key for settlement in settlements]
        self.batches.append((worker_id, keys))
        if self.refusing & {tenant for tenant, _ in keys}:
            raise RefusedByDatabase("database: a trigger of somebody's")
        return UnsettledEnvelopes(busy=frozenset(key for key in keys if key[0] in self.locked))


@dataclass
class Timers:
    """Replace the timers of the writer: a test can read how long they wait, and can fire them."""

    other: Any
    """Sets the timers of all others, such as those of an earlier test."""
    set: list[tuple[float, Any]] = field(default_factory=list)

    def call_later(self, delay: float, callback: Any, *args: Any, **context: Any) -> Any:
        if not isinstance(getattr(callback, "__self__", None), SettlementWriter):
            return self.other(delay, callback, *args, **context)
        self.set.append((delay, lambda: callback(*args)))
        return None

    def ring(self) -> None:
        rung, self.set = self.set, []
        for _, callback in rung:
            callback()


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
async def timers(monkeypatch: pytest.MonkeyPatch) -> Timers:
    timers = Timers(asyncio.get_running_loop().call_later)
    monkeypatch.setattr(asyncio.get_running_loop(), "call_later", timers.call_later)
    monkeypatch.setattr("worker.backoff.tenacity.wait.random.uniform", lambda _, longest: longest)
    return timers


@pytest.fixture
async def writer(database: Database) -> AsyncIterator[SettlementWriter]:
    writer = SettlementWriter(
        outbox=cast(Outbox, database), metrics=Metrics(), health=Health(stalled_after=60),
        max_wait=timedelta(seconds=5), on_untracked_lease=lambda: None, on_written=lambda: None, pause=timedelta(0),
    )  # fmt: skip
    writing = asyncio.create_task(writer.run())
    yield writer
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)


def add(writer: SettlementWriter, tenant: UUID, number: int, *, worker_id: str = "w1") -> EnvelopeKey:
    envelope = an_envelope(id=UUID(int=number), tenant_id=tenant)
    settlement = Settlement(lease=Lease(tenant, 0, 1), envelope_id=envelope.id, to=Disposition.SUCCESS)
    writer.add(envelope, settlement, claimed_at=0.0, worker_id=worker_id)
    return envelope.key


async def test_settlements_of_a_locked_lane_are_sent_after_growing_pauses(
    writer: SettlementWriter, database: Database, timers: Timers
) -> None:
    database.locked = {LOCKED}
    add(writer, LOCKED, 1)
    waits = []
    for number in range(2, 12):
        await settle_down()
        [(wait, _)] = timers.set
        waits.append(round(wait, 3))
        add(writer, OTHER, number)
        await settle_down()
        timers.ring()
    assert waits == [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.0, 1.0, 1.0]
    assert writer.settled == {"success": 10}


async def test_settlements_that_wait_for_one_lock_are_sent_together_after_the_longest_pause(
    writer: SettlementWriter, database: Database, timers: Timers
) -> None:
    database.locked = {LOCKED}
    first = add(writer, LOCKED, 1)
    await settle_down()
    second = add(writer, LOCKED, 2)
    timers.ring()
    await settle_down()
    assert [round(wait, 3) for wait, _ in timers.set] == [0.02]
    database.locked = set()
    timers.ring()
    await settle_down()
    assert database.batches[-1] == ("w1", [second, first])
    assert (writer.unwritten, writer.busy) == (0, 0)


async def test_settlements_refused_without_a_reason_are_sent_after_growing_pauses(
    writer: SettlementWriter, database: Database, timers: Timers
) -> None:
    database.refusing = {LOCKED}
    add(writer, LOCKED, 1)
    waits = []
    for _ in range(6):
        await settle_down()
        waits.append(round(timers.set[0][0], 3))
        timers.ring()
    assert waits == [0.4, 0.8, 1.6, 3.2, 5.0, 5.0]


async def test_each_worker_id_settles_its_own_claims_and_a_locked_lane_renews_only_the_current_one(
    writer: SettlementWriter, database: Database, timers: Timers
) -> None:
    database.locked = {LOCKED}
    locked = add(writer, LOCKED, 1, worker_id="w1")
    other = add(writer, OTHER, 2, worker_id="w1.2")
    assert writer.worker_ids_to_renew(current="w1.2") == {"w1", "w1.2"}
    await settle_down()
    assert database.batches == [("w1", [locked]), ("w1.2", [other])]
    assert (writer.worker_ids_to_renew(current="w1"), writer.worker_ids_to_renew(current="w1.2")) == ({"w1"}, set())
    database.locked = set()
    timers.ring()
    await settle_down()
    assert writer.worker_ids_to_renew(current="w1") == set()
    assert writer.settled == {"success": 2}


async def test_settlements_that_follow_a_write_closely_are_written_together(
    writer: SettlementWriter, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer.pause = timedelta(hours=1)
    waits, over, sleep = list[float](), asyncio.Event(), asyncio.sleep

    async def wait(seconds: float) -> None:
        if seconds == 0:
            await sleep(0)
        else:
            waits.append(seconds)
            await over.wait()

    monkeypatch.setattr("worker.settlements.asyncio.sleep", wait)
    first = add(writer, OTHER, 1)
    await settle_down()
    second = add(writer, OTHER, 2)
    await settle_down()
    third = add(writer, OTHER, 3)
    over.set()
    await settle_down()
    assert database.batches == [("w1", [first]), ("w1", [second, third])]
    assert waits == [pytest.approx(3600, abs=60)]


async def test_a_large_batch_does_not_wait(writer: SettlementWriter, database: Database) -> None:
    writer.pause = timedelta(hours=1)
    add(writer, OTHER, 0)
    await settle_down()
    many = [add(writer, OTHER, number) for number in range(1, SMALL_BATCH + 2)]
    await settle_down()
    assert database.batches[1:] == [("w1", many)]
