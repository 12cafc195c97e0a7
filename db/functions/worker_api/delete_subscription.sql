-- Delete a subscription. Deliveries that wait are cancelled; those in flight are finished. Returns the row. Raises
-- PT404 if there is no such subscription.
-- call: not repeatable
create or replace function worker_api.delete_subscription(
  tenant uuid, id uuid, actor_id text, as_of timestamptz default null, actor_type text default 'operator',
  door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment timestamptz := coalesce(as_of, now());
  subscription public.event_subscriptions;
  waiting uuid;
begin
  perform app_private.act_by(delete_subscription.actor_type, delete_subscription.actor_id, delete_subscription.door);
  subscription := app_private.require_subscription(delete_subscription.tenant, delete_subscription.id);
  perform from app_private.lanes as l   -- locked in the same order as in claim and settle: lanes before envelopes
  where (l.tenant_id, l.lane) in (
    select e.tenant_id, e.lane
    from app_private.event_deliveries as d
    join app_private.open_envelopes as e on e.tenant_id = d.tenant_id and e.id = d.envelope_id
    where d.tenant_id = subscription.tenant_id and d.subscription_id = subscription.id
  )
  order by l.tenant_id, l.lane
  for update;
  for waiting in
    select o.id
    from app_private.event_deliveries as d
    join public.outbox as o on o.tenant_id = d.tenant_id and o.id = d.envelope_id
    join app_private.lanes as l on l.tenant_id = o.tenant_id and l.lane = o.lane
    where d.tenant_id = subscription.tenant_id and d.subscription_id = subscription.id
      and o.status = 'pending' and o.id <> all (l.in_flight)
    order by o.created_at, o.id
    for update of o
  loop
    perform app_private.change_envelope(
      subscription.tenant_id, waiting, 'cancelled', 'cancelled', delete_subscription.actor_type,
      delete_subscription.actor_id, 'its subscription was deleted', moment
    );
  end loop;
  delete from public.event_subscriptions as s
  where s.tenant_id = subscription.tenant_id and s.id = subscription.id;
  perform app_private.audit_subscription(
    subscription, 'deleted',
    jsonb_strip_nulls(jsonb_build_object('kind', subscription.kind, 'mailed_at', subscription.mailed_at)),
    delete_subscription.actor_type, delete_subscription.actor_id, moment
  );
  return to_jsonb(subscription);
end
$$;
revoke all on function worker_api.delete_subscription from public;
grant execute on function worker_api.delete_subscription to service_role, app_rw;
