-- End a shadow run of the tenant: see worker_api.stop_shadow. For owners.
-- call: repeatable
create or replace function tenant_api.stop_shadow(id uuid)
returns void
language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
  select worker_api.stop_shadow(
    tenant => app_private.acting_tenant('owner'), id => stop_shadow.id,
    actor_type => caller.actor_type, actor_id => caller.actor_id, door => caller.door
  )
  from app_private.acting_user() as caller
$$;
revoke all on function tenant_api.stop_shadow from public;
grant execute on function tenant_api.stop_shadow to authenticated;
