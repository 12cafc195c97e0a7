-- Count the deliveries of a subscription: successes and dead letters since the last call, and waiting deliveries. After
-- ten dead letters without a success in between, the subscription is disabled, so that deliveries to a broken receiver
-- do not delay other calls. Returns the row of the subscription with `waiting`, the number of waiting deliveries. Null
-- if there is no such subscription.
-- call: repeatable
create or replace function worker_api.count_deliveries(tenant uuid, id uuid, as_of timestamptz default null)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1s' as $$
declare
  moment timestamptz := coalesce(as_of, now());
  subscription public.event_subscriptions;
  delivered bigint;
  dead bigint;
  last_error text;
begin
  select * into subscription from public.event_subscriptions as s
  where s.tenant_id = count_deliveries.tenant and s.id = count_deliveries.id for update;
  if not found then
    return null;
  end if;
  with ended as (
    delete from app_private.event_deliveries as d
    where d.tenant_id = subscription.tenant_id and d.subscription_id = subscription.id and not exists (
      select from app_private.open_envelopes as e where e.tenant_id = d.tenant_id and e.id = d.envelope_id
    )
    returning d.envelope_id
  )
  select
    count(*) filter (where o.status in ('success', 'conflict')), count(l.id),
    (array_agg(l.last_error order by l.moved_at desc) filter (where l.id is not null))[1]
  into delivered, dead, last_error
  from ended as d
  left join public.outbox as o on o.tenant_id = subscription.tenant_id and o.id = d.envelope_id
  left join public.outbox_dlq as l on l.tenant_id = subscription.tenant_id and l.id = d.envelope_id;

  if delivered > 0 or dead > 0 then
    update public.event_subscriptions as s
    set failures = case when delivered > 0 then 0 else s.failures + dead end
    where s.tenant_id = subscription.tenant_id and s.id = subscription.id
    returning * into subscription;
  end if;
  if subscription.failures >= 10 and subscription.disabled_at is null then
    update public.event_subscriptions as s
    set disabled_at = moment,
        disabled_reason = subscription.failures || ' deliveries in a row failed; the last: ' || left(last_error, 500)
    where s.tenant_id = subscription.tenant_id and s.id = subscription.id
    returning * into subscription;
    perform app_private.do_at_commit(
      moment,
      audited_tenants => array[subscription.tenant_id], actor_type => 'system', actor_id => 'event_delivery',
      categories => array['event_subscription.disabled'],
      payloads => array[jsonb_build_object(
        'subscription_id', subscription.id, 'reason', subscription.disabled_reason, 'door', 'job'
      )],
      made_at => moment
    );
  end if;
  return to_jsonb(subscription) || jsonb_build_object('waiting', (
    select count(*) from app_private.event_deliveries as d
    where d.tenant_id = subscription.tenant_id and d.subscription_id = subscription.id
  ));
end
$$;
revoke all on function worker_api.count_deliveries from public;
grant execute on function worker_api.count_deliveries to service_role, app_rw;
