-- The first `at_most` envelopes of a lane that are due and not in flight, in the order of execution. An envelope with
-- an ordering key is due only when no older open envelope has the same key.
create or replace function app_private.due_in_lane(
  tenant uuid, lane smallint, in_flight uuid[], as_of timestamptz, at_most integer
)
returns uuid[] language sql stable set search_path = pg_catalog, pg_temp as $$
  select array_agg(due.id order by due.next_run_at, due.id)
  from (
    select e.id, e.next_run_at
    from app_private.open_envelopes as e
    where e.tenant_id = due_in_lane.tenant
      and e.lane = due_in_lane.lane
      and e.status = 'pending'
      and not e.waits   -- the index has only these, so the cost does not grow with the envelopes that wait
      and e.next_run_at <= as_of
      and e.id <> all (in_flight)
      and (e.ordering_key is null or not exists (
        select from app_private.open_envelopes as older
        where older.tenant_id = e.tenant_id
          and older.ordering_key = e.ordering_key
          and (older.created_at, older.id) < (e.created_at, e.id)
      ))
    order by e.next_run_at, e.id
    limit at_most
  ) as due
$$;
revoke all on function app_private.due_in_lane from public;
