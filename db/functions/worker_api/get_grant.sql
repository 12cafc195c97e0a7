-- One grant of a tenant, even if it was revoked or has expired. Null if there is none.
-- call: replica
create or replace function worker_api.get_grant(tenant uuid, id uuid)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select to_jsonb(g) from public.grants as g where g.tenant_id = get_grant.tenant and g.id = get_grant.id
$$;
revoke all on function worker_api.get_grant from public;
grant execute on function worker_api.get_grant to service_role, app_rw, app_ro, authenticated;
