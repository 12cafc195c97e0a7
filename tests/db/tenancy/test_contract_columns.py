"""Every core table accepts rows with the columns of the published contract from the roles that may write it."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from services.backends.open import postgres_backends
from services.catalog import ToolKey
from services.database.connect import connect
from services.tools import Failed
from services.tools.dispatch import Tools
from tests.db.roles import act_as, rolled_back
from tests.tools.builders import a_call

MOMENT = "2026-11-23T12:00:00+00:00"
ENVELOPE = {
    "id": str(uuid4()), "tool_slug": "GMAIL__drafts.create", "arguments": "{}", "connected_account_id": "acct-1",
    "risk": "low", "external_id": "k1", "trust_context": "{}", "metadata": "{}",
}  # fmt: skip
BY_SERVICE_ROLE: dict[str, dict[str, Any]] = {
    "objectives": {
        "id": str(uuid4()), "title": "Answer sooner", "metric": "first_reply", "target": "1 h", "horizon": "Q1",
        "summary": "…", "created_at": MOMENT, "updated_at": MOMENT,
    },
    "guardrails": {
        "id": str(uuid4()), "quiet_hours": "{}", "trust_threshold": 0.5, "scopes": "{}", "require_evidence": True,
        "created_at": MOMENT, "updated_at": MOMENT,
    },
    "connected_accounts": {
        "id": str(uuid4()), "provider": "gmail", "status": "connected", "scopes": "{GMAIL}", "linked_at": MOMENT,
        "metadata": "{}",
    },
    "tool_catalog": {
        "tool_slug": "GMAIL__drafts.create", "display_name": "Draft", "description": "…", "version": "1",
        "risk": "low", "schema": "{}", "required_scopes": "{GMAIL}", "updated_at": MOMENT,
    },
}  # fmt: skip
BY_THE_OWNER: dict[str, dict[str, Any]] = {
    "outbox": {
        **ENVELOPE, "status": "pending", "attempts": 0, "next_run_at": MOMENT, "last_error": None,
        "created_at": MOMENT, "updated_at": MOMENT,
    },
    "outbox_dlq": {
        **ENVELOPE, "status": "failed", "attempts": 3, "last_error": "no", "created_at": MOMENT, "moved_at": MOMENT,
    },
}  # fmt: skip
"""Tables that other roles than the owner write only through functions: docs/decisions/005."""


@pytest.fixture
def connection(module_database_url: str) -> Iterator[psycopg.Connection]:
    with rolled_back(module_database_url) as opened:
        yield opened


def insert(connection: psycopg.Connection, table: str, row: dict[str, Any]) -> None:
    statement = sql.SQL("insert into public.{} ({}) values ({})").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join([sql.Placeholder()] * len(row)),
    )
    connection.execute(statement, list(row.values()))


def a_tenant(connection: psycopg.Connection) -> str:
    tenant = str(uuid4())
    insert(
        connection,
        "tenants",
        {"id": tenant, "name": "Acme", "plan": "standard", "created_at": MOMENT, "updated_at": MOMENT},
    )
    return tenant


@pytest.mark.parametrize("table", BY_SERVICE_ROLE)
def test_service_role_writes_the_columns_of_the_contract(connection: psycopg.Connection, table: str) -> None:
    act_as(connection, "service_role")
    insert(connection, table, {"tenant_id": a_tenant(connection), **BY_SERVICE_ROLE[table]})


@pytest.mark.parametrize("table", BY_THE_OWNER)
def test_only_the_owner_writes_the_columns_of_the_contract_in_the_outbox(
    connection: psycopg.Connection, table: str
) -> None:
    row = {"tenant_id": a_tenant(connection), **BY_THE_OWNER[table]}
    with connection.transaction(force_rollback=True):
        insert(connection, table, row)
    act_as(connection, "service_role")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        insert(connection, table, row)


def test_service_role_appends_audit_rows_through_a_function(
    connection: psycopg.Connection,
) -> None:
    act_as(connection, "service_role")
    entry = {
        "tenant_id": a_tenant(connection), "actor_type": "agent", "actor_id": "planner", "category": "plan.made",
        "payload": {"steps": 3},
    }  # fmt: skip
    connection.execute("select worker_api.append_audit(%s)", [json.dumps([entry])])
    connection.execute("set constraints all immediate")  # as at commit
    read = connection.execute(
        "select id, actor_type, actor_id, category, payload, created_at from public.audit_log where tenant_id = %s"
        " and category = 'plan.made'",
        [entry["tenant_id"]],
    ).fetchall()
    assert [row[1:5] for row in read] == [("agent", "planner", "plan.made", {"steps": 3})]


async def test_a_tool_with_the_columns_of_the_contract_is_called_over_composio(module_database_url: str) -> None:
    with connect(module_database_url) as connection:
        tenant = a_tenant(connection)
        insert(connection, "tool_catalog", {"tenant_id": tenant, **BY_SERVICE_ROLE["tool_catalog"]})
    key = ToolKey(UUID(tenant), "GMAIL__drafts.create", None)
    async with postgres_backends(module_database_url) as backends:
        tool = (await backends.catalog.find([key]))[key]
    assert tool.provider == "composio"
    async with Tools(concurrency=1) as tools:
        outcome = await tools.execute(a_call(tool))
    assert isinstance(outcome, Failed)
    assert "COMPOSIO_API_KEY" in outcome.error
