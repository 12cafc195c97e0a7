"""Our sessions have the settings that we need, whatever the database's own defaults are."""

import asyncio
from datetime import date
from uuid import uuid4

import pytest

from services.backends.open import postgres_backends
from services.database.connect import connect
from services.database.sessions import require_session
from services.tenants import Tenant
from tests.builders import AGENT, operator
from tests.contract.builders import a_proposal
from tests.worker.world import eventually

WAITS = "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')"
LOCK = "select from app_private.lanes where tenant_id = %s for update"
WAKE = "update app_private.lanes set ready_at = now() where tenant_id = %s"


@pytest.mark.parametrize("style", ["German", "SQL, DMY", "Postgres, MDY"])
def test_commands_read_moments_whatever_the_date_style_is(database_url: str, style: str) -> None:
    with connect(database_url) as other:
        other.execute(f"alter database {database_url.rpartition('/')[2]} set datestyle = '{style}'".encode())
    with connect(database_url) as connection:
        require_session(connection)
        ((today,),) = connection.execute("select current_date").fetchall()
        assert isinstance(today, date)


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
async def test_a_call_that_waited_for_a_lane_succeeds_whatever_the_default_is(database_url: str, level: str) -> None:
    tenant = uuid4()
    with connect(database_url) as other:
        name = database_url.rpartition("/")[2]
        other.execute(f"alter database {name} set default_transaction_isolation = '{level}'".encode())
        async with postgres_backends(database_url) as backends:
            await backends.tenants.save(Tenant(id=tenant, name="acme"), actor=operator("test"))
            await backends.outbox.enqueue([a_proposal(tenant)], actor=AGENT)
            with other.transaction():
                other.execute(LOCK, [tenant])
                enqueued = asyncio.create_task(backends.outbox.enqueue([a_proposal(tenant)], actor=AGENT))
                with connect(database_url) as third:
                    await eventually(lambda: bool(third.execute(WAITS).fetchall()[0][0]))
                other.execute(WAKE, [tenant])
            async with asyncio.timeout(5):
                assert [each.created for each in await enqueued] == [True]
