"""Tickets come in, and who watches learns of it: from the ticket system to the screen, over a real broker."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, cast

import psycopg
import pytest

from control_plane.apps.autopilot.jobs import autopilot_notifications, ingestion_runs
from control_plane.apps.autopilot.notifications.connect import connect_queues
from control_plane.apps.autopilot.store import functions_of, messages, runs
from control_plane.jobs import JobContext
from services.tools.amqp import AmqpBroker
from services.tools.amqp.provider import AmqpProvider
from tests.builders import operator, system
from tests.control_plane.api.conftest import Api, api
from tests.control_plane.api.served import Stream, served, streaming
from tests.control_plane.apps.autopilot.made_up_tickets import made_up_tickets
from tests.control_plane.apps.autopilot.servicenow_server import ServiceNowServer
from tests.tools.conftest import node
from tests.tools.rabbit import Rabbit
from tests.worker.builders import OPTIONS
from tests.worker.world import eventually
from worker.loop import Worker

if TYPE_CHECKING:
    from services.tools.dispatch import Tools

__all__ = ["api", "node"]  # fixtures
pytestmark = pytest.mark.slow
TICKETS = 5000
MODEL = (
    "insert into autopilot.ml_models (organization_id, external_model_id, model_name, active)"
    " values (%s, 'm', 'Model of a workflow', true)"
)
STREAM = "/v1/autopilot/notifications/stream"
OLGA = operator("olga")


async def connect(api: Api, server: ServiceNowServer, monkeypatch: pytest.MonkeyPatch) -> str:
    """The tenant's connection to the ticket system. Returns its id."""
    body = {"name": "Helpdesk", "connection_type": "servicenow", "options": {"url": server.url, "page_size": 1000}}
    added = await api.as_user().post("/v1/autopilot/connections", json=body)
    assert added.status_code == 201, added.text
    connection: str = added.json()["id"]
    login = {
        "tenant_id": str(api.tenant), "connection_id": connection, "connection_type": "servicenow",
        "host": server.host, "user": server.USER, "password": server.PASSWORD,
    }  # fmt: skip
    monkeypatch.setenv("ACP_AUTOPILOT_LOGINS", json.dumps({"desk": login}))
    return connection


async def send_all(api: Api, broker: AmqpBroker) -> None:
    """The worker sends every message of the tenant."""
    outbox = api.access.operator.outbox
    async with AmqpProvider({"events": broker}) as amqp:
        worker = Worker(
            backends=api.access.operator, tools=amqp, options=OPTIONS, worker_id="sender", tenant=api.tenant
        )

        async def is_over() -> bool:
            [status] = await outbox.status(api.tenant)
            return not status.depth

        async with asyncio.TaskGroup() as group:
            running = group.create_task(worker.run())
            await eventually(is_over)
            worker.stop()
            await running


async def progress(stream: Stream, run: str) -> list[tuple[str, int]]:
    """What the stream tells of the run, until it has ended."""
    told: list[tuple[str, int]] = []
    while not told or told[-1][0] != "completed":
        [event] = await stream.named(1)
        for item in event.data["items"]:
            assert item["subject_id"] == run
            told.append((item["payload"]["status"], item["payload"]["records_processed"]))
    return told


async def test_a_sync_is_seen_by_its_tenant_and_by_nobody_else(
    api: Api, node: Rabbit, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACP_AMQP_BROKERS", json.dumps({"events": {"url": node.url}}))
    monkeypatch.setenv("ACP_AUTOPILOT_BROKER", "events")
    with psycopg.connect(database_url, autocommit=True) as rows:  # a sync without a model starts a training
        rows.execute(MODEL, [api.tenant])
    services, broker = api.access.operator, AmqpBroker.model_validate({"url": node.url})
    await connect_queues(services, api.tenant, "events", brokers=["events"], actor=OLGA)
    async with ServiceNowServer(made_up_tickets(TICKETS)) as server, served(api.app) as url:
        context = JobContext(
            backends=services, tools=cast("Tools", None), rules={}, keep_settled=timedelta(days=1),
            allowed_hosts=(server.host,),
        )  # fmt: skip
        connection = await connect(api, server, monkeypatch)
        owner, stranger = api.as_user(), api.as_user(tenant=api.other_tenant)
        async with (
            streaming(url, owner.token, path=STREAM) as ours,
            streaming(url, stranger.token, path=STREAM) as theirs,
        ):
            await autopilot_notifications.run(replace(context, is_requested=True))  # makes the queues
            started = await owner.post(f"/v1/autopilot/connections/{connection}/sync")
            assert started.status_code == 201, started.text
            run = started.json()["id"]
            done = await ingestion_runs.run(context)
            assert done.problem is None
            await send_all(api, broker)
            received = await autopilot_notifications.run(replace(context, is_requested=True))
            told = await progress(ours, run)
            own = await stranger_run(api)
            [only] = await theirs.named(1)

    batches = (await owner.get(f"/v1/autopilot/runs/{run}")).json()
    assert (batches["status"], batches["records_processed"]) == ("completed", TICKETS)
    assert told[-1] == ("completed", TICKETS)
    assert received.counts["received"] == TICKETS // 1000 + 1
    assert received.counts["failed"] == received.counts["rejected"] == 0
    assert [item["subject_id"] for item in only.data["items"]] == [own]


async def stranger_run(api: Api) -> str:
    """A run of the other tenant, and a message about it."""
    functions, tenant = functions_of(api.access.operator), api.other_tenant
    run = await runs.start_rebuild(functions, tenant, actor=OLGA)
    message = {
        "type": "ticket_ingestion", "tenant_id": str(tenant), "user_id": None, "ingestion_run_id": str(run.id),
        "status": "pending", "records_processed": 0,
    }  # fmt: skip
    rows = [{"key": "m1", "message": message}]
    await messages.receive_messages(functions, tenant, "data_source_status", rows, actor=system("workflow"))
    return str(run.id)
