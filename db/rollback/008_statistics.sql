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
      and a.attnum > 0
      and not a.attisdropped
      and a.attstattarget = 0
  loop
    execute format('alter table %s alter column %I set statistics -1', kept.name, kept.attname);
  end loop;
end
$$;
