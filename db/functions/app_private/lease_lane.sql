-- Lease a lane to a worker under a new token. `lane` is the locked row of the lane. `picked` has the ids of the
-- envelopes that the worker gets. If the worker holds the lane already, its envelopes in flight stay in flight under
-- their older tokens. If `picked` is null, the lane has nothing to execute: it becomes free, and ready_at is computed
-- again.
-- A token is the time in microseconds since 1970, or the lane's last token plus one if that is higher. A counter would
-- give the same token again if the database lost a claim in a crash.
create or replace function app_private.lease_lane(
  lane app_private.lanes, picked uuid[], worker_id text, claim_id uuid, as_of timestamptz, lease_for interval
)
returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  new_token constant bigint := greatest(lane.token + 1, (extract(epoch from as_of) * 1000000)::bigint);
  is_mine constant boolean := coalesce(lane.worker_id = lease_lane.worker_id and lane.ready_at > as_of, false);
begin
  if picked is null then
    update app_private.lanes as l
    set worker_id = null, in_flight = '{}', tokens = '{}', sent = '{}',
        ready_at = app_private.lane_ready_at(l.tenant_id, l.lane, as_of), set_at = as_of
    where l.tenant_id = lane.tenant_id and l.lane = lane.lane;
    return;
  end if;
  update app_private.lanes as l
  set
    worker_id = lease_lane.worker_id,
    claim_id = lease_lane.claim_id,
    lost = lane.worker_id is not null and not is_mine,
    token = new_token,
    ready_at = as_of + lease_for,
    set_at = as_of,
    -- A lane that is taken over keeps the sent marks of the picked envelopes: they may have been executed.
    in_flight = case when is_mine then l.in_flight || picked else picked end,
    tokens = case when is_mine then l.tokens else '{}' end || array_fill(new_token, array[cardinality(picked)]),
    sent = case when is_mine then l.sent else array(select unnest(l.sent) intersect select unnest(picked)) end
  where l.tenant_id = lane.tenant_id and l.lane = lane.lane;
end
$$;
revoke all on function app_private.lease_lane from public;
