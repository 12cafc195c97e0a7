-- The statements that make app_owner the owner of the managed objects of the migrating role.
--
-- A definer function runs as its owner. On Supabase the migrating role has BYPASSRLS; app_owner does not. The migrating
-- role may also own unmanaged objects, so only the names of managed objects are listed.
with managed_schemas as (
  select n.oid, n.nspname from pg_catalog.pg_namespace as n where n.nspname = any(%(schemas)s)
), objects as (
  select 'pg_catalog.pg_class'::regclass as catalog, c.oid, c.relnamespace as schema, c.relname as name,
    c.relowner as owner, 'table ' || c.oid::regclass::text as called   -- `alter table` takes views and sequences too
  from pg_catalog.pg_class as c
  where c.relkind in ('r', 'p', 'v', 'm', 'f')
    or c.relkind = 'S' and not exists (   -- the sequence of a column always has the owner of its table
      select from pg_catalog.pg_depend as d
      where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype in ('a', 'i')
    )
  union all
  select 'pg_catalog.pg_proc'::regclass, p.oid, p.pronamespace, p.proname, p.proowner,
    'routine ' || p.oid::regprocedure::text
  from pg_catalog.pg_proc as p
  union all
  select 'pg_catalog.pg_type'::regclass, t.oid, t.typnamespace, t.typname, t.typowner, 'type ' || t.oid::regtype::text
  from pg_catalog.pg_type as t
  left join pg_catalog.pg_class as c on c.oid = t.typrelid
  where t.typtype in ('d', 'e') or c.relkind = 'c'
)
select format('alter %%s owner to app_owner', objects.called)
from objects
join managed_schemas on managed_schemas.oid = objects.schema
where objects.owner = (select r.oid from pg_catalog.pg_roles as r where r.rolname = current_user)
  and case
    when %(names)s::text[] is null then managed_schemas.nspname <> 'public'   -- public may hold unmanaged objects
    else format('%%s.%%s', managed_schemas.nspname, objects.name) = any(%(names)s)
  end
  and not exists (   -- the object belongs to an extension
    select from pg_catalog.pg_depend as d
    where d.classid = objects.catalog and d.objid = objects.oid and d.deptype = 'e'
  )
order by 1
