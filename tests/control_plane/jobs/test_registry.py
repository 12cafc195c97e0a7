"""What several jobs, or all of them, have in common."""

from collections.abc import Sequence
from uuid import UUID

import pytest

from control_plane.jobs import (
    Job,
    approval_expiry,
    approval_reminders,
    catalog_drift,
    dlq_gauge,
    retention,
)
from control_plane.jobs.registry import JOBS
from services.catalog import Tool
from services.errors import Locked, NotReady, RefusedByDatabase
from tests.control_plane.jobs.world import World


@pytest.mark.parametrize("job", [catalog_drift.JOB, dlq_gauge.JOB], ids=lambda job: job.name)
@pytest.mark.parametrize(
    ("raised", "stops_all"), [(Locked("database: locked"), False), (RefusedByDatabase("database: a trigger"), False),
                              (NotReady("database: not reachable"), True)],
)  # fmt: skip
async def test_only_an_unreachable_database_stops_a_job_for_all_tenants(
    world: World, monkeypatch: pytest.MonkeyPatch, job: Job, raised: Exception, stops_all: bool
) -> None:
    list_tools, listed = world.backends.catalog.list_tools, []
    first, *others = [tenant.id for tenant in await world.backends.tenants.list_tenants()]

    async def listing(tenant: UUID) -> list[Tool]:
        if tenant == first:
            raise raised
        listed.append(tenant)
        return await list_tools(tenant)

    monkeypatch.setattr(world.backends.catalog, "list_tools", listing)
    status, _, error = await world.run(job)
    assert (status, set(listed)) == ("failed", set() if stops_all else set(others))
    assert error == (str(raised) if stops_all else f"tenant {first}: {raised}")


@pytest.mark.parametrize(
    "job", [approval_reminders.JOB, approval_expiry.JOB, retention.JOB, dlq_gauge.JOB], ids=lambda job: job.name
)
async def test_with_nothing_to_do_a_job_counts_nothing(world: World, job: Job) -> None:
    status, counts, error = await world.run(job)
    assert (status, set(counts.values()), error) == ("succeeded", {0}, None)


def test_every_job_has_a_file_of_its_name() -> None:
    files: Sequence[str] = [job.run.__module__.rpartition(".")[2] for job in JOBS.values()]
    assert list(JOBS) == files
