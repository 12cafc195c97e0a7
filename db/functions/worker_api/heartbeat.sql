-- Renew every lease a worker holds; returns those it still holds, [{tenant_id, lane, token}]. What is missing belongs to someone else now.
create or replace function worker_api.heartbeat(worker_id text, lease_for interval, as_of timestamptz default null)
returns jsonb
language sql security definer set search_path = pg_catalog, pg_temp as $$
  with mine as (   -- locked in one order: this worker may be settling at the same time
    select h.tenant_id, h.lane
    from app_private.lanes as h
    where h.worker_id = heartbeat.worker_id
    order by h.tenant_id, h.lane
    for update
  ), renewed as (
    update app_private.lanes as l
    set ready_at = coalesce(as_of, now()) + lease_for
    from mine as m
    where l.tenant_id = m.tenant_id and l.lane = m.lane and l.worker_id = heartbeat.worker_id
    returning l.tenant_id, l.lane, l.tokens
  )
  select coalesce(jsonb_agg(distinct jsonb_build_object('tenant_id', r.tenant_id, 'lane', r.lane, 'token', held.token)), '[]')
  from renewed as r
  cross join lateral unnest(r.tokens) as held (token)
$$;
revoke all on function worker_api.heartbeat from public;
grant execute on function worker_api.heartbeat to service_role, app_rw, outbox_worker;
