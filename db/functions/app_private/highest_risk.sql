-- The highest of these risks; `low` if there is none.
create or replace function app_private.highest_risk(variadic risks text[])
returns text language sql immutable set search_path = pg_catalog, pg_temp as $$
  select case when 'high' = any (risks) then 'high' when 'medium' = any (risks) then 'medium' else 'low' end
$$;
revoke all on function app_private.highest_risk from public;
