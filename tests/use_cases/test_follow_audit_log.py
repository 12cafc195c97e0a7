"""Followers of the audit log get every row once and in order, however slow they are."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from services import follow_audit_log
from services.add_tenant import add_tenant
from services.audit_log import AuditEntry, AuditLogger, RawAuditRow
from services.audit_log.position import Position
from services.backends import Backends
from services.backends.memory.adapters.audit_log import MemoryAuditLogger
from services.envelope import Status
from services.errors import NotReady
from services.follow_audit_log import AuditFeed, Follower, Reset, wait_for_envelope
from tests.contract.builders import put_one
from tests.use_cases.actors import OLGA
from tests.worker.world import eventually

SOON = timedelta(seconds=60)
AT_ONCE = timedelta(milliseconds=50)


@pytest.fixture
async def feed(backends: Backends) -> AsyncIterator[AuditFeed]:
    feed = AuditFeed(backends.audit_log, poll_every=timedelta(milliseconds=1))
    yield feed
    feed.close()


async def append_rows(backends: Backends, tenant: UUID, count: int) -> None:
    entry = AuditEntry(tenant_id=tenant, actor=OLGA, category="note.added")
    await backends.audit_log.append([entry] * count)


async def take(follower: Follower, count: int) -> list[int | None]:
    """The seq of the next rows."""
    taken: list[int | None] = []
    async with asyncio.timeout(60):
        while len(taken) < count:
            page = await follower.read(within=SOON)
            assert not isinstance(page, Reset)
            taken += [row.seq for row in page]
    return taken


async def test_a_follower_gets_every_new_row_of_its_tenant_in_order(
    backends: Backends, feed: AuditFeed, tenant: UUID
) -> None:
    other = await add_tenant(backends, "Borealis", plan="standard", lanes=1, actor=OLGA)
    end = await feed.end_of(tenant)
    with feed.follow(backends.audit_log, tenant, after=end) as follower:
        for _ in range(5):
            await append_rows(backends, tenant, 3)
            await append_rows(backends, other.id, 1)
            await asyncio.sleep(0.003)
        assert await take(follower, 15) == list(range(end + 1, end + 16))
        assert await follower.read(within=AT_ONCE) == []


async def test_a_follower_goes_on_after_the_row_it_names_while_rows_are_appended(
    backends: Backends, feed: AuditFeed, tenant: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow_audit_log, "PAGE_SIZE", 7)
    end = await feed.end_of(tenant)
    await append_rows(backends, tenant, 40)
    start = await feed.start_of(tenant, end)
    assert start == end
    with feed.follow(backends.audit_log, tenant, after=end) as follower:
        first = await take(follower, 20)
        await append_rows(backends, tenant, 40)
        assert first + await take(follower, 80 - len(first)) == list(range(end + 1, end + 81))


async def test_whoever_is_too_far_behind_or_ahead_is_told_to_start_anew(
    backends: Backends, feed: AuditFeed, tenant: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow_audit_log, "MAX_ROWS_BEHIND", 10)
    await append_rows(backends, tenant, 20)
    end = await feed.end_of(tenant)

    assert await feed.start_of(tenant, end - 11) == Reset(end)
    assert await feed.start_of(tenant, end - 10) == end - 10
    assert await feed.start_of(tenant, end + 1) == Reset(end)
    assert await feed.start_of(tenant, None) == end


async def test_a_follower_that_does_not_read_costs_nothing_and_is_told_to_start_anew(
    backends: Backends, feed: AuditFeed, tenant: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow_audit_log, "MAX_ROWS_BEHIND", 10)
    end = await feed.end_of(tenant)
    with (
        feed.follow(backends.audit_log, tenant, after=end) as idle,
        feed.follow(backends.audit_log, tenant, after=end) as reading,
    ):
        for _ in range(5):
            await append_rows(backends, tenant, 10)
            await take(reading, 10)
        assert await idle.read(within=SOON) == Reset(end + 50)
        await append_rows(backends, tenant, 1)
        assert await take(idle, 1) == [end + 51]


async def test_rows_are_read_once_for_all_followers_of_a_tenant(
    backends: Backends, feed: AuditFeed, tenant: UUID
) -> None:
    reader = CountingLog(backends.audit_log)
    end = await feed.end_of(tenant)
    async with asyncio.TaskGroup() as group:
        with_rows = [group.create_task(_follow_one(feed, reader, tenant, end)) for _ in range(50)]
        await asyncio.sleep(0.02)
        await append_rows(backends, tenant, 1)
    assert [task.result() for task in with_rows] == [[end + 1]] * 50
    assert reader.reads == 1


async def test_a_reader_whose_token_has_ended_does_not_stop_the_others(
    backends: Backends, feed: AuditFeed, tenant: UUID
) -> None:
    ended = CountingLog(backends.audit_log, fails=True)
    end = await feed.end_of(tenant)
    with (
        feed.follow(ended, tenant, after=end),
        feed.follow(CountingLog(backends.audit_log), tenant, after=end) as follower,
    ):
        for _ in range(3):
            await append_rows(backends, tenant, 1)
            await take(follower, 1)


async def test_nothing_is_asked_without_followers(backends: Backends, tenant: UUID) -> None:
    log = CountingLog(backends.audit_log)
    feed = AuditFeed(log, poll_every=timedelta(milliseconds=1))
    with feed.follow(log, tenant, after=0):
        await eventually(lambda: log.polls > 1)
    asked = log.polls
    await asyncio.sleep(0.02)
    assert log.polls == asked


async def test_a_closed_feed_lets_its_followers_go(backends: Backends, feed: AuditFeed, tenant: UUID) -> None:
    with feed.follow(backends.audit_log, tenant, after=await feed.end_of(tenant)) as follower:
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            waiting = group.create_task(follower.read(within=timedelta(minutes=1)))
            await asyncio.sleep(0.01)
            feed.close()
        assert waiting.result() == []


async def test_a_wait_for_an_envelope_ends_when_it_is_over_and_at_its_time(
    backends: Backends, feed: AuditFeed, tenant: UUID
) -> None:
    envelope, other = await put_one(backends.outbox, tenant), await put_one(backends.outbox, tenant)
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        waiting = group.create_task(wait_for_envelope(backends, feed, tenant, envelope.id, within=timedelta(minutes=1)))
        await asyncio.sleep(0.01)
        for each in (other, envelope):
            await backends.outbox.cancel(tenant, each.id, actor=OLGA, reason=None)
    assert waiting.result().status is Status.CANCELLED

    pending = await put_one(backends.outbox, tenant)
    assert (await wait_for_envelope(backends, feed, tenant, pending.id, within=AT_ONCE)).status is Status.PENDING


async def test_a_follower_of_all_tenants_goes_on_after_any_row_while_rows_are_appended(
    backends: Backends, feed: AuditFeed, tenant: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow_audit_log, "PAGE_SIZE", 3)
    other = (await add_tenant(backends, "Borealis", plan="standard", lanes=1, actor=OLGA)).id
    position = await feed.start_of_all(None)
    ends = {each: await feed.end_of(each) for each in (tenant, other)}
    seen: list[tuple[UUID, int | None]] = []
    for number in range(10):
        await append_rows(backends, tenant, 2)
        await append_rows(backends, other, 1)
        for _ in range(number % 3):
            assert isinstance(position, Position)
            follower = feed.follow_all(Position.parse(str(position)))
            page = await follower.read(within=AT_ONCE)
            assert not isinstance(page, Reset)
            seen += [(row.tenant_id, row.seq) for row in page[:2]]
            position = follower.id_of(page[:2][-1]) if page else follower.at
    while page:
        assert isinstance(position, Position)
        follower = feed.follow_all(position)
        page = await follower.read(within=AT_ONCE)
        assert not isinstance(page, Reset)
        seen += [(row.tenant_id, row.seq) for row in page]
        position = follower.at
    for each, count in ((tenant, 20), (other, 10)):
        assert [seq for of, seq in seen if of == each] == list(range(ends[each] + 1, ends[each] + count + 1))


async def _follow_one(feed: AuditFeed, reader: AuditLogger, tenant: UUID, after: int) -> list[int | None]:
    with feed.follow(reader, tenant, after=after) as follower:
        return await take(follower, 1)


class CountingLog(MemoryAuditLogger):
    """An audit log that counts calls, and may refuse to read."""

    def __init__(self, log: AuditLogger, *, fails: bool = False) -> None:
        assert isinstance(log, MemoryAuditLogger)
        super().__init__(log._state)  # noqa: SLF001
        self._fails = fails
        self.reads = self.polls = 0

    async def read(
        self, tenant: UUID, *, after: int | None = None, since: datetime | None = None, limit: int
    ) -> list[RawAuditRow]:
        self.reads += 1
        if self._fails:
            raise NotReady("the token has ended")
        return await super().read(tenant, after=after, since=since, limit=limit)

    async def moved_heads(self, known: Mapping[UUID, int]) -> dict[UUID, int]:
        self.polls += 1
        return await super().moved_heads(known)
