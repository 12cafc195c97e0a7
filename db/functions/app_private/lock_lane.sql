-- Lock the lane of an envelope and say whether a worker holds that envelope now; null where there is no such envelope.
-- Before the envelope's own row, as workers do: two who lock in one order wait for each other instead of deadlocking.
create or replace function app_private.lock_lane(tenant uuid, envelope uuid)
returns boolean language sql set search_path = pg_catalog, pg_temp as $$
  select l.worker_id is not null and lock_lane.envelope = any (l.in_flight)
  from app_private.lanes as l
  where (l.tenant_id, l.lane) = (
    select o.tenant_id, o.lane from public.outbox as o where o.id = lock_lane.envelope and o.tenant_id = lock_lane.tenant
  )
  for update
$$;
revoke all on function app_private.lock_lane from public;
