"""A process that syncs is killed ten times in mid-run: every ticket is stored, and nothing is counted or told twice."""

import asyncio
import json
import os
import sys
from collections import Counter

import pytest

from control_plane.apps.autopilot.clusters import NewCluster, NewModel
from control_plane.apps.autopilot.store import models, runs
from tests.builders import a_tool
from tests.child import child
from tests.control_plane.apps.autopilot.api_server import ApiServer, Call, Reply, never_answers
from tests.control_plane.apps.autopilot.helpdesk import OLGA, WORKER, Helpdesk
from tests.control_plane.apps.autopilot.made_up_tickets import made_up_tickets
from tests.control_plane.apps.autopilot.servicenow_server import ServiceNowServer
from tests.control_plane.apps.autopilot.sync import SETTINGS_VARIABLE, Syncs

pytestmark = pytest.mark.slow
JOB = (sys.executable, "-m", "control_plane", "jobs", "run", "ingestion_runs")
STATUS_TOOL = "RITA__data_source_status"
EXPIRE = (
    "update autopilot.ingestion_runs set lease_until = now() where status = 'running'",
    "update app_private.job_runs set lease_until = now() where status = 'running'",
)
"""What two minutes do."""


async def test_after_ten_kills_everything_is_stored_and_told_once(
    helpdesk: Helpdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    functions, tenant = helpdesk.functions, helpdesk.tenant
    await helpdesk.access.operator.catalog.save([a_tool(tenant_id=tenant, tool_slug=STATUS_TOOL)], actor=OLGA)
    await functions.call("autopilot.save_settings", tenant=tenant, status_tool_slug=STATUS_TOOL, actor_id="olga")
    cluster = NewCluster(name="Everything", centroid=b"\0" * 1024, floor=-1, cohesion=0.5)
    model, _ = await models.store_model(
        functions, tenant, NewModel(external_model_id="m1", model_name="One"), [cluster], actor=WORKER
    )
    await models.activate_model(functions, tenant, model, actor=OLGA)
    async with ServiceNowServer(made_up_tickets(5000)) as server:
        syncs = Syncs(helpdesk, server, monkeypatch)
        connection = (await syncs.connect()).id
        run = await runs.start_sync(functions, tenant, connection, actor=OLGA)
        login = syncs.login(connection, user=ApiServer.USER, password=ApiServer.PASSWORD)
        environment = {
            **os.environ, "DATABASE_URL": helpdesk.url, SETTINGS_VARIABLE: json.dumps({"desk": login}),
            "ACP_ALLOWED_HOSTS": json.dumps([server.host]), "NO_PROXY": "*",
        }  # fmt: skip
        for kill in range(10):
            reached = asyncio.Event()
            answers = kill % 2 == 0

            def stop(call: Call, reached: asyncio.Event = reached, answers: bool = answers) -> Reply | None:
                reached.set()
                return None if answers else never_answers(call)

            server.faults.clear()
            server.faults.extend([None] * 4 + [stop])
            async with child(*JOB, env=environment) as process, asyncio.timeout(120):
                await reached.wait()  # the process waits for this page, or stores it
                process.kill()
            for query in EXPIRE:
                helpdesk.run(query)
        server.faults.clear()
        async with child(*JOB, env=environment) as process, asyncio.timeout(300):
            await process.communicate()

    ended = await syncs.read(run.id)
    assert (ended.status, ended.lease_token) == ("completed", 11)
    assert syncs.stored() == {record["number"]: record["short_description"] for record in server.records.values()}
    [(counted,)] = helpdesk.run(
        "select sum(total_tickets) from autopilot.analytics_cluster_daily where organization_id = %s", tenant
    )
    assert counted == 5000
    told = Counter(key for (key,) in helpdesk.run("select external_id from outbox where tenant_id = %s", tenant))
    running = [f"autopilot:ticket_ingestion:{run.id}:running:{batch}" for batch in range(1, ended.batches + 1)]
    assert told == Counter([*running, f"autopilot:ticket_ingestion:{run.id}:completed:{ended.batches}"])
