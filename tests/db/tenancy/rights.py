"""The granted rights, from the system catalogs, without those that owners always have."""

import psycopg

EVERYBODY = "everybody"
Right = tuple[str, str, str]
"""Role, privilege and object."""


def rights(connection: psycopg.Connection, kind: str, on: str | None = None) -> set[Right]:
    """The rights on all our schemas, tables, sequences or functions, or on one.

    A column is written `schema.table(column)`.
    """
    values = {"kind": kind, "on": on, "everybody": EVERYBODY}
    return {(who, word.lower(), name) for who, word, name in connection.execute(RIGHTS, values).fetchall()}


def functions(connection: psycopg.Connection) -> set[str]:
    """Every function and aggregate of ours."""
    return {name for (name,) in connection.execute(FUNCTIONS).fetchall()}


THINGS = """
with ours as (
  select oid, nspname, nspowner, nspacl from pg_namespace
  where nspname !~ '^pg_' and nspname not in ('information_schema', 'auth', 'extensions')
), relation as (
  select c.oid, n.nspname || '.' || c.relname as name, c.relkind, c.relowner, c.relacl
  from pg_class as c join ours as n on n.oid = c.relnamespace
), thing (kind, name, owner, acl) as (
  select 'schema', nspname::text, nspowner, coalesce(nspacl, acldefault('n', nspowner)) from ours
  union all
  select 'table', name, relowner, coalesce(relacl, acldefault('r', relowner)) from relation
  where relkind in ('r', 'p', 'v', 'm', 'f')
  union all
  select 'table', r.name || '(' || a.attname || ')', r.relowner, a.attacl
  from relation as r join pg_attribute as a on a.attrelid = r.oid where a.attacl is not null and not a.attisdropped
  union all
  select 'sequence', name, relowner, coalesce(relacl, acldefault('s', relowner)) from relation where relkind = 'S'
  union all
  select 'function', n.nspname || '.' || p.proname, p.proowner, coalesce(p.proacl, acldefault('f', p.proowner))
  from pg_proc as p join ours as n on n.oid = p.pronamespace
)
"""
RIGHTS = (
    THINGS
    + """
select
  case a.grantee when 0 then %(everybody)s else a.grantee::regrole::text end,
  a.privilege_type || case when a.is_grantable then ' and pass it on' else '' end,
  t.name
from thing as t cross join aclexplode(t.acl) as a
where t.kind = %(kind)s and (%(on)s::text is null or split_part(t.name, '(', 1) = %(on)s)
  and a.grantee <> t.owner and a.grantee <> current_user::regrole   -- who migrates may do everything
"""
)
FUNCTIONS = (
    THINGS
    + """
select name from thing where kind = 'function'
"""
)
