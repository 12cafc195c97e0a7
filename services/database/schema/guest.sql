-- Why we cannot be a guest in this database, before anything is changed: one line each.
with me as (
  select r.rolname as name, r.oid, r.rolsuper as everything, r.rolcreaterole,
    current_setting('server_version_num')::int >= 160000 as admins_only   -- createrole alone grants no membership
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
), strangers as (
  select r.rolname as name, (
    select string_agg(distinct m.member::regrole::text, ', ') from pg_catalog.pg_auth_members as m
    where m.roleid = r.oid and m.member <> current_user::regrole
  ) as members
  from pg_catalog.pg_roles as r
  where r.rolname = any(%(roles)s)
    and coalesce(pg_catalog.shobj_description(r.oid, 'pg_authid'), '') not like 'Agent Control Plane%%'
), problem (place, line) as (
  select 1, format('these names are taken: %%s: rename them, or use another database', string_agg(thing, ', ' order by thing))
  from taken having count(*) > 0
  union all
  select 2, format(
    'roles that db migrate did not make bear our names, and what we grant to them would be theirs: %%s: rename them; or, if'
    ' it made them for another database of this server, mark each: comment on role %%I is %%L',
    string_agg(quote_ident(s.name) || coalesce(' (members: ' || s.members || ')', ''), ', ' order by s.name),
    min(s.name), 'Agent Control Plane'
  )
  from strangers as s having count(*) > 0
  union all
  select 3, format('role %%I is missing: services/database/embedded/hosted.sql shows what it is', api.name)
  from unnest(array['anon', 'authenticated', 'service_role']) as api (name)
  where %(first)s and not exists (select from pg_catalog.pg_roles as r where r.rolname = api.name)
  union all
  select 4, format('schema public is missing: run: create schema public')
  where %(first)s and to_regnamespace('public') is null
  union all
  select 5, format(
    '%%I may not create schemas here: run as an administrator: grant create on database %%I to %%I',
    me.name, current_database(), me.name
  )
  from me where %(first)s and not has_database_privilege(current_database(), 'create')
  union all
  select 6, format(
    '%%I may not create in schema public and let app_owner do so: run as %%s, its owner:'
    ' grant usage, create on schema public to %%I with grant option', me.name, n.nspowner::regrole, me.name
  )
  from me cross join pg_catalog.pg_namespace as n
  where %(first)s and n.nspname = 'public' and not (
    has_schema_privilege(n.oid, 'create with grant option') and has_schema_privilege(n.oid, 'usage with grant option')
  )
  union all
  select 7, format('%%I may not create roles: run as an administrator: alter role %%I createrole', me.name, me.name)
  from me
  where %(first)s and not me.everything and not me.rolcreaterole and exists (
    select from unnest(%(ours)s::text[]) as ours (name)
    where not exists (select from pg_catalog.pg_roles as r where r.rolname = ours.name)
  )
  union all
  select 8, format(
    '%%I may not grant %%I: run as its administrator: grant %%I to %%I', me.name, made.name, made.name, made.member
  )
  from me
  cross join lateral (values ('app_owner', me.name::text), ('outbox_worker', 'authenticator')) as made (name, member)
  join pg_catalog.pg_roles as r on r.rolname = made.name
  join pg_catalog.pg_roles as m on m.rolname = made.member
  where %(first)s and not me.everything and not pg_has_role(m.oid, r.oid, 'member')
    and not pg_has_role(me.oid, r.oid, 'member with admin option')
    and (me.admins_only or not me.rolcreaterole)
)
select line from problem order by place, line
