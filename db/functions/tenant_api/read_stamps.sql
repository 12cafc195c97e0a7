-- The stamps of the tenant's policy and of these tools: see worker_api.read_stamps.
-- call: repeatable
create or replace function tenant_api.read_stamps(tool_slugs text[])
returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select worker_api.read_stamps(
    app_private.acting_tenant('owner', 'reviewer', 'member', 'agent'), read_stamps.tool_slugs
  )
$$;
revoke all on function tenant_api.read_stamps from public;
grant execute on function tenant_api.read_stamps to authenticated;
