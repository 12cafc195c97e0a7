"""Transactions that append to one tenant's chain at once take turns, and each row continues from the one before it."""

import asyncio
from uuid import UUID, uuid4

import psycopg
import pytest

from services.backends.open import postgres_backends
from services.database.connect import connect
from tests.db.audit.tampering import problems
from tests.db.audit.test_changes import append
from tests.worker.world import eventually

WAITS = "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')"
ROWS = "select count(*) from public.audit_log where tenant_id = %s"


@pytest.mark.parametrize("ends_with", ["commit", "rollback"])
@pytest.mark.parametrize("first", [1, 2])
@pytest.mark.parametrize("second", [1, 2])
@pytest.mark.parametrize("before", [0, 1])
async def test_a_row_that_waited_continues_from_what_was_committed_meanwhile(
    module_database_url: str, ends_with: str, first: int, second: int, before: int
) -> None:
    tenant = uuid4()
    with connect(module_database_url) as reader, psycopg.connect(module_database_url) as open_transaction:
        if before:
            append(reader, tenant)
        append(open_transaction, tenant, first)
        waiting = asyncio.create_task(asyncio.to_thread(_append, module_database_url, tenant, second))
        await eventually(lambda: bool(reader.execute(WAITS).fetchall()[0][0]))
        open_transaction.execute(ends_with.encode())
        await waiting
        committed = reader.execute(ROWS, [tenant]).fetchall()
    async with postgres_backends(module_database_url) as backends:
        found = await problems(backends, tenant)

    assert committed == [(before + second + (first if ends_with == "commit" else 0),)]
    assert found == []


def _append(url: str, tenant: UUID, count: int) -> None:
    with connect(url) as connection:
        append(connection, tenant, count)
