-- Subscribe to events of the tenant: see worker_api.create_subscription. For owners.
-- call: not repeatable
create or replace function tenant_api.create_subscription(
  id uuid, kind text, target text, event_types text[], via text default null, description text default ''
)
returns jsonb language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
  select worker_api.create_subscription(
    tenant => app_private.acting_tenant('owner'), id => create_subscription.id, kind => create_subscription.kind,
    target => create_subscription.target, event_types => create_subscription.event_types,
    via => create_subscription.via, description => create_subscription.description,
    actor_type => caller.actor_type, actor_id => caller.actor_id, door => caller.door
  )
  from app_private.acting_user() as caller
$$;
revoke all on function tenant_api.create_subscription from public;
grant execute on function tenant_api.create_subscription to authenticated;
