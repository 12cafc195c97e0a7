-- After the database's clock was set back, stored times lie too far in the future. This function corrects the times of
-- lanes and renewals:
-- - A leased lane and a renewal keep their length, counted from now.
-- - In a free lane, envelopes that were due before the change become due now, and ready_at is computed again.
-- Changes at most 500 lanes per call and skips locked ones.
create or replace function app_private.adjust_to_clock(as_of timestamptz)
returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  lane app_private.lanes;
begin
  for lane in
    select l.* from app_private.lanes as l
    where l.set_at > as_of + interval '1 minute'
    order by l.set_at desc
    limit 500
    for update skip locked
  loop
    if lane.worker_id is null then
      update public.outbox as o
      set next_run_at = as_of
      from app_private.open_envelopes as e
      where e.tenant_id = lane.tenant_id and e.lane = lane.lane and e.status = 'pending' and e.next_run_at > as_of
        and o.tenant_id = e.tenant_id and o.id = e.id and o.updated_at > as_of and o.next_run_at <= o.updated_at;
    end if;
    update app_private.lanes as l
    set
      set_at = as_of,
      ready_at = case
        when lane.worker_id is not null and isfinite(lane.ready_at) and isfinite(lane.set_at)
          then as_of + (lane.ready_at - lane.set_at)
        when lane.worker_id is not null then as_of
        else app_private.lane_ready_at(lane.tenant_id, lane.lane, as_of)
      end
    where l.tenant_id = lane.tenant_id and l.lane = lane.lane;
  end loop;
  update app_private.renewals as r
  set set_at = as_of, until = as_of + (r.until - r.set_at)
  from (
    select renewal.worker_id from app_private.renewals as renewal
    where renewal.set_at > as_of + interval '1 minute'
    for update skip locked
  ) as ahead
  where r.worker_id = ahead.worker_id;
end
$$;
revoke all on function app_private.adjust_to_clock from public;
