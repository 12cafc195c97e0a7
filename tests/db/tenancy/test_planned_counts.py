"""`Prefer: count=planned` returns the estimate of the planner. It must not depend on the rows of other tenants."""

import asyncio
from collections.abc import Iterator
from urllib.parse import quote
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from psycopg import sql

from services.database.connect import connect
from services.database.embedded import Cluster
from services.database.rest import RestStack
from tests.db.sql import as_superuser
from tests.db.tenancy.tables import Table, find_tables
from tests.docs.tenants import token_for

pytestmark = pytest.mark.slow

FEW, MANY = 40, 1500
"""The number of rows of other tenants in each table, before and after."""
AT_ONCE = 4
"""Queries at the same time, each over a connection of the gateway."""
MAY_READ = "select has_any_column_privilege('authenticated', %s, 'select')"
VALUES = {
    "bigint": "i", "bit": "i::bit(256)",
    "boolean": "false", "bytea": "'\\x00'::bytea", "date": "current_date - i", "double precision": "i",
    "integer": "i", "jsonb": "'{}'::jsonb", "numeric": "i", "smallint": "1", "text": "'common ' || mod(i, 3)",
    "text[]": "'{}'::text[]", "timestamp with time zone": "now() - i * interval '1 hour'", "uuid": "gen_random_uuid()",
}  # fmt: skip
"""A value of each type for the i-th row."""
UNIQUE = {"text": "md5(i::text || random()::text)"}


@pytest.fixture
def admin(cluster: Cluster, database_url: str) -> Iterator[psycopg.Connection]:
    """A connection that may write any row."""
    with connect(as_superuser(cluster, database_url)) as connection:
        for (statement,) in connection.execute(
            "select format('alter table %s drop constraint %I', conrelid::regclass, conname) from pg_constraint"
            " where contype in ('c', 'x') and conrelid <> 0"
            " and connamespace::regnamespace::text in ('public', 'autopilot', 'drafts', 'rca')"
        ).fetchall():
            connection.execute(statement)
        connection.execute("set session_replication_role = replica")
        yield connection


async def test_planned_counts_do_not_depend_on_the_rows_of_other_tenants(
    admin: psycopg.Connection, rest: RestStack
) -> None:
    mine, theirs = uuid4(), uuid4()
    tables = [table for table in find_tables(admin) if admin.execute(MAY_READ, [str(table)]).fetchall() == [(True,)]]
    assert len(tables) > 40
    for table in tables:
        _fill(admin, table, [mine], 20)
        _fill(admin, table, [theirs, uuid4()], FEW)
    admin.execute("analyze")
    queries = [query for table in tables for query in _queries(admin, table, theirs)]
    assert len(queries) > 700

    before = await _planned(rest, mine, queries)
    for table in tables:
        _fill(admin, table, [theirs], MANY)
        _fill(admin, table, [uuid4() for _ in range(200)], MANY)
    admin.execute("analyze")
    after = await _planned(rest, mine, queries)

    assert {query: (count, after[query]) for query, count in before.items() if after[query] != count} == {}


def _fill(admin: psycopg.Connection, table: Table, tenants: list[UUID], rows: int) -> None:
    """Insert rows of these tenants in turn; one row per tenant into a table that allows no more."""
    if table.is_view:
        return
    unique = {row[0] for row in admin.execute(IN_A_KEY, [str(table)]).fetchall()}
    values = {column: VALUES[kind] for column, kind in table.writable.items()}
    values |= {name: UNIQUE[kind] for name, kind in table.writable.items() if kind in UNIQUE and name in unique}
    values[str(table.tenant)] = "(%(tenants)s::uuid[])[1 + mod(i, %(n)s)]"
    if str(table) == "public.tenants" or unique == {table.tenant, "id"}:
        rows = len(tenants)
    start = admin.execute(sql.SQL("select count(*)::int + 1 from {}").format(table.id)).fetchall()[0][0]
    insert = sql.SQL(
        "insert into {} ({}) select {} from generate_series(%(start)s, %(start)s + %(rows)s - 1) as i"
        " on conflict do nothing"
    ).format(
        table.id, sql.SQL(", ").join(map(sql.Identifier, values)), sql.SQL(", ").join(map(sql.SQL, values.values()))
    )  # fmt: skip
    admin.execute(insert, {"tenants": tenants, "n": len(tenants), "rows": rows, "start": start})


IN_A_KEY = """
select distinct a.attname
from pg_index as i join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
where i.indisunique and i.indrelid = %s::regclass
"""


def _queries(admin: psycopg.Connection, table: Table, theirs: UUID) -> Iterator[tuple[str, str]]:
    """Pairs of schema and query: without a filter, for the other tenant's rows, and for one of its values in each
    column."""
    whose = sql.SQL("select to_jsonb(t) from {} as t where {} = %s limit 1").format(
        table.id, sql.Identifier(str(table.tenant))
    )
    found = admin.execute(whose, [theirs]).fetchone()
    yield table.schema, table.name
    yield table.schema, f"{table.name}?{table.tenant}=eq.{theirs}"
    yield table.schema, f"{table.name}?{table.tenant}=neq.{theirs}"
    for column in table.columns:
        value = None if found is None else found[0][column]
        yield table.schema, f"{table.name}?{column}=not.is.null"
        if isinstance(value, str | int | float):
            quoted = quote(str(value))
            yield table.schema, f"{table.name}?{column}=eq.{quoted}"
            yield table.schema, f"{table.name}?or=({column}.eq.%22{quoted}%22,{table.tenant}.eq.{theirs})"


async def _planned(stack: RestStack, tenant: UUID, queries: list[tuple[str, str]]) -> dict[tuple[str, str], str]:
    counts = {}
    headers = {"apikey": stack.keys.publishable, "Authorization": f"Bearer {token_for(stack, tenant_id=str(tenant))}"}

    async def ask(client: httpx.AsyncClient, schema: str, query: str) -> None:
        prefer = {"Prefer": "count=planned", "Accept-Profile": schema}
        for _ in range(1 + AT_ONCE):
            answer = await client.head(f"/{query}", headers=headers | prefer)
            if answer.status_code != 502:  # else PostgREST had just closed this connection
                break
        assert answer.is_success, (schema, query, answer.status_code)
        counts[schema, query] = answer.headers["Content-Range"].rpartition("/")[2]

    async with httpx.AsyncClient(base_url=f"{stack.url}/rest/v1", timeout=60) as client:
        for start in range(0, len(queries), AT_ONCE):
            await asyncio.gather(*(ask(client, *one) for one in queries[start : start + AT_ONCE]))
    return counts
