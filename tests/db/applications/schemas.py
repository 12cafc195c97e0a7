"""What the catalog of PostgreSQL and the rows say about the schema of an application."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from tests.db.applications.application import Application


def columns(connection: psycopg.Connection, application: Application) -> dict[str, str]:
    """Each table's columns in their order, as in `Application.tables`."""
    return dict(_query(connection, COLUMNS, application))


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


def indexes(connection: psycopg.Connection, application: Application) -> dict[str, str]:
    """The columns of each index, by its name."""
    query = "select indexname, split_part(indexdef, ' USING ', 2) from pg_indexes where schemaname = %(schema)s"
    return dict(_query(connection, query, application))


def references(connection: psycopg.Connection, application: Application) -> dict[str, str]:
    """The target of each reference, as in `Application.references`."""
    return dict(_query(connection, REFERENCES, application))


REFERENCES = """
select k.conname, f.relname || case k.confdeltype when 'c' then ' cascade' when 'n' then ' set null' else '' end
from pg_constraint as k join pg_class as f on f.oid = k.confrelid
where k.connamespace = to_regnamespace(%(schema)s) and k.contype = 'f' and f.oid <> 'public.tenants'::regclass
"""


def keys_without_tenant(connection: psycopg.Connection, application: Application) -> list[str]:
    """Primary keys, unique keys and references whose first column is not the tenant."""
    return [name for (name,) in _query(connection, KEYS_WITHOUT_TENANT, application)]


KEYS_WITHOUT_TENANT = """
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


def references_across_tenants(connection: psycopg.Connection, application: Application) -> list[str]:
    """References by which a row can refer to a row of another tenant.

    A row of each table is copied to a new tenant that has no other rows, once for each reference, while the table has
    no other reference. The reference is returned if this succeeds. So each table needs a row without empty references.
    """
    [[new_tenant]] = connection.execute("insert into public.tenants (name) values ('New') returning id").fetchall()
    change = json.dumps({application.tenant_column: str(new_tenant)})
    not_refused = []
    for table, reference, drop_others, columns in _query(connection, EACH_REFERENCE, application):
        named = sql.SQL(", ").join(map(sql.Identifier, columns))
        with connection.transaction(force_rollback=True):
            connection.execute(drop_others.encode())
            try:
                connection.execute(COPY.format(sql.Identifier(application.schema, table), sql.Literal(change), named))
            except psycopg.errors.ForeignKeyViolation:
                continue
            not_refused.append(reference)
    return not_refused


COPY = sql.SQL(
    "with copy as (select (jsonb_populate_record(t, {1})).* from {0} as t limit 1)"
    " insert into {0} ({2}) overriding system value select {2} from copy"
)
EACH_REFERENCE = """
select c.relname, k.conname, coalesce((
  select string_agg(format('alter table %%s drop constraint %%I', c.oid::regclass, o.conname), '; ')
  from pg_constraint as o
  where o.conrelid = c.oid and o.contype = 'f' and o.oid <> k.oid
), ''), array(
  select a.attname::text from pg_attribute as a
  where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
)
from pg_constraint as k join pg_class as c on c.oid = k.conrelid
where c.relnamespace = to_regnamespace(%(schema)s) and k.contype = 'f' and k.confrelid <> 'public.tenants'::regclass
"""


def references_without_index(connection: psycopg.Connection, application: Application) -> list[str]:
    """References with which no index begins. Deleting a target would read the whole table."""
    return [name for (name,) in _query(connection, REFERENCES_WITHOUT_INDEX, application)]


REFERENCES_WITHOUT_INDEX = """
select k.conrelid::regclass || '.' || k.conname
from pg_constraint as k
where k.connamespace = to_regnamespace(%(schema)s) and k.contype = 'f' and not exists (
  select from pg_index as i
  where i.indrelid = k.conrelid
    and (string_to_array(i.indkey::text, ' ')::smallint[])[1:cardinality(k.conkey)] = k.conkey
)
"""


def duplicate_indexes(connection: psycopg.Connection, application: Application) -> list[str]:
    """Indexes that differ only in their names."""
    return [name for (name,) in _query(connection, DUPLICATE_INDEXES, application)]


DUPLICATE_INDEXES = """
select string_agg(i.indexrelid::regclass::text, ', ')
from pg_index as i join pg_class as c on c.oid = i.indrelid
where c.relnamespace = to_regnamespace(%(schema)s)
group by i.indrelid, i.indkey, i.indclass, pg_get_expr(i.indexprs, i.indrelid), pg_get_expr(i.indpred, i.indrelid)
having count(*) > 1
"""


def rights(connection: psycopg.Connection, application: Application, role: str) -> dict[str, set[str]]:
    """The verbs that a role has on each table and view, without those that are limited to some columns."""
    found: dict[str, set[str]] = {}
    for table, verb in _query(connection, RIGHTS, application, role=role):
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


def readable_tenants(
    connection: psycopg.Connection, application: Application, tables: Sequence[str] | None = None
) -> dict[str, set[UUID]]:
    """The tenants whose rows can be read, by table."""
    query = sql.SQL("select distinct {} from {}")
    column = sql.Identifier(application.tenant_column)
    return {
        table: {row[0] for row in connection.execute(query.format(column, sql.Identifier(application.schema, table)))}
        for table in tables or application.tables
    }


def tables_that_accept_any_updated_at(connection: psycopg.Connection, application: Application) -> set[str]:
    """Tables in which an update can set `updated_at` to something else than the current time."""
    tables = [table for table, listed in columns(connection, application).items() if " updated_at " in listed]
    update = sql.SQL("update {} set updated_at = '2000-01-01' returning updated_at = now()")
    return {
        table
        for table in tables
        if set(connection.execute(update.format(sql.Identifier(application.schema, table))).fetchall()) != {(True,)}
    }


def enum_types(connection: psycopg.Connection, application: Application) -> list[str]:
    """Enum types. Their `=` is not leakproof, so under row-level security no index can be used for it."""
    query = "select typname from pg_type where typnamespace = to_regnamespace(%(schema)s) and typtype = 'e'"
    return [name for (name,) in _query(connection, query, application)]


def _query(connection: psycopg.Connection, query: str, application: Application, **more: object) -> list[Any]:
    return connection.execute(query.encode(), {"schema": application.schema, **more}).fetchall()
