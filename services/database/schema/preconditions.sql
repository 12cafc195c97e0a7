-- The reasons why this database cannot be migrated, one row each. Runs before anything is changed.
with me as (
  select r.rolname as name, r.oid, r.rolsuper as is_superuser, r.rolcreaterole,
    current_setting('server_version_num')::int >= 160000 as needs_admin_option   -- before, createrole was enough
  from pg_catalog.pg_roles as r where r.rolname = current_user
), taken (thing) as (
  select format('schema %%I', n.nspname) from pg_catalog.pg_namespace as n where n.nspname = any(%(schemas)s)
  union all
  select format('schema migrations')
  where to_regnamespace('migrations') is not null and to_regclass('migrations.applied_file') is null
  union all
  select format('%%s public.%%I', case c.relkind
    when 'v' then 'view' when 'm' then 'materialized view' when 'f' then 'foreign table' when 'S' then 'sequence'
    when 'i' then 'index' when 'I' then 'index' when 'c' then 'type' else 'table'
  end, c.relname)
  from pg_catalog.pg_class as c
  where c.relnamespace = to_regnamespace('public') and c.relname = any(%(relations)s)
  union all
  select format('type public.%%I', t.typname)
  from pg_catalog.pg_type as t
  where t.typnamespace = to_regnamespace('public') and t.typname = any(%(relations)s)
    and t.typrelid = 0
), unmanaged_roles as (
  select r.rolname as name, (
    select string_agg(distinct m.member::regrole::text, ', ') from pg_catalog.pg_auth_members as m
    where m.roleid = r.oid and m.member <> current_user::regrole
  ) as members
  from pg_catalog.pg_roles as r
  where r.rolname = any(%(new_roles)s)
    and coalesce(pg_catalog.shobj_description(r.oid, 'pg_authid'), '') not like 'Agent Control Plane%%'
), problem (rank, line) as (
  select 1, format('these names are in use: %%s: rename the objects, or use another database', string_agg(thing, ', ' order by thing))
  from taken having count(*) > 0
  union all
  select 2, format(
    'these roles exist but db migrate did not create them, and they would get its grants: %%s: rename them; or, if db'
    ' migrate created them for another database of this server, mark each of them: comment on role %%I is %%L',
    string_agg(quote_ident(s.name) || coalesce(' (members: ' || s.members || ')', ''), ', ' order by s.name),
    min(s.name), 'Agent Control Plane'
  )
  from unmanaged_roles as s having count(*) > 0
  union all
  select 3, format('role %%I is missing: create it as in services/database/embedded/hosted.sql', api.name)
  from unnest(array['anon', 'authenticated', 'service_role']) as api (name)
  where %(is_first)s and not exists (select from pg_catalog.pg_roles as r where r.rolname = api.name)
  union all
  select 4, format('schema public is missing: run: create schema public')
  where %(is_first)s and to_regnamespace('public') is null
  union all
  select 5, format(
    '%%I may not create schemas here: run as an administrator: grant create on database %%I to %%I',
    me.name, current_database(), me.name
  )
  from me where %(is_first)s and not has_database_privilege(current_database(), 'create')
  union all
  select 6, format(
    '%%I may not create objects in schema public and grant that right to app_owner: run as %%s, its owner:'
    ' grant usage, create on schema public to %%I with grant option', me.name, n.nspowner::regrole, me.name
  )
  from me cross join pg_catalog.pg_namespace as n
  where %(is_first)s and n.nspname = 'public' and not (
    has_schema_privilege(n.oid, 'create with grant option') and has_schema_privilege(n.oid, 'usage with grant option')
  )
  union all
  select 7, format('%%I may not create roles: run as an administrator: alter role %%I createrole', me.name, me.name)
  from me
  where %(is_first)s and not me.is_superuser and not me.rolcreaterole and exists (
    select from unnest(%(roles)s::text[]) as role (name)
    where not exists (select from pg_catalog.pg_roles as r where r.rolname = role.name)
  )
  union all
  select 8, format(
    '%%I may not grant %%I: run as its administrator: grant %%I to %%I', me.name, made.name, made.name, made.member
  )
  from me
  cross join lateral (values ('app_owner', me.name::text), ('outbox_worker', 'authenticator')) as made (name, member)
  join pg_catalog.pg_roles as r on r.rolname = made.name
  join pg_catalog.pg_roles as m on m.rolname = made.member
  where %(is_first)s and not me.is_superuser and not pg_has_role(m.oid, r.oid, 'member')
    and not pg_has_role(me.oid, r.oid, 'member with admin option')
    and (me.needs_admin_option or not me.rolcreaterole)
)
select line from problem order by rank, line
