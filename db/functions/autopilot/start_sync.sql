-- Start a sync of a connection: add a run and, if the settings have `sync_tool_slug`, enqueue its message
-- `sync_tickets` in the same transaction. For owners and reviewers. Raises PT404, PT403, and PT409 if the connection is
-- disabled or has an open run; the error has the id of the open run. Returns the run.
-- call: not repeatable
create or replace function autopilot.start_sync(
  connection uuid, tenant uuid default null, actor_type text default 'operator', actor_id text default null,
  door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  locked autopilot.data_source_connections;
  open_run uuid;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  locked := autopilot.lock_connection(caller.tenant_id, connection);
  open_run := autopilot.open_run_of(locked.organization_id, locked.id);
  if open_run is not null then
    raise exception 'connection: run % has not ended yet', open_run using errcode = 'PT409';
  elsif not locked.is_enabled then
    raise exception 'connection: it is disabled; enable it first' using errcode = 'PT409';
  end if;
  return to_jsonb(autopilot.add_run(
    locked.organization_id, locked, 'sync', caller.actor_type, coalesce(caller.actor_id, 'unnamed'), start_sync.as_of
  ));
end
$$;
revoke all on function autopilot.start_sync from public;
grant execute on function autopilot.start_sync to authenticated, service_role, app_rw;
