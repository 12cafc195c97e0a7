-- When a lane has something due next: the first moment among its pending envelopes that head their ordering key.
-- Null when it has none.
create or replace function app_private.lane_ready_at(tenant uuid, lane smallint)
returns timestamptz language sql stable set search_path = '' as $$
  select o.next_run_at
  from public.outbox as o
  where o.tenant_id = lane_ready_at.tenant
    and o.lane = lane_ready_at.lane
    and o.status = 'pending'
    and app_private.is_head(o.tenant_id, o.ordering_key, o.created_at, o.id)
  order by o.next_run_at, o.id
  limit 1
$$;
