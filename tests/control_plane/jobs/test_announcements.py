"""A source that reports a change of its tools is synced at once."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from control_plane.jobs import JobContext, announcements, catalog_drift
from control_plane.jobs.announcements import listen_for_changes
from control_plane.jobs.run import run_job
from control_plane.settings import read_settings
from services.backends import Backends
from services.backends.open import memory_backends
from services.catalog import NEW_TOOL_DRIFT, ListedTool, SyncedTool, ToolStatus
from services.catalog.definition import Listing, read_listing
from services.envelope import Actor, ActorType
from services.errors import NotReady
from services.job_runs import RunStatus
from services.sync_catalog import sync_catalog
from services.sync_sources import sources_in_catalogs
from services.tenants import Tenant
from services.tools import Success
from services.tools.dispatch import Tools
from services.tools.mcp import McpServer
from tests.builders import a_listing, operator
from tests.tools.builders import a_call, a_tool

OLGA = Actor(type=ActorType.OPERATOR, id="olga")
READ, WRITE = ListedTool(name="read"), ListedTool(name="write")
GROW = a_tool(provider="mcp", config={"server": "growing", "tool": "grow"})


@dataclass
class Source:
    """Tools whose listing the test sets, and which announces what the test wants."""

    listing: list[ListedTool] = field(default_factory=lambda: [READ])
    asked: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    heard: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    """Sources with which a session was opened."""
    on_tools_changed: Any = None

    async def list_tools(self, provider: str, source: str) -> list[ListedTool]:
        self.asked.put_nowait(f"{provider} {source}")
        return self.listing

    async def health(self, _: str, source: str) -> None:
        self.heard.put_nowait(source)


@dataclass
class World:
    backends: Backends
    tenant: UUID
    source: Source
    context: JobContext

    def syncs(self, monkeypatch: pytest.MonkeyPatch) -> "asyncio.Queue[list[SyncedTool]]":
        """What each sync from now on did."""
        done: asyncio.Queue[list[SyncedTool]] = asyncio.Queue()
        plain = self.backends.catalog.sync

        async def syncing(*args: Any, **kwargs: Any) -> list[SyncedTool]:
            changes = await plain(*args, **kwargs)
            done.put_nowait(changes)
            return changes

        monkeypatch.setattr(self.backends.catalog, "sync", syncing)
        return done


@pytest.fixture
async def world(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    monkeypatch.setattr(announcements, "SYNC_INTERVAL", timedelta(0))
    async with memory_backends() as backends:
        tenant = Tenant(id=uuid4(), name="Acme")
        await backends.tenants.save(tenant, actor=operator("olga"))
        source = Source()
        context = JobContext(backends=backends, tools=cast("Tools", source), rules={}, keep_settled=timedelta(days=1))
        for name in ("files", "mail"):
            await sync_catalog(backends, tenant.id, a_listing(READ, source=name), actor=OLGA, trusted=True)
        yield World(backends, tenant.id, source, context)


async def test_only_the_source_that_announces_a_change_is_synced_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = world.syncs(monkeypatch)
    async with asyncio.timeout(60), listen_for_changes(world.context, worker_id="one"):
        world.source.listing = [READ, WRITE]
        world.source.on_tools_changed("mcp", "files")
        assert await world.source.asked.get() == "mcp files"
        [read, write] = await done.get()
    assert (read.change, write.change, write.tool_slug) == ("unchanged", "new", "FILES__write")
    assert world.source.asked.empty()
    assert [run.due_at for run in await world.backends.job_runs.list_runs("catalog_drift")] == [None]
    assert world.source.on_tools_changed is None


async def test_a_session_is_opened_with_every_server_of_a_catalog(world: World) -> None:
    async with asyncio.timeout(60), listen_for_changes(world.context, worker_id="one"):
        assert {await world.source.heard.get(), await world.source.heard.get()} == {"files", "mail"}


async def test_a_bug_with_one_server_does_not_end_the_sessions_with_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = world.source.health

    async def breaking(provider: str, source: str) -> None:
        if source == "files":
            raise RuntimeError
        await plain(provider, source)

    monkeypatch.setattr(world.source, "health", breaking)
    async with asyncio.timeout(60), listen_for_changes(world.context, worker_id="one"):
        assert await world.source.heard.get() == "mail"


@pytest.mark.parametrize("where", ["its listing", "a tenant's rows"])
async def test_a_bug_with_one_source_does_not_stop_the_sync_of_others(
    world: World, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = world.syncs(monkeypatch)
    listing = world.source.list_tools

    async def breaking(provider: str, source: str) -> list[ListedTool]:
        if source == "files":
            raise RuntimeError
        return await listing(provider, source)

    async def syncing(backends: Backends, tenant: UUID, listing: Listing, **rest: Any) -> Any:
        if listing.source == "files":
            raise RuntimeError
        return await sync_catalog(backends, tenant, listing, **rest)

    if where == "its listing":
        monkeypatch.setattr(world.source, "list_tools", breaking)
    else:
        monkeypatch.setattr("services.sync_sources.sync_catalog", syncing)
    report = await catalog_drift.run(world.context)
    assert (report.counts["failed"], "files" in (report.problem or "")) == (1, True)
    assert [change.tool_slug for change in await done.get()] == ["MAIL__read"]


async def test_a_change_announced_during_a_run_is_synced_after_it(world: World) -> None:
    jobs = world.backends.job_runs
    under_way = await jobs.start("catalog_drift", "two", run_id=uuid4(), every=None, lease_for=timedelta(minutes=1))
    assert under_way is not None
    async with asyncio.timeout(60), listen_for_changes(world.context, worker_id="one"):
        world.source.on_tools_changed("mcp", "files")
        for _ in range(50):
            await asyncio.sleep(0)
        assert world.source.asked.empty()
        await jobs.finish(under_way, status=RunStatus.SUCCEEDED, counts={}, error=None)
        assert await world.source.asked.get() == "mcp files"


async def test_an_announcement_is_kept_while_the_database_is_away(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, times = world.backends.job_runs.start, iter([True, True])

    async def starting(*args: Any, **kwargs: Any) -> Any:
        if next(times, False):
            raise NotReady("database: not reachable")
        return await start(*args, **kwargs)

    monkeypatch.setattr(world.backends.job_runs, "start", starting)
    async with asyncio.timeout(60), listen_for_changes(world.context, worker_id="one"):
        world.source.on_tools_changed("mcp", "mail")
        assert await world.source.asked.get() == "mcp mail"


async def test_an_error_with_one_announcement_does_not_stop_later_ones(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = run_job

    async def breaking(job: Any, context: JobContext, **rest: Any) -> Any:
        if context.sources == {("mcp", "files")}:
            followed.set()
            raise RuntimeError("an error of no kind that was foreseen")
        return await plain(job, context, **rest)

    followed = asyncio.Event()
    monkeypatch.setattr(announcements, "run_job", breaking)
    with capture_logs() as logs:
        async with asyncio.timeout(60), listen_for_changes(world.context, worker_id="one"):
            world.source.on_tools_changed("mcp", "files")
            await followed.wait()
            world.source.on_tools_changed("mcp", "mail")
            assert await world.source.asked.get() == "mcp mail"
    broke = next(line for line in logs if line["event"] == "job.bug")
    assert (broke["error"], broke["sources"]) == ("RuntimeError", "['files']")


async def test_an_error_while_sources_are_listed_does_not_end_the_sessions(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, times = sources_in_catalogs, iter([True])

    async def breaking(backends: Backends, tenants: Iterable[UUID]) -> Any:
        if next(times, False):
            raise RuntimeError
        return await plain(backends, tenants)

    monkeypatch.setattr(announcements, "sources_in_catalogs", breaking)
    monkeypatch.setattr(announcements, "CONNECT_INTERVAL", timedelta(0))
    async with asyncio.timeout(60), listen_for_changes(world.context, worker_id="one"):
        assert await world.source.heard.get() in {"files", "mail"}


async def test_a_source_that_announces_continuously_is_synced_at_intervals(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcements, "SYNC_INTERVAL", timedelta(hours=1))
    async with asyncio.timeout(60), listen_for_changes(world.context, worker_id="one"):
        for _ in range(1000):
            world.source.on_tools_changed("mcp", "files")
            await asyncio.sleep(0)
        assert await world.source.asked.get() == "mcp files"
        assert world.source.asked.empty()


async def test_a_tool_that_a_real_server_adds_is_in_the_catalog_without_a_request(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = SecretStr(str(Path(__file__).parents[3]))
    server = McpServer(command=sys.executable, args=("-m", "tests.tools.growing"), env={"PYTHONPATH": root})
    async with asyncio.timeout(60), read_settings(mcp_servers={"growing": server}).tools() as tools:
        listing = read_listing(await tools.list_tools("mcp", "growing"), provider="mcp", source="growing", rules={})
        await sync_catalog(world.backends, world.tenant, listing, actor=OLGA, trusted=True)
        done = world.syncs(monkeypatch)
        context = JobContext(backends=world.backends, tools=tools, rules={}, keep_settled=timedelta(days=1))
        async with listen_for_changes(context, worker_id="one"):
            while done.empty():  # the subscription may reach the server after the first call
                assert isinstance(await tools.execute(a_call(GROW)), Success)
            assert {change.change for change in await done.get()} == {"unchanged", "new"}
    grown = [tool for tool in await world.backends.catalog.list_tools(world.tenant) if "tool_1" in tool.tool_slug]
    assert [(tool.status, tool.drift) for tool in grown] == [(ToolStatus.QUARANTINED, (NEW_TOOL_DRIFT,))]
