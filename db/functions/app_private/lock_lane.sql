-- Lock the lane of an envelope. Returns whether the envelope is in flight; null if there is no such envelope. Callers
-- lock the lane before the row of the envelope, as workers do. So one waits for the other, and they cannot deadlock.
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
