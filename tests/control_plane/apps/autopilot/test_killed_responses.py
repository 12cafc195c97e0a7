"""Processes are killed between the steps of automatic answers: each ticket gets one answer, and none is lost."""

import os
import signal
import sys
from collections.abc import AsyncIterator
from uuid import UUID

import psycopg
import pytest

from control_plane.apps.autopilot.readiness import ResponseState
from control_plane.apps.autopilot.store import responses
from tests.builders import a_tool
from tests.child import child
from tests.control_plane.apps.autopilot.clustered import ANSWER_TOOL, Clustered
from tests.control_plane.apps.autopilot.helpdesk import OLGA
from tests.faults.process import a_worker, work_once
from tests.faults.receiver import Receiver
from tests.worker.world import EXPIRE_LEASES, eventually

pytestmark = pytest.mark.slow
TICKETS = 6
JOB = (sys.executable, "-m", "control_plane", "jobs", "run")
EXPIRE_RUNS = "update app_private.job_runs set lease_until = now() where status = 'running'"
WAITING = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as receiver:
        yield receiver


async def run_job(clustered: Clustered, name: str) -> None:
    async with child(*JOB, name, env={**os.environ, "DATABASE_URL": clustered.desk.url}) as process:
        _, said = await process.communicate()
    assert process.returncode == 0, said.decode()


async def kill_at_commit(clustered: Clustered, name: str) -> None:
    """Start a job, and kill it while its first commit waits for the audit log of the tenant. The database goes on with
    that commit, although nobody waits for its answer."""
    desk = clustered.desk
    with psycopg.connect(desk.url) as connection:
        connection.execute("select from app_private.audit_heads where tenant_id = %s for update", [desk.tenant])
        async with child(*JOB, name, env={**os.environ, "DATABASE_URL": desk.url}) as process:
            await eventually(lambda: desk.run(WAITING)[0][0] > 0)
            process.kill()
    await eventually(lambda: desk.run(WAITING)[0][0] == 0)
    desk.run(EXPIRE_RUNS)


def envelopes(clustered: Clustered) -> dict[str, str]:
    """The status of the envelope of each ticket, by the ticket's number. A second envelope of a ticket is an error."""
    rows: list[tuple[str, str]] = clustered.desk.run(
        "select arguments ->> 'ticket', status from outbox where tenant_id = %s and tool_slug = %s",
        clustered.desk.tenant, ANSWER_TOOL,
    )  # fmt: skip
    assert len(dict(rows)) == len(rows)
    return dict(rows)


async def test_each_ticket_gets_one_answer_although_every_process_is_killed(
    clustered: Clustered, receiver: Receiver
) -> None:
    desk = clustered.desk
    await clustered.answer_with_a_tool()
    tool = a_tool(tenant_id=desk.tenant, tool_slug=ANSWER_TOOL, config=receiver.config)
    await desk.access.operator.catalog.save([tool], actor=OLGA)
    await clustered.make_ready()
    await clustered.set_auto_respond()
    tickets = {f"INC{number}" for number in range(TICKETS)}
    for number in sorted(tickets):
        clustered.add(number)

    for _ in range(3):
        await kill_at_commit(clustered, "ticket_responses")
    assert 0 < len(envelopes(clustered)) < TICKETS
    await run_job(clustered, "ticket_responses")
    assert set(envelopes(clustered)) == tickets

    receiver.free = 2
    async with a_worker(desk.url, "--concurrency", "4") as worker:
        await receiver.called(4)
        await eventually(lambda: list(envelopes(clustered).values()).count("success") == 2)
        worker.send(signal.SIGKILL)
        await worker.ended()
    doubtful: set[UUID] = set(receiver.keys[2:])
    desk.run(EXPIRE_LEASES)
    receiver.curtain.set()
    await work_once(desk.url)
    assert list(receiver.counts.values()) == [1] * TICKETS

    await kill_at_commit(clustered, "ticket_settlements")
    await run_job(clustered, "ticket_settlements")
    found = await responses.list_responses(desk.functions, desk.tenant)
    assert len(found) == TICKETS
    states = {each.envelope_id: each.state for each in found}
    assert states == {each: ResponseState.UNKNOWN if each in doubtful else ResponseState.SENT for each in receiver.keys}
    told = [each for each in desk.audit() if each.startswith("response.")]
    assert (told.count("response.proposed"), told.count("response.sent"), told.count("response.unknown")) == (
        TICKETS, TICKETS - len(doubtful), len(doubtful),
    )  # fmt: skip
