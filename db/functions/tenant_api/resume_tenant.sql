-- End the tenant's pause: see worker_api.resume_tenant. For owners.
-- call: not repeatable
create or replace function tenant_api.resume_tenant()
returns jsonb language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
  select worker_api.resume_tenant(
    tenant => app_private.acting_tenant('owner'),
    actor_type => caller.actor_type, actor_id => caller.actor_id, door => caller.door
  )
  from app_private.acting_user() as caller
$$;
revoke all on function tenant_api.resume_tenant from public;
grant execute on function tenant_api.resume_tenant to authenticated;
