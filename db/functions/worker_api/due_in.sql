-- How long until some lane has something for a worker: due work, or a lease that runs out. Null: nothing in sight.
create or replace function worker_api.due_in(tenant uuid default null, as_of timestamptz default null)
returns interval language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select min(l.ready_at) - coalesce(as_of, now())
  from app_private.lanes as l
  where due_in.tenant is null or l.tenant_id = due_in.tenant
$$;
revoke all on function worker_api.due_in from public;
grant execute on function worker_api.due_in to service_role, outbox_worker;
