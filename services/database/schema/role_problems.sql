-- Differences from docs/reference/roles.md that a dump of one database does not show: roles with too many rights, and
-- unmanaged tables that inherit from managed ones. One row each.
with managed (role) as (
  values ('app_owner'), ('app_rw'), ('app_ro'), ('workflow_rw'), ('outbox_worker')
), known (role) as (
  select * from managed union all values ('anon'), ('authenticated'), ('service_role'), ('authenticator')
), problem (line) as (
  select format('role %%I: may %%s: run: alter role %%I no%%s', r.rolname, attribute.may, r.rolname, attribute.word)
  from pg_catalog.pg_roles as r
  join managed as o on o.role = r.rolname
  cross join lateral (
    values
      (r.rolcanlogin, 'log in', 'login'), (r.rolsuper, 'do everything', 'superuser'),
      (r.rolbypassrls, 'bypass row-level security', 'bypassrls'), (r.rolcreaterole, 'create roles', 'createrole')
  ) as attribute (has, may, word)
  where attribute.has
  union all
  select format('role %%I: is a member of %%I: run: revoke %%I from %%I', m.rolname, g.rolname, g.rolname, m.rolname)
  from pg_catalog.pg_auth_members as a
  join pg_catalog.pg_roles as m on m.oid = a.member
  join pg_catalog.pg_roles as g on g.oid = a.roleid
  join known as k on k.role = m.rolname
  join managed as o on o.role = g.rolname
  where (m.rolname, g.rolname) <> ('authenticator', 'outbox_worker')
  union all
  select format('schema migrations: %%I has usage on it: run: revoke all on schema migrations from %%I', r.rolname, r.rolname)
  from pg_catalog.pg_roles as r
  join known as k on k.role = r.rolname
  where exists (select from pg_catalog.pg_namespace where nspname = 'migrations')
    and has_schema_privilege(r.oid, 'migrations', 'usage')
  union all
  select format(
    'table %%s: inherits from %%s, so queries of %%2$s return its rows too: drop table %%1$s', i.inhrelid::regclass,
    i.inhparent::regclass
  )
  from pg_catalog.pg_inherits as i
  join pg_catalog.pg_class as parent on parent.oid = i.inhparent
  where parent.relkind = 'r'
    and format('%%s.%%s', parent.relnamespace::regnamespace, parent.relname) = any(%(names)s)
)
select line from problem order by line
