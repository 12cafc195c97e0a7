-- What the migrating role owns of ours and app_owner should, as the statements that hand it over.
--
-- A definer function runs as its owner: the migrating role has BYPASSRLS on Supabase, app_owner has not. Other people's
-- things may belong to the migrating role too, so only names that are ours count.
with ours as (
  select n.oid, n.nspname from pg_catalog.pg_namespace as n where n.nspname = any(%(schemas)s)
), things as (
  select 'pg_catalog.pg_class'::regclass as catalog, c.oid, c.relnamespace as schema, c.relname as name,
    c.relowner as owner, 'table ' || c.oid::regclass::text as called   -- `alter table` takes views and sequences too
  from pg_catalog.pg_class as c
  where c.relkind in ('r', 'p', 'v', 'm', 'f')
    or c.relkind = 'S' and not exists (   -- a column's sequence goes where its table goes
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
select format('alter %%s owner to app_owner', things.called)
from things
join ours on ours.oid = things.schema
where things.owner = (select r.oid from pg_catalog.pg_roles as r where r.rolname = current_user)
  and case
    when %(names)s::text[] is null then ours.nspname <> 'public'   -- nothing says what is ours: the schemas we made
    else format('%%s.%%s', ours.nspname, things.name) = any(%(names)s)
  end
  and not exists (   -- it belongs to an extension
    select from pg_catalog.pg_depend as d
    where d.classid = things.catalog and d.objid = things.oid and d.deptype = 'e'
  )
order by 1
