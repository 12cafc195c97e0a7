"""What the tests of the applications' schemas ask alike."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from services.database.connect import connect

ACME = UUID("11111111-1111-4111-8111-111111111111")
BOREALIS = UUID("22222222-2222-4222-8222-222222222222")
CALLERS = ("anon", "authenticated", "service_role", "outbox_worker", "workflow_rw", "app_rw", "app_ro")
SUPABASE_ROLES = ("anon", "authenticated", "service_role")
NO_TENANT = (None, "", "acme", f"{ACME}' or true --", f" {ACME}", f"{{{ACME}}}", str(ACME).replace("1", "9"))
"""What a claim or a setting may hold and name no tenant."""


def fill(url: str, rows: str) -> None:
    """Add two tenants, and `rows` for each of them: SQL that says `%(tenant)s`, and has the same ids for both."""
    with connect(url) as connection, psycopg.ClientCursor(connection) as cursor:
        for tenant, name in ((ACME, "Acme"), (BOREALIS, "Borealis")):
            cursor.execute("insert into public.tenants (id, name) values (%s, %s)", [tenant, name])
            cursor.execute(rows.encode(), {"tenant": tenant})


@contextmanager
def rolled_back(url: str) -> Iterator[psycopg.Connection]:
    """One transaction that leaves nothing."""
    with connect(url) as opened, opened.transaction(force_rollback=True):
        yield opened


def become(connection: psycopg.Connection, role: str, *, claim: object = None, organization: str | None = None) -> None:
    """Be this role: with this `tenant_id` in its JWT, and this organization in its session."""
    connection.execute("select set_config('request.jwt.claims', %s, true)", [json.dumps({"tenant_id": claim})])
    if organization is not None:
        connection.execute("select set_config('app.current_organization_id', %s, true)", [organization])
    name = sql.Identifier(role)
    if role not in SUPABASE_ROLES:  # those are granted to postgres from the start
        connection.execute(sql.SQL("grant {} to postgres").format(name))
    connection.execute(sql.SQL("set local role {}").format(name))


def columns(connection: psycopg.Connection, schema: str) -> dict[str, str]:
    """Each table's columns in their order, as `name type, name type?`; the mark says that it may be null."""
    return dict(_all(connection, COLUMNS, schema))


COLUMNS = """
select c.relname, string_agg(
  a.attname || ' '
    || replace(format_type(a.atttypid, a.atttypmod), 'timestamp with time zone', 'timestamptz')
    || case when a.attnotnull then '' else '?' end,
  ', ' order by a.attnum
)
from pg_class as c
join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relnamespace = to_regnamespace(%(schema)s) and c.relkind = 'r'
group by c.relname
"""


def one_line(tables: dict[str, str]) -> dict[str, str]:
    """The same, written over several lines for the reader's sake."""
    return {table: " ".join(text.split()) for table, text in tables.items()}


def indexes(connection: psycopg.Connection, schema: str) -> dict[str, str]:
    """What each index is over, by name."""
    query = "select indexname, split_part(indexdef, ' USING ', 2) from pg_indexes where schemaname = %(schema)s"
    return dict(_all(connection, query, schema))


def references(connection: psycopg.Connection, schema: str) -> dict[str, str]:
    """Where each reference leads, by its name; with what a deletion there does, when it is not refused."""
    return dict(_all(connection, REFERENCES, schema))


REFERENCES = """
select k.conname, f.relname || case k.confdeltype when 'c' then ' cascade' when 'n' then ' set null' else '' end
from pg_constraint as k join pg_class as f on f.oid = k.confrelid
where k.connamespace = to_regnamespace(%(schema)s) and k.contype = 'f' and f.oid <> 'public.tenants'::regclass
"""


def keys_across_tenants(connection: psycopg.Connection, schema: str) -> list[str]:
    """Primary keys, unique keys and references whose first column is not the tenant's: there should be none."""
    return [name for (name,) in _all(connection, KEYS_ACROSS, schema)]


KEYS_ACROSS = """
with tenant (attname) as (values ('tenant_id'), ('organization_id'))
select i.indexrelid::regclass::text
from pg_index as i
join pg_class as c on c.oid = i.indrelid
where c.relnamespace = to_regnamespace(%(schema)s) and (i.indisunique or i.indisexclusion)
  and not exists (
    select from pg_attribute as a join tenant using (attname) where a.attrelid = c.oid and a.attnum = i.indkey[0]
  )
union all
select k.conname
from pg_constraint as k
where k.connamespace = to_regnamespace(%(schema)s) and k.contype = 'f'
  and (
    not exists (
      select from pg_attribute as a join tenant using (attname) where a.attrelid = k.conrelid and a.attnum = k.conkey[1]
    )
    or not exists (
      select from pg_attribute as a
      where a.attrelid = k.confrelid and a.attnum = k.confkey[1] and (
        a.attname in (select attname from tenant) or k.confrelid = 'public.tenants'::regclass and a.attname = 'id'
      )
    )
  )
"""


def references_across_tenants(connection: psycopg.Connection, schema: str) -> list[str]:
    """References by which a row of a new tenant may point to a row of another: there should be none.

    Each row is copied to a tenant that has nothing, so all it points to is another's; one reference is looked at at a
    time. So every table must have a row, with all its references filled.
    """
    made = connection.execute("insert into public.tenants (name) values ('New') returning id").fetchall()
    tenant_column = "organization_id" if schema == "autopilot" else "tenant_id"
    tenant = json.dumps({tenant_column: str(made[0][0])})
    open_ones = []
    for table, reference, others in _all(connection, REFERENCE_ALONE, schema):
        with connection.transaction(force_rollback=True):
            connection.execute(others.encode())
            try:
                connection.execute(COPY.format(sql.Identifier(schema, table), sql.Literal(tenant)))
            except psycopg.errors.ForeignKeyViolation:
                continue
            open_ones.append(reference)
    return open_ones


COPY = sql.SQL("insert into {0} overriding system value select (jsonb_populate_record(t, {1})).* from {0} as t limit 1")
REFERENCE_ALONE = """
select c.relname, k.conname, coalesce((
  select string_agg(format('alter table %%s drop constraint %%I', c.oid::regclass, o.conname), '; ')
  from pg_constraint as o
  where o.conrelid = c.oid and o.contype = 'f' and o.oid <> k.oid
), '')
from pg_constraint as k join pg_class as c on c.oid = k.conrelid
where c.relnamespace = to_regnamespace(%(schema)s) and k.contype = 'f' and k.confrelid <> 'public.tenants'::regclass
"""


def references_without_index(connection: psycopg.Connection, schema: str) -> list[str]:
    """References no index begins with: deleting what they point to reads the whole table."""
    return [name for (name,) in _all(connection, UNINDEXED, schema)]


UNINDEXED = """
select k.conrelid::regclass || '.' || k.conname
from pg_constraint as k
where k.connamespace = to_regnamespace(%(schema)s) and k.contype = 'f' and not exists (
  select from pg_index as i
  where i.indrelid = k.conrelid
    and (string_to_array(i.indkey::text, ' ')::smallint[])[1:cardinality(k.conkey)] = k.conkey
)
"""


def doubled_indexes(connection: psycopg.Connection, schema: str) -> list[str]:
    """Indexes that are another's twin under a second name."""
    return [name for (name,) in _all(connection, DOUBLED, schema)]


DOUBLED = """
select string_agg(i.indexrelid::regclass::text, ', ')
from pg_index as i join pg_class as c on c.oid = i.indrelid
where c.relnamespace = to_regnamespace(%(schema)s)
group by i.indrelid, i.indkey, i.indclass, pg_get_expr(i.indexprs, i.indrelid), pg_get_expr(i.indpred, i.indrelid)
having count(*) > 1
"""


def rights(connection: psycopg.Connection, schema: str, role: str) -> dict[str, set[str]]:
    """The verbs a role has on each table and view; those it has on some columns only are left out."""
    found: dict[str, set[str]] = {}
    for table, verb in _all(connection, RIGHTS, schema, role=role):
        found.setdefault(table, set()).add(verb)
    return found


RIGHTS = """
select c.relname, v.verb
from pg_class as c
cross join unnest('{select,insert,update,delete,truncate,references,trigger}'::text[]) as v (verb)
where c.relnamespace = to_regnamespace(%(schema)s) and c.relkind in ('r', 'v')
  and (has_table_privilege(%(role)s, c.oid, v.verb) or v.verb = 'select' and not exists (
    select from pg_attribute as a   -- tenants read every column, and no system column
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      and not has_column_privilege(%(role)s, c.oid, a.attnum, 'select')
  ))
"""


def seen(connection: psycopg.Connection, schema: str, tables: Sequence[str]) -> dict[str, set[UUID]]:
    """Whose rows of each table can be read."""
    column = sql.Identifier("organization_id" if schema == "autopilot" else "tenant_id")
    query = sql.SQL("select distinct {} from {}")
    return {
        table: {row[0] for row in connection.execute(query.format(column, sql.Identifier(schema, table)))}
        for table in tables
    }


def untouched(connection: psycopg.Connection, schema: str) -> set[str]:
    """Tables whose `updated_at` believes what an update says instead of the clock."""
    tables = [table for table, told in columns(connection, schema).items() if " updated_at " in told]
    update = sql.SQL("update {} set updated_at = '2000-01-01' returning updated_at = now()")
    return {
        table
        for table in tables
        if set(connection.execute(update.format(sql.Identifier(schema, table))).fetchall()) != {(True,)}
    }


def enums(connection: psycopg.Connection, schema: str) -> list[str]:
    """SQL enums: their `=` is not leakproof, so under row-level security no index serves it."""
    query = "select typname from pg_type where typnamespace = to_regnamespace(%(schema)s) and typtype = 'e'"
    return [name for (name,) in _all(connection, query, schema)]


def _all(connection: psycopg.Connection, query: str, schema: str, **more: object) -> list[Any]:
    return connection.execute(query.encode(), {"schema": schema, **more}).fetchall()
