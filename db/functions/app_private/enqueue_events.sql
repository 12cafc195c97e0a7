-- Put events into the outbox as envelopes that deliver them to a subscription. The n-th elements of the arrays are one
-- event. Events with the same ordering key are delivered one after the other. The caller has locked the subscription.
create or replace function app_private.enqueue_events(
  subscription public.event_subscriptions, ids uuid[], events jsonb[], ordering_keys text[], as_of timestamptz
)
returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform worker_api.enqueue(
    ids => enqueue_events.ids,
    tenants => array_fill(subscription.tenant_id, array[cardinality(enqueue_events.ids)]),
    tool_slugs => array_fill('control_plane__event.' || subscription.id, array[cardinality(enqueue_events.ids)]),
    tool_versions => array_fill(null::text, array[cardinality(enqueue_events.ids)]),
    arguments => enqueue_events.events,
    connected_account_ids => array_fill(null::text, array[cardinality(enqueue_events.ids)]),
    risks => array_fill('low'::text, array[cardinality(enqueue_events.ids)]),
    -- random, like the ids: otherwise somebody could propose an envelope with the external_id of an event, and so block
    -- the event
    external_ids => (
      select array_agg('event:' || d.id order by d.position)
      from unnest(enqueue_events.ids) with ordinality as d (id, position)
    ),
    trust_contexts => array_fill('{}'::jsonb, array[cardinality(enqueue_events.ids)]),
    metadata => (
      select array_agg(jsonb_build_object('ordering_key', 'control_plane:event:' || subscription.id || ':' || k.key) order by k.position)
      from unnest(enqueue_events.ordering_keys) with ordinality as k (key, position)
    ),
    next_run_at => array_fill(null::timestamptz, array[cardinality(enqueue_events.ids)]),
    actor_type => 'system', actor_id => 'event_delivery', door => 'job', as_of => enqueue_events.as_of
  );
  update public.event_subscriptions as s set mailed_at = coalesce(enqueue_events.as_of, now())
  where s.tenant_id = subscription.tenant_id and s.id = subscription.id and s.kind = 'email';
  insert into app_private.event_deliveries (tenant_id, subscription_id, envelope_id)
  select subscription.tenant_id, subscription.id, d.id from unnest(enqueue_events.ids) as d (id);
end
$$;
revoke all on function app_private.enqueue_events from public;
