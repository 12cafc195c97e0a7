-- PostgREST tells a client how many rows the planner expects (`Prefer: count=planned`), and the planner reckons with
-- what is common in a column over all tenants: one tenant could ask whether another's values exist. So the planner keeps
-- no statistics of columns that tenants may read, but for the tenant's own; every query of ours comes by an index anyway.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

do $$
declare
  kept record;
begin
  for kept in
    select format('%I.%I', n.nspname, c.relname) as name, a.attname
    from pg_catalog.pg_attribute as a
    join pg_catalog.pg_class as c on c.oid = a.attrelid
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where n.nspname in ('public', 'autopilot', 'drafts', 'rca')
      and c.relkind = 'r'
      and exists (
        select from pg_catalog.pg_policy as p
        where p.polrelid = c.oid and 'authenticated'::regrole = any (p.polroles)
      )
      and a.attnum > 0
      and not a.attisdropped
      and a.attname not in ('tenant_id', 'organization_id')
  loop
    execute format('alter table %s alter column %I set statistics 0', kept.name, kept.attname);
  end loop;
end
$$;
