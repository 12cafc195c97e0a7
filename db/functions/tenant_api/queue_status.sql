-- The state of the tenant's queue: see worker_api.queue_status.
-- call: replica
create or replace function tenant_api.queue_status()
returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select worker_api.queue_status(app_private.acting_tenant('owner', 'reviewer', 'member', 'agent'))
$$;
revoke all on function tenant_api.queue_status from public;
grant execute on function tenant_api.queue_status to authenticated;
