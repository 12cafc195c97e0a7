"""All tables, from the system catalogs, prepared for the tests: one row of each of two tenants, and no constraints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

A, B = "aaaaaaaa-0000-4000-8000-000000000000", "bbbbbbbb-0000-4000-8000-000000000000"
"""The two tenants."""
NOBODY = "nobody"
"""The owner of rows in a table without tenants."""


@dataclass(frozen=True)
class Table:
    """A table or view, from the system catalogs."""

    schema: str
    name: str
    is_view: bool
    is_guarded: bool
    """Row-level security is switched on."""
    writable: Mapping[str, str] = field(hash=False)
    """The columns that a statement may write, with their types."""
    columns: Sequence[str] = field(hash=False)
    """Every column."""

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def id(self) -> sql.Identifier:
        return sql.Identifier(self.schema, self.name)

    @property
    def tenant(self) -> str | None:
        """The column with the tenant of a row."""
        if str(self) in {"public.tenants", "autopilot.organizations"}:
            return "id"
        return next((column for column in ("tenant_id", "organization_id") if column in self.writable), None)

    @property
    def whose(self) -> sql.Composable:
        """An SQL expression for the tenant of a row."""
        return sql.Literal(NOBODY) if self.tenant is None else sql.SQL("{}::text").format(sql.Identifier(self.tenant))

    @property
    def owners(self) -> frozenset[str]:
        """The owners of the rows in the table."""
        return frozenset({A, B} if self.tenant else {NOBODY})

    @property
    def payload(self) -> list[str]:
        """The other columns."""
        return [column for column in self.writable if column != self.tenant]


def find_tables(connection: psycopg.Connection) -> list[Table]:
    """Every table and view outside the schemas of PostgreSQL and Supabase."""
    return [Table(*row) for row in connection.execute(TABLES).fetchall()]


TABLES = """
select n.nspname, c.relname, c.relkind in ('v', 'm'), c.relrowsecurity, coalesce(
  json_object_agg(a.attname, a.atttypid::regtype order by a.attnum)
    filter (where a.attgenerated = '' and a.attidentity <> 'a'), '{}'),
  array_agg(a.attname::text order by a.attnum)
from pg_class as c
join pg_namespace as n on n.oid = c.relnamespace
join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relkind in ('r', 'p', 'v', 'm', 'f')
  and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'auth', 'extensions')
group by 1, 2, 3, 4
order by 1, 2
"""


def prepare(connection: psycopg.Connection, tables: Sequence[Table]) -> None:
    """Remove triggers and constraints, and insert one row of each tenant into each table."""
    for (statement,) in connection.execute(OBSTACLES, [sorted({table.schema for table in tables})]).fetchall():
        connection.execute(statement)
    for table in tables:
        if not table.is_view:
            for tenant in (A, B):
                connection.execute(insert(table, tenant))


OBSTACLES = """
with ours as (select oid from pg_namespace where nspname = any(%s))
select format('alter table %%s drop constraint %%I', k.conrelid::regclass, k.conname)
from (
  select * from pg_constraint
  where contype in ('f', 'p', 'u', 'c', 'x') and conrelid <> 0 and connamespace in (select oid from ours)
  order by contype <> 'f'   -- a key goes after what refers to it
) as k
union all
select format('drop index %%s', i.indexrelid::regclass)
from pg_index as i join pg_class as c on c.oid = i.indrelid
where i.indisunique and c.relnamespace in (select oid from ours)
  and not exists (select from pg_constraint as k where k.conindid = i.indexrelid)
union all
select distinct format('alter table %%s disable trigger user', t.tgrelid::regclass)
from pg_trigger as t join pg_class as c on c.oid = t.tgrelid
where not t.tgisinternal and c.relnamespace in (select oid from ours)
"""


def insert(table: Table, tenant: str) -> sql.Composed:
    """Add a row of this tenant, with a value in each column."""
    values = {column: samples(kind)[0] for column, kind in table.writable.items()}
    if table.tenant is not None:
        values[table.tenant] = sql.Literal(tenant)
    columns = sql.SQL(", ").join(map(sql.Identifier, values))
    return sql.SQL("insert into {} ({}) values ({})").format(table.id, columns, sql.SQL(", ").join(values.values()))


SAMPLES = {
    "bigint": ("0", "1"), "bit": ("0", "1"), "boolean": ("f", "t"), "bytea": ("0", "1"),
    "character varying": ("0", "1"),
    "date": ("2000-01-01", "2001-01-01"), "double precision": ("0", "1"), "integer": ("0", "1"),
    "interval": ("1 minute", "1 hour"), "jsonb": ("{}", "[]"), "numeric": ("0", "1"), "smallint": ("0", "1"),
    "text": ("0", "1"), "timestamp without time zone": ("2000-01-01", "2001-01-01"),
    "timestamp with time zone": ("2000-01-01", "2001-01-01"), "uuid": (A.replace("a", "1"), A.replace("a", "2")),
    "xid8": ("0", "1"),
}  # fmt: skip
"""Two values of each type that a column has."""


def samples(kind: str) -> tuple[sql.Composable, sql.Composable]:
    """Two values of this type."""
    of = kind.removesuffix("[]")
    assert of in SAMPLES, f"tests/db/tenancy/tables.py has no values of type {of}: add two"
    first, second = SAMPLES[of] if of == kind else ("{}", f"{{{SAMPLES[of][0]}}}")
    value = sql.SQL("{}::" + ("bit(256)" if kind == "bit" else kind))  # the only length in use
    return value.format(first), value.format(second)
