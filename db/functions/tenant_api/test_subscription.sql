-- Send a test event to a subscription of the tenant: see worker_api.test_subscription. For owners.
-- call: repeatable
create or replace function tenant_api.test_subscription(id uuid, envelope uuid)
returns jsonb language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
  select worker_api.test_subscription(
    tenant => app_private.acting_tenant('owner'), id => test_subscription.id, envelope => test_subscription.envelope,
    actor_type => caller.actor_type, actor_id => caller.actor_id, door => caller.door
  )
  from app_private.acting_user() as caller
$$;
revoke all on function tenant_api.test_subscription from public;
grant execute on function tenant_api.test_subscription to authenticated;
