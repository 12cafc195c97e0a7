-- Send a test event to a subscription. The caller chooses `envelope`, the id of the new envelope that delivers the
-- event. Returns this id. Raises PT404 if there is no such subscription. Raises PT409 if the subscription is disabled,
-- has 100 deliveries that wait, or has an address that got e-mail in the last minute.
-- call: repeatable
create or replace function worker_api.test_subscription(
  tenant uuid, id uuid, envelope uuid, actor_id text, as_of timestamptz default null,
  actor_type text default 'operator', door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment timestamptz := coalesce(as_of, now());
  subscription public.event_subscriptions;
  event_id constant text := 'evt_test_' || replace(test_subscription.envelope::text, '-', '');
begin
  perform app_private.act_by(test_subscription.actor_type, test_subscription.actor_id, test_subscription.door);
  subscription := app_private.require_subscription(test_subscription.tenant, test_subscription.id);
  if exists (
    select from app_private.event_deliveries as d
    where d.tenant_id = subscription.tenant_id and d.subscription_id = subscription.id
      and d.envelope_id = test_subscription.envelope
  ) then
    return to_jsonb(test_subscription.envelope);   -- the same call was sent again
  elsif subscription.disabled_at is not null then
    raise exception 'subscription: % is disabled; enable it first', subscription.id using errcode = 'PT409';
  elsif (
    select count(*) >= 100 from app_private.event_deliveries as d
    where d.tenant_id = subscription.tenant_id and d.subscription_id = subscription.id
  ) then
    raise exception 'subscription: % has 100 waiting deliveries; try again when some of them have ended', subscription.id
      using errcode = 'PT409';
  end if;
  if subscription.kind = 'email' then
    perform pg_advisory_xact_lock(hashtextextended('mail of ' || subscription.tenant_id, 14));
  end if;
  if not app_private.may_mail(subscription, moment) then
    raise exception 'subscription: an address of % got an e-mail in the last minute; try again later', subscription.id
      using errcode = 'PT409';
  end if;
  perform app_private.audit_subscription(
    subscription, 'tested', jsonb_build_object('event_id', event_id), test_subscription.actor_type,
    test_subscription.actor_id, moment
  );
  perform app_private.enqueue_events(
    subscription, array[test_subscription.envelope], array[jsonb_build_object(
      'id', event_id, 'type', 'webhook.test', 'timestamp', moment,
      'data', jsonb_build_object(
        'tenant_id', subscription.tenant_id, 'subscription_id', subscription.id,
        'actor', jsonb_build_object('type', test_subscription.actor_type, 'id', test_subscription.actor_id)
      )
    )], array[event_id], moment
  );
  return to_jsonb(test_subscription.envelope);
end
$$;
revoke all on function worker_api.test_subscription from public;
grant execute on function worker_api.test_subscription to service_role, app_rw;
