-- The caller's tenant.
-- call: repeatable
create or replace function tenant_api.get_tenant()
returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select worker_api.get_tenant(app_private.acting_tenant('owner', 'reviewer', 'member', 'agent'))
$$;
revoke all on function tenant_api.get_tenant from public;
grant execute on function tenant_api.get_tenant to authenticated;
