"""An infinite timestamp in the rows of one tenant, written past every check, affects only that tenant.

The tests are generated: each timestamp column of each table with a tenant is set to `infinity` and `-infinity`, and
each statement that serves several tenants is called for two. PostgreSQL before 17 cannot subtract infinities, so the
tests also run on version 15.
"""

from collections.abc import Callable, Iterator
from math import isfinite
from typing import Any

import psycopg
import pytest

from services.database.connect import connect
from services.database.embedded import Cluster
from services.database.schema.migrate import migrate
from tests.clusters import hush
from tests.db.functions.shared_statements import SHARED, Ask, Two, two_tenants
from tests.db.sql import as_superuser

MOMENTS = """
select format('%I.%I.%I', n.nspname, c.relname, a.attname),
  format('update %I.%I set %I = %%s where %I = %%s', n.nspname, c.relname, a.attname, t.attname)
from pg_class as c
join pg_namespace as n on n.oid = c.relnamespace
join pg_attribute as a on a.attrelid = c.oid and a.atttypid = 'timestamptz'::regtype and a.attgenerated = ''
join pg_attribute as t on t.attrelid = c.oid
  and t.attname = case c.relname when 'tenants' then 'id' else 'tenant_id' end
where n.nspname in ('public', 'app_private') and c.relkind = 'r'
order by 1, 2
"""
CHECKS = """
select format('alter table %s drop constraint %I', conrelid::regclass, conname) from pg_constraint
where contype = 'c' and connamespace in ('public'::regnamespace, 'app_private'::regnamespace)
"""
ALONE: dict[str, Callable[[Ask], bool]] = {
    "due_in": lambda ask: isfinite(ask("due_in()")),
    "queue_status": lambda ask: len(ask("queue_status()")) == 2,
    "list_approvals": lambda ask: ask("list_approvals(null, null)") != [],
    "accounts_to_scan": lambda ask: ask("accounts_to_scan()") is not None,
    "list_envelopes": lambda ask: ask("list_envelopes(null, null, 100)") != [],
    "list_dead_letters": lambda ask: ask("list_dead_letters(null, null, 100)") != [],
    "list_requeueable": lambda ask: ask("list_requeueable(null, 100)") != [],
    "list_tenants": lambda ask: len(ask("list_tenants()")) == 2,
    "read_overview": lambda ask: ask("read_overview()")["tenants"] == 2,
    "count_ends": lambda ask: ask("count_ends(1000)")["ends"] > 0,
}
"""Functions that report on all tenants, with a check of their answers."""


@pytest.fixture(scope="module", params=["embedded", "15"])
async def stage(request: pytest.FixtureRequest) -> Two:
    """A connection as superuser to a database without checks."""
    if request.param == "embedded":
        url = request.getfixturevalue("module_database_url")
        cluster: Cluster = request.getfixturevalue("cluster")
    else:
        cluster = request.getfixturevalue("old_cluster")
        url = cluster.url
        migrate(url, say=hush)
    two = await two_tenants(url)
    two.url = as_superuser(cluster, url)
    with connect(two.url) as connection:
        connection.execute("update public.outbox set attempts = 1 where status = 'pending'")  # each waits for a retry
        for (drop,) in connection.execute(CHECKS).fetchall():
            connection.execute(drop.encode())
    return two


@pytest.fixture
def connection(stage: Two) -> Iterator[psycopg.Connection]:
    with connect(stage.url) as connection:
        yield connection


def asking(connection: psycopg.Connection) -> Ask:
    def ask(call: str, *values: Any) -> Any:
        [[answer]] = connection.execute(f"select worker_api.{call}".encode(), values).fetchall()
        return answer

    return ask


@pytest.mark.parametrize("moment", ["infinity", "-infinity"])
def test_an_infinite_timestamp_stops_no_statement_for_another_tenant(
    stage: Two, connection: psycopg.Connection, moment: str
) -> None:
    columns = connection.execute(MOMENTS).fetchall()
    assert len(columns) > 30
    ask, troubles = asking(connection), []
    for column, force in columns:
        for name in (*SHARED, *ALONE):
            with connection.transaction(force_rollback=True):
                connection.execute("set local session_replication_role = replica")
                connection.execute(force.encode(), [moment, stage.mine.tenant])
                connection.execute("set local session_replication_role = origin")
                try:
                    if name in SHARED:
                        SHARED[name](stage, ask, held=True)
                        connection.execute("set constraints all immediate")
                    else:
                        assert ALONE[name](ask)
                except (psycopg.Error, AssertionError) as trouble:
                    troubles.append(f"{column}: {name}: {trouble}")
                    raise psycopg.Rollback from None
    assert troubles == []
