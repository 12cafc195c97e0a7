-- Every tenant, ordered by name.
-- call: replica
create or replace function worker_api.list_tenants()
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(t order by t.name, t.id), '[]') from public.tenants as t
$$;
revoke all on function worker_api.list_tenants from public;
grant execute on function worker_api.list_tenants to service_role, app_rw, app_ro, authenticated;
