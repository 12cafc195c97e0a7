-- Delete a subscription of the tenant: see worker_api.delete_subscription. For owners.
-- call: not repeatable
create or replace function tenant_api.delete_subscription(id uuid)
returns jsonb language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
  select worker_api.delete_subscription(
    tenant => app_private.acting_tenant('owner'), id => delete_subscription.id,
    actor_type => me.actor_type, actor_id => me.actor_id, door => me.door
  )
  from app_private.acting_user() as me
$$;
revoke all on function tenant_api.delete_subscription from public;
grant execute on function tenant_api.delete_subscription to authenticated;
