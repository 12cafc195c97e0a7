-- Create a new signing secret for a subscription of the tenant: see worker_api.rotate_subscription_secret. For owners.
-- call: not repeatable
create or replace function tenant_api.rotate_subscription_secret(id uuid)
returns jsonb language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
  select worker_api.rotate_subscription_secret(
    tenant => app_private.acting_tenant('owner'), id => rotate_subscription_secret.id,
    actor_type => caller.actor_type, actor_id => caller.actor_id, door => caller.door
  )
  from app_private.acting_user() as caller
$$;
revoke all on function tenant_api.rotate_subscription_secret from public;
grant execute on function tenant_api.rotate_subscription_secret to authenticated;
