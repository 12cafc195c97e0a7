"""No value that a tenant can read depends on what other tenants do. The tests read the catalog, so they cover new
columns."""

import re
from collections.abc import Iterator
from itertools import product

import httpx
import psycopg
import pytest
from psycopg import sql

from services.database.connect import connect
from services.database.rest import RestStack
from tests.db.tenancy.access import CALLERS, act_as_caller
from tests.db.tenancy.tables import A, B, Table, find_tables, insert, prepare
from tests.docs.tenants import token_for

SYSTEM_COLUMNS = ("tableoid", "xmin", "cmin", "xmax", "cmax", "ctid")
GENERATORS = re.compile(r"nextval|uuidv7|uuid_generate_v1|txid|pg_current")
"""Functions in defaults that reveal something about other tenants, or an exact time."""
[TENANT] = [caller for caller in CALLERS if caller.column == "owner" and caller.own == A]
HAND_NUMBERED = {"lineage_edges", "business_labels", "time_rules", "identity_mappings", "knowledge_terms",
                 "knowledge_relationships", "knowledge_table_mappings", "tool_catalog"}  # fmt: skip


@pytest.fixture(scope="module")
def connection(module_database_url: str) -> Iterator[psycopg.Connection]:
    with connect(module_database_url) as opened:
        yield opened


@pytest.fixture(scope="module")
def readable(connection: psycopg.Connection) -> list[Table]:
    """The tables that a tenant may read."""
    may_read = "select has_any_column_privilege('authenticated', %s, 'select')"
    return [t for t in find_tables(connection) if connection.execute(may_read, [str(t)]).fetchall() == [(True,)]]


def test_a_tenant_cannot_read_a_system_column_of_any_table(
    connection: psycopg.Connection, readable: list[Table]
) -> None:
    real = [table for table in readable if not table.is_view]
    assert len(real) > 40
    for table, column in product(real, SYSTEM_COLUMNS):
        with connection.transaction(force_rollback=True):
            act_as_caller(connection, TENANT)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(sql.SQL("select {} from {}").format(sql.Identifier(column), table.id))


def test_a_tenant_can_select_all_other_columns(connection: psycopg.Connection, readable: list[Table]) -> None:
    for table in readable:
        with connection.transaction(force_rollback=True):
            act_as_caller(connection, TENANT)
            cursor = connection.execute(sql.SQL("select * from {}").format(table.id))
            assert [column.name for column in cursor.description or ()] == list(table.columns)


async def test_postgrest_refuses_system_columns_and_serves_the_others(rest: RestStack) -> None:
    headers = {"apikey": rest.keys.publishable, "Authorization": f"Bearer {token_for(rest, tenant_id=A)}"}
    async with httpx.AsyncClient(base_url=f"{rest.url}/rest/v1", headers=headers, timeout=60) as client:
        for column in SYSTEM_COLUMNS:
            for query in (f"outbox?select={column}", f"outbox?{column}=is.null", f"outbox?order={column}"):
                answer = await client.get(f"/{query}")
                assert 400 <= answer.status_code < 500, query
        for query in (
            "outbox?select=*",
            "signals?select=*,evidence(*)",
            "evidence?select=*,signals(*)",
            "outbox?select=count()",
        ):
            answer = await client.get(f"/{query}", headers={"Prefer": "count=exact"})
            assert answer.status_code in {200, 206, 400}, (query, answer.text)
            assert answer.is_success or "aggregate" in answer.text, (query, answer.text)


def test_no_readable_column_has_a_default_from_a_shared_sequence_or_clock(
    connection: psycopg.Connection, readable: list[Table]
) -> None:
    drawing = connection.execute(
        "select a.attrelid::regclass::text, a.attname, a.attidentity, coalesce(pg_get_expr(d.adbin, d.adrelid), '')"
        " from pg_attribute as a left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum"
        " where a.attrelid = any (%s::regclass[]) and a.attnum > 0 and not a.attisdropped",
        [[str(table) for table in readable]],
    ).fetchall()
    assert [row for row in drawing if row[2] or GENERATORS.search(row[3])] == []


def test_two_tenants_who_write_alternately_see_no_gaps_in_ids(database_url: str) -> None:
    with connect(database_url) as connection:
        numbered = [t for t in find_tables(connection) if t.name in HAND_NUMBERED]
        assert {t.name for t in numbered} == HAND_NUMBERED
        prepare(connection, find_tables(connection))
        for table in numbered:
            connection.execute(sql.SQL("truncate {}").format(table.id))
            connection.execute(sql.SQL("alter table {} alter column id drop not null").format(table.id))
            connection.execute(sql.SQL("alter table {} enable trigger number_row").format(table.id))
            for tenant in (A, B, B, A, B, A, A):
                text = insert(table, tenant).as_string(connection)
                connection.execute(text.replace("'0'::bigint", "null", 1).encode())
            ids = connection.execute(
                sql.SQL("select tenant_id::text, array_agg(id order by id) from {} group by 1 order by 1").format(
                    table.id
                )
            ).fetchall()
            assert ids == [(A, [1, 2, 3, 4]), (B, [1, 2, 3])], table


def test_audit_row_ids_are_positions_in_the_tenants_chain(database_url: str) -> None:
    with connect(database_url) as connection:
        for tenant in (A, B, B, A, B):
            connection.execute(
                "select app_private.append_audit(array[%s]::uuid[], 'user', 'x', array['t.n'], '{\"{}\"}', now())",
                [tenant],
            )
        found = connection.execute(
            "select tenant_id::text, array_agg(id order by id), bool_and(id = seq) from public.audit_log"
            " group by 1 order by 1"
        ).fetchall()
    assert found == [(A, [1, 2], True), (B, [1, 2, 3], True)]


def test_every_long_text_or_json_column_of_an_application_is_bounded(connection: psycopg.Connection) -> None:
    bare = connection.execute(
        "select c.oid::regclass::text, a.attname from pg_class as c join pg_attribute as a on a.attrelid = c.oid"
        " where c.relnamespace::regnamespace::text in ('autopilot', 'drafts', 'rca') and c.relkind = 'r'"
        " and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''"
        " and a.atttypid::regtype::text not in ('uuid', 'boolean', 'bigint', 'integer', 'smallint', 'bit', 'bytea')"
        " and not exists (select from pg_constraint as k where k.conrelid = c.oid and k.contype = 'c'"
        "   and k.conkey = array[a.attnum] and pg_get_constraintdef(k.oid) like '%app_private.fits(%')"
    ).fetchall()
    assert bare == []
