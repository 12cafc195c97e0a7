-- The envelope that blocks an envelope of the tenant: see worker_api.waits_for.
-- call: repeatable
create or replace function tenant_api.waits_for(envelope uuid)
returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select worker_api.waits_for(app_private.acting_tenant('owner', 'reviewer', 'member', 'agent'), waits_for.envelope)
$$;
revoke all on function tenant_api.waits_for from public;
grant execute on function tenant_api.waits_for to authenticated;
