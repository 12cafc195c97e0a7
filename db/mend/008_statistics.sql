-- The earlier texts of 008 and 011 switched statistics off in every table of public, autopilot, drafts and rca that had a
-- policy for authenticated, also in other people's; what the columns had before, nothing says.
do $$
declare
  theirs text;
begin
  select string_agg(distinct format('%I.%I.%I', c.relnamespace::regnamespace, c.relname, a.attname), ', ') into theirs
  from pg_catalog.pg_attribute as a
  join pg_catalog.pg_class as c on c.oid = a.attrelid
  where a.attstattarget = 0 and a.attnum > 0 and not a.attisdropped and c.relkind = 'r'
    and c.relnamespace::regnamespace::text in ('public', 'autopilot', 'drafts', 'rca')
    and c.relowner <> (select r.oid from pg_catalog.pg_roles as r where r.rolname = 'app_owner')
    and exists (
      select from pg_catalog.pg_policy as p where p.polrelid = c.oid and 'authenticated'::regrole = any (p.polroles)
    );
  if theirs is not null then
    raise warning 'an earlier 008_statistics.sql or 011_evidence.sql switched off the statistics of these columns, which are not ours: %: where that was not yours, run alter table … alter column … set statistics -1 and analyze', theirs;
  end if;
end
$$;
