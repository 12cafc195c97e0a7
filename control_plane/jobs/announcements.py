"""Sync a source as soon as it announces that its tools have changed, without waiting for the job `catalog_drift`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

from control_plane.jobs import JobContext, list_tenants, log, log_bug
from control_plane.jobs.catalog_drift import JOB
from control_plane.jobs.run import run_job
from services.errors import ControlPlaneError
from services.sync_catalog import Source
from services.sync_sources import sources_in_catalogs
from services.tools.registry import PROVIDERS

SYNC_INTERVAL = timedelta(seconds=5)
"""Minimum time between two syncs, for servers that announce changes continuously."""
CONNECT_INTERVAL = timedelta(minutes=30)
"""How often missing sessions with sources that may announce changes are opened. They announce only in a session."""


@dataclass(slots=True)
class _ChangedSources:
    sources: set[Source] = field(default_factory=set)
    is_filled: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, *sources: Source) -> None:
        self.sources.update(sources)
        self.is_filled.set()

    async def take_all(self) -> frozenset[Source]:
        """Remove and return all announced sources. Waits until there is at least one."""
        await self.is_filled.wait()
        announced = frozenset(self.sources)
        self.sources.clear()
        self.is_filled.clear()
        return announced


@asynccontextmanager
async def listen_for_changes(context: JobContext, *, worker_id: str) -> AsyncIterator[None]:
    """While the block runs, keep a session with every source that can announce changes, and sync a source
    when it announces one.

    The `worker_id` is the scheduler's, for the rows of the runs.
    """
    changed = _ChangedSources()
    context.tools.on_tools_changed = lambda provider, source: changed.add(Source(provider, source))
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(_keep_sessions_open(context)),
            group.create_task(_sync_changed_sources(context, changed, worker_id)),
        ]
        try:
            yield
        finally:
            context.tools.on_tools_changed = None
            for task in tasks:
                task.cancel()


async def _keep_sessions_open(context: JobContext) -> None:
    while True:
        try:
            # Catalogs that cannot be read are skipped here: the job `catalog_drift` reports them.
            sources, _ = await sources_in_catalogs(context.backends, await list_tenants(context))
            for provider, source in sources:
                if provider in PROVIDERS and PROVIDERS[provider].announces_changes:
                    await _open_session(context, provider, source)
        except ControlPlaneError as exc:
            log.warning("catalog.not_connected", error=str(exc))
        except Exception as exc:  # one failure must not end the task
            log_bug(exc)
        await asyncio.sleep(CONNECT_INTERVAL.total_seconds())


async def _open_session(context: JobContext, provider: str, source: str) -> None:
    try:
        await context.tools.health(provider, source)
    except Exception as exc:  # a bug that depends on one server must not affect the other servers
        log_bug(exc, source=source)


async def _sync_changed_sources(context: JobContext, changed: _ChangedSources, worker_id: str) -> None:
    while True:
        sources = await changed.take_all()
        names = sorted(source.name for source in sources)
        log.info("catalog.announced", sources=names)
        try:
            run = await run_job(JOB, replace(context, sources=sources, is_requested=True), worker_id=worker_id)
            # if a run is in progress, it may have read the source before the change: sync again
            is_synced = run is not None
        except ControlPlaneError as exc:
            log.warning("job.postponed", job=JOB.name, error=str(exc))
            is_synced = False
        except Exception as exc:  # after an error, the next run of `catalog_drift` syncs these sources
            log_bug(exc, sources=str(names))
            is_synced = True
        if not is_synced:
            changed.add(*sources)
        await asyncio.sleep(SYNC_INTERVAL.total_seconds())
