"""Sync a source at once when it says that its tools have changed, instead of at the next catalog_drift."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

from control_plane.jobs import Desk, log, tell_bug, tenants_of
from control_plane.jobs.catalog_drift import JOB
from control_plane.jobs.run import run_job
from services.errors import ControlPlaneError
from services.sync_catalog import Source, sources_in_catalogs

REST = timedelta(seconds=5)
"""Between two syncs that were announced: a server that announces without end gets one each so often."""
LOOKS_EVERY = timedelta(minutes=30)
"""Whether there is a session with every MCP server: nothing can be announced without."""


@dataclass(slots=True)
class _Announced:
    sources: set[Source] = field(default_factory=set)
    some: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, *sources: Source) -> None:
        self.sources.update(sources)
        self.some.set()

    async def take(self) -> frozenset[Source]:
        """All there are; waits for the first."""
        await self.some.wait()
        taken = frozenset(self.sources)
        self.sources.clear()
        self.some.clear()
        return taken


@asynccontextmanager
async def listening(desk: Desk, *, worker_id: str) -> AsyncIterator[None]:
    """Inside, this process keeps a session with every MCP server of a catalog and follows what they announce."""
    announced = _Announced()
    desk.tools.on_tools_changed = lambda provider, source: announced.add((provider, source))
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_listen(desk)), group.create_task(_follow(desk, announced, worker_id))]
        try:
            yield
        finally:
            desk.tools.on_tools_changed = None
            for task in tasks:
                task.cancel()


async def _listen(desk: Desk) -> None:
    while True:
        try:
            sources, _ = await sources_in_catalogs(
                desk.backends, await tenants_of(desk)
            )  # what is wrong with some is told by the job
            for provider, source in sources:
                if provider == "mcp":  # the others announce nothing
                    await _reach(desk, provider, source)
        except ControlPlaneError as exc:
            log.warning("catalog.not_listening", error=str(exc))
        except Exception as exc:  # a bug of this moment must not end the listening
            tell_bug(exc)
        await asyncio.sleep(LOOKS_EVERY.total_seconds())


async def _reach(desk: Desk, provider: str, source: str) -> None:
    try:
        await desk.tools.health(provider, source)
    except Exception as exc:  # a bug that one server wakes must not end the listening to the others
        tell_bug(exc, source=source)


async def _follow(desk: Desk, announced: _Announced, worker_id: str) -> None:
    while True:
        sources = await announced.take()
        log.info("catalog.announced", sources=sorted(source for _, source in sources))
        try:
            done = await run_job(JOB, replace(desk, sources=sources), worker_id=worker_id, asked=True) is not None
        except ControlPlaneError as exc:
            log.warning("job.put_off", job=JOB.name, error=str(exc))
            done = False
        except Exception as exc:  # the others are followed all the same; these are asked by the next catalog_drift
            tell_bug(exc, sources=str(sorted(source for _, source in sources)))
            done = True
        if not done:  # the database is away, or a run is under way that may have asked before the change
            announced.add(*sources)
        await asyncio.sleep(REST.total_seconds())
