-- These envelopes no longer block their ordering key: tell the lane of whichever envelope heads it now. That lane lines
-- up at `as_of`, behind those that wait already, however long ago the envelope became due.
create or replace function app_private.wake_successors(tenants uuid[], keys text[], as_of timestamptz)
returns void language sql set search_path = pg_catalog, pg_temp as $$
  select app_private.wake_lanes(array_agg(head.tenant_id), array_agg(head.lane), array_agg(greatest(head.next_run_at, as_of)))
  from (select distinct * from unnest(tenants, keys) as k (tenant_id, key)) as freed
  cross join lateral (
    select e.tenant_id, e.lane, e.next_run_at, e.status
    from app_private.open_envelopes as e
    where e.tenant_id = freed.tenant_id and e.ordering_key = freed.key
    order by e.created_at, e.id
    limit 1
  ) as head
  where head.status = 'pending'
  having count(*) > 0
$$;
revoke all on function app_private.wake_successors from public;
