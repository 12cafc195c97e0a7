-- Deliver events to a disabled subscription of the tenant again: see worker_api.enable_subscription. For owners.
-- call: repeatable
create or replace function tenant_api.enable_subscription(id uuid)
returns jsonb language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
  select worker_api.enable_subscription(
    tenant => app_private.acting_tenant('owner'), id => enable_subscription.id,
    actor_type => caller.actor_type, actor_id => caller.actor_id, door => caller.door
  )
  from app_private.acting_user() as caller
$$;
revoke all on function tenant_api.enable_subscription from public;
grant execute on function tenant_api.enable_subscription to authenticated;
