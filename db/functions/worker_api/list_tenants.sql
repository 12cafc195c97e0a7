-- Every tenant, by name.
create or replace function worker_api.list_tenants()
returns setof jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select to_jsonb(t) from public.tenants as t order by t.name, t.id
$$;
revoke all on function worker_api.list_tenants from public;
grant execute on function worker_api.list_tenants to service_role, app_rw, app_ro;
