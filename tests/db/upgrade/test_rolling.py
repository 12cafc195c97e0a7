"""Workers of the release and of this version work on one database during an upgrade."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from services.backends.open import postgres_backends
from services.database.connect import connect
from services.database.schema.migrate import migrate
from services.guardrails import GuardrailSettings
from services.pauses import PauseKind
from tests.builders import operator
from tests.clusters import hush
from tests.worker.world import AGAIN, ENQUEUE, ONCE, WITHIN, Progress, World

pytestmark = pytest.mark.slow

WORKER = Path(__file__).with_name("worker_of_the_release.py")
CALENDARS = {"require": [{"tools": "CALENDAR__*"}]}
MIGRATE = "import sys; from services.database.schema.migrate import migrate; migrate(sys.argv[1], say=lambda _: None)"


@dataclass
class ReleasedWorker:
    """A worker of the release in a process of its own, and the envelopes whose tools it called."""

    called: list[UUID] = field(default_factory=list)
    is_ready: bool = False
    progress: Progress = field(default_factory=Progress)

    async def listen(self, lines: asyncio.StreamReader) -> None:
        async for line in lines:
            if line == b"ready\n":
                self.is_ready = True
            else:
                self.called.append(UUID(line.decode().strip()))
            await self.progress.report()

    async def executed(self, envelopes: Sequence[UUID]) -> None:
        await self.progress.until(lambda: set(envelopes) <= set(self.called))


@asynccontextmanager
async def working(release: Path, url: str) -> AsyncIterator[ReleasedWorker]:
    """Run a worker of the release during the block; it must end without an error."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(WORKER), url, cwd=release, env=_environment(release),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    worker = ReleasedWorker()
    listening = asyncio.create_task(worker.listen(process.stdout))
    errors = asyncio.create_task(process.stderr.read())
    try:
        await worker.progress.until(lambda: worker.is_ready or listening.done())
        yield worker
    finally:
        process.stdin.close()
        async with asyncio.timeout(WITHIN):
            code = await process.wait()
            await listening
        assert code == 0, (await errors).decode()


def _run(release: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the folder of the release."""
    return subprocess.run(
        [sys.executable, *arguments], cwd=release, env=_environment(release, **settings), capture_output=True,
        text=True, check=False,
    )  # fmt: skip


def _environment(release: Path, **settings: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(release), **settings}


def _enqueue(url: str, tenant: UUID, envelopes: Sequence[UUID]) -> None:
    with connect(url) as connection:
        for envelope in envelopes:
            connection.execute(ENQUEUE.encode(), {"id": envelope, "tenant": tenant, "slug": AGAIN})


async def test_a_worker_of_the_release_works_on_while_the_database_is_migrated(release: Path, blank_url: str) -> None:
    _run(release, "-c", MIGRATE, blank_url).check_returncode()
    async with postgres_backends(blank_url) as backends:
        world = World(backends, blank_url)
        tenant, envelopes = await world.add_tenant(), [uuid4() for _ in range(20)]
        world.tenant_of |= dict.fromkeys(envelopes, tenant)

        async with working(release, blank_url) as released:
            _enqueue(blank_url, tenant, envelopes[:10])
            await asyncio.to_thread(migrate, blank_url, say=hush)
            _enqueue(blank_url, tenant, envelopes[10:])
            await released.executed(envelopes)

        assert sorted(released.called) == sorted(envelopes)
        assert await world.states(*envelopes) == [("success", 1)] * 20


def test_a_worker_of_the_release_that_starts_after_the_migration_says_why_it_cannot(
    release: Path, database_url: str
) -> None:
    run = _run(release, "-m", "worker.outbox", "start", "--once", DATABASE_URL=database_url)
    assert (run.returncode, run.stdout, run.stderr.count("\n")) == (1, "", 1)
    assert (
        "was applied to this database but the file is missing: restore it, or install the newer version" in run.stderr
    )


async def test_workers_of_both_versions_execute_each_envelope_once(release: Path, world: World) -> None:
    tenants = [await world.add_tenant(lanes=3) for _ in range(8)]
    async with working(release, world.url) as released, world.working():
        proposed = [await world.propose(tenant, 10, slug=slug) for tenant in tenants for slug in (AGAIN, ONCE)]
        envelopes = [envelope for batch in proposed for envelope in batch]
        await world.become("success", *envelopes)

    assert sorted([*released.called, *world.stage.ids]) == sorted(envelopes)


@pytest.mark.parametrize("unknown", ["approval rules", "a pause"])
async def test_tenants_with_rules_that_the_release_does_not_know_wait_for_a_newer_worker(
    release: Path, world: World, unknown: str
) -> None:
    strict, plain = await world.add_tenant(), await world.add_tenant()
    if unknown == "a pause":
        await world.backends.pauses.start(
            strict, PauseKind.TOOL, "CALENDAR__add", reason=None, ends_at=None, actor=operator("olga")
        )
    else:
        settings = GuardrailSettings(tenant_id=strict, approval_rules=CALENDARS)
        await world.backends.guardrails.save(settings, actor=operator("olga"))

    waiting = await world.propose(strict, 3)
    async with working(release, world.url) as released:
        others = await world.propose(plain, 3)
        await released.executed(others)
        assert await world.states(*waiting) == [("pending", 0)] * 3
        async with world.working():
            await world.become("success", *waiting)

    assert (sorted(released.called), sorted(world.stage.ids)) == (sorted(others), sorted(waiting))
