-- When a lane has something due next: the first moment among its pending envelopes that head their ordering key.
-- Where all that is pending waits behind others, look again in a minute: should the wake-up of a successor ever be
-- missed, that heals it. Null when nothing is pending.
create or replace function app_private.lane_ready_at(tenant uuid, lane smallint, as_of timestamptz)
returns timestamptz language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce((
    select o.next_run_at
    from public.outbox as o
    where o.tenant_id = lane_ready_at.tenant
      and o.lane = lane_ready_at.lane
      and o.status = 'pending'
      and app_private.is_head(o.tenant_id, o.ordering_key, o.created_at, o.id)
    order by o.next_run_at, o.id
    limit 1
  ), (
    select as_of + interval '1 minute'
    from public.outbox as o
    where o.tenant_id = lane_ready_at.tenant and o.lane = lane_ready_at.lane and o.status = 'pending'
    limit 1
  ))
$$;
revoke all on function app_private.lane_ready_at from public;
