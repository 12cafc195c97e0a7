"""The worker needs only the role `outbox_worker`: a login that is created as docs/reference/roles.md says can do all of
its work, and nothing else."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from services.database.connect import connect
from services.guardrails import GuardrailSettings
from tests.builders import operator
from tests.db.tenancy.roles_page import login
from tests.tools.servers import HttpServer
from tests.worker.test_outbox_cli import run
from tests.worker.world import AGAIN, ONCE, World

ROOT = Path(__file__).parents[2]
NOWHERE, CLOSED = "STAGE__nowhere.do", "STAGE__closed.do"


@pytest.fixture
def my_worker(database_url: str) -> Iterator[str]:
    """The URL of a login whose only role is outbox_worker."""
    with login(database_url, "my_worker") as url:
        yield url


@pytest.fixture
async def server() -> AsyncIterator[HttpServer]:
    async with HttpServer() as started:
        yield started


def settings(url: str) -> dict[str, str]:
    secrets = json.dumps({"test": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})
    return {
        "DATABASE_URL": url,
        "ACP_WEBHOOK_SECRETS": secrets,
        "ACP_HEALTH_PORT": "0",
        "ACP_ALLOWED_HOSTS": '["127.0.0.1"]',
    }


async def a_tenant(world: World, server: HttpServer) -> UUID:
    """A tenant with a tool that has a rate bucket, one that does not honour the idempotency key, and two that fail:
    permanently and temporarily."""
    at = {"url": server.url, "secret": "test"}
    tenant = await world.add_tenant(config=at)
    await world.add_tool(tenant, AGAIN, config=at, rate_bucket="calls.minute")
    await world.add_tool(tenant, NOWHERE, config={"url": "no address"})
    await world.add_tool(tenant, CLOSED, config=at | {"url": "http://127.0.0.1:1/"})
    limits = {"calls.minute": {"limit": 60, "per_seconds": 60}}
    await world.backends.guardrails.save(
        GuardrailSettings(tenant_id=tenant, trust_threshold=0.5, rate_limits=limits), actor=operator("ops")
    )
    return tenant


async def test_the_role_outbox_worker_can_execute_fail_retry_and_ask_for_approval(
    world: World, server: HttpServer, my_worker: str
) -> None:
    tenant = await a_tenant(world, server)
    trusted: dict[str, Any] = {"trust_context": {"score": 0.9}}
    (again,) = await world.propose(tenant, **trusted)
    (once,) = await world.propose(tenant, slug=ONCE, **trusted)
    (nowhere,) = await world.propose(tenant, slug=NOWHERE, **trusted)
    (closed,) = await world.propose(tenant, slug=CLOSED, **trusted)
    (doubted,) = await world.propose(tenant, trust_context={"score": 0.1})

    result = await run("start", "--once", **settings(my_worker))
    assert result.code == 0, result.err
    assert await world.states(again, once, nowhere, closed, doubted) == [
        ("success", 1), ("success", 1), ("failed", 1), ("pending", 1), ("awaiting_approval", 0),
    ]  # fmt: skip

    status = await run("status", "--json", ACP_DLQ_SLO=1, **settings(my_worker))
    (row,) = json.loads(status.out)["tenants"]
    assert (status.code, row["dlq"], row["depth"]) == (0, 1, {"awaiting_approval": 1, "pending": 1})


@pytest.mark.parametrize(
    "statement",
    [
        "select from public.outbox",
        "select from public.tenants",
        "select from app_private.lanes",
        "select from migrations.applied_file",
        "select worker_api.enqueue('{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', null, 'me', 'me')",
        "select worker_api.append_audit('[]')",
        "select worker_api.expire_approvals()",
        "select worker_api.expire_envelopes()",
        "select worker_api.forget_settled('1 day', 1)",
        "select worker_api.take_job('retention', 'me', gen_random_uuid(), null, '1 minute')",
        "select worker_api.sync_tools(gen_random_uuid(), 'mcp', 'mine', '[]', 'operator', 'me')",
        "select worker_api.save_readings(gen_random_uuid(), '[]', 'me')",
        "select worker_api.decide_approval(gen_random_uuid(), gen_random_uuid(), 'approved', '', 'me')",
        "select worker_api.requeue_dead_letters(null, null, 1, 'me')",
        "select worker_api.save_tenant(gen_random_uuid(), 'mine', 'standard', 1::smallint, 'me')",
        "select app_private.act_as('operator', 'ceo')",
        "select app_private.append_audit('{}', 'agent', 'me', '{}', '{}', now())",
        "create table public.mine ()",
        "create function worker_api.mine() returns int language sql as 'select 1'",
        "create schema mine",
        "create role mine",
        "set role service_role",
        "set role app_owner",
        "set role authenticated",
    ],
)
def test_the_role_outbox_worker_can_do_nothing_else(module_database_url: str, statement: str) -> None:
    refused = pytest.raises(psycopg.errors.InsufficientPrivilege)
    with login(module_database_url, "my_worker") as url, connect(url) as connection, refused:
        connection.execute(statement.encode())
