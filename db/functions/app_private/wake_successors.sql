-- After envelopes have ended, wake the lanes of the envelopes that are now first in these ordering keys. These lanes
-- become ready at `as_of` at the earliest, after the lanes that already wait. Never waits for a lock. If another
-- transaction has locked a lane, its next check comes a minute later (app_private.lane_ready_at).
create or replace function app_private.wake_successors(tenants uuid[], keys text[], as_of timestamptz)
returns void language sql set search_path = pg_catalog, pg_temp as $$
  with due as (
    select head.tenant_id, head.lane, min(greatest(head.next_run_at, as_of)) as at
    from (
      select distinct k.* from unnest(tenants, keys) as k (tenant_id, key) where k.key is not null
    ) as freed
    cross join lateral (
      select e.tenant_id, e.lane, e.next_run_at, e.status
      from app_private.open_envelopes as e
      where e.tenant_id = freed.tenant_id and e.ordering_key = freed.key
      order by e.created_at, e.id
      limit 1
    ) as head
    where head.status = 'pending'
    group by 1, 2
  ), free as (
    select l.tenant_id, l.lane
    from app_private.lanes as l
    where (l.tenant_id, l.lane) in (select d.tenant_id, d.lane from due as d) and l.worker_id is null
    order by l.tenant_id, l.lane
    for update skip locked
  )
  update app_private.lanes as l
  set ready_at = d.at, set_at = as_of
  from free as f
  join due as d on d.tenant_id = f.tenant_id and d.lane = f.lane
  where l.tenant_id = f.tenant_id and l.lane = f.lane and (l.ready_at is null or l.ready_at > d.at)
$$;
revoke all on function app_private.wake_successors from public;
