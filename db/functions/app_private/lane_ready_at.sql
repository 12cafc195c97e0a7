-- The time at which a lane next has a due envelope: the earliest next_run_at of its pending envelopes that are the
-- first open ones of their ordering key, or have no ordering key.
-- If the lane has no such envelope, but a pending one that only waits for an envelope of another lane, the result is
-- one minute after `as_of`. Otherwise the result is null.
create or replace function app_private.lane_ready_at(tenant uuid, lane smallint, as_of timestamptz)
returns timestamptz language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce((
    select e.next_run_at
    from app_private.open_envelopes as e
    where e.tenant_id = lane_ready_at.tenant
      and e.lane = lane_ready_at.lane
      and e.status = 'pending'
      and not e.waits
      and (e.ordering_key is null or not exists (
        select from app_private.open_envelopes as older
        where older.tenant_id = e.tenant_id
          and older.ordering_key = e.ordering_key
          and (older.created_at, older.id) < (e.created_at, e.id)
      ))
    order by e.next_run_at, e.id
    limit 1
  ), (   -- usually the other lane wakes this one, but it skips this lane if the lane is locked at that moment
    select as_of + interval '1 minute'
    from app_private.open_envelopes as e
    where e.tenant_id = lane_ready_at.tenant and e.lane = lane_ready_at.lane and e.status = 'pending' and not e.waits
    limit 1
  ))
$$;
revoke all on function app_private.lane_ready_at from public;
