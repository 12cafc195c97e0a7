-- The numbers of the tenant's overview: see worker_api.read_overview.
-- call: replica
create or replace function tenant_api.read_overview()
returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select worker_api.read_overview(app_private.acting_tenant('owner', 'reviewer', 'member', 'agent'))
$$;
revoke all on function tenant_api.read_overview from public;
grant execute on function tenant_api.read_overview to authenticated;
