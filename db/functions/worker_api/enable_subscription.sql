-- Deliver events to a disabled subscription again, beginning with the first event that has no delivery yet. Deliveries
-- that wait become due now; dead letters stay dead letters. If the subscription is not disabled, nothing changes.
-- Returns the row. Raises PT404 if there is no such subscription.
-- call: repeatable
create or replace function worker_api.enable_subscription(
  tenant uuid, id uuid, actor_id text, as_of timestamptz default null, actor_type text default 'operator',
  door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment timestamptz := coalesce(as_of, now());
  subscription public.event_subscriptions;
begin
  perform app_private.act_by(enable_subscription.actor_type, enable_subscription.actor_id, enable_subscription.door);
  subscription := app_private.require_subscription(enable_subscription.tenant, enable_subscription.id);
  if subscription.disabled_at is null then
    return to_jsonb(subscription);
  end if;
  update public.event_subscriptions as s
  set disabled_at = null, disabled_reason = null, failures = 0
  where s.tenant_id = subscription.tenant_id and s.id = subscription.id
  returning * into subscription;
  perform app_private.do_at_commit(
    moment,
    held_tenant => subscription.tenant_id, held_by => array['tool'],
    audited_tenants => array[subscription.tenant_id], actor_type => enable_subscription.actor_type,
    actor_id => enable_subscription.actor_id, categories => array['event_subscription.enabled'],
    payloads => array[jsonb_build_object('subscription_id', subscription.id)], made_at => moment
  );
  return to_jsonb(subscription);
end
$$;
revoke all on function worker_api.enable_subscription from public;
grant execute on function worker_api.enable_subscription to service_role, app_rw;
