-- Seconds until the next envelope is due or the next lease expires. Negative if this time has passed; null if there is
-- no such envelope or lease. A lane with an infinite `ready_at` is ignored: our functions never write that value.
-- call: repeatable
create or replace function worker_api.due_in(tenant uuid default null, as_of timestamptz default null)
returns double precision language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select extract(epoch from min(l.ready_at) - coalesce(as_of, now()))::double precision
  from app_private.lanes as l
  where (due_in.tenant is null or l.tenant_id = due_in.tenant) and isfinite(l.ready_at)
$$;
revoke all on function worker_api.due_in from public;
grant execute on function worker_api.due_in to service_role, app_rw, outbox_worker;
