-- Everything that the guardrails read about the tenant: see worker_api.read_policies.
-- call: repeatable, columns 5 deep
create or replace function tenant_api.read_policies()
returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select worker_api.read_policies(array[app_private.acting_tenant('owner', 'reviewer', 'member', 'agent')])
$$;
revoke all on function tenant_api.read_policies from public;
grant execute on function tenant_api.read_policies to authenticated;
