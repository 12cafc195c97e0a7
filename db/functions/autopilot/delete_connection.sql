-- Delete a connection. Its tickets and runs stay, without a connection. For owners. Raises PT404, PT403, and PT409
-- while one of its runs is open. Returns {deleted}: the id.
-- call: not repeatable
create or replace function autopilot.delete_connection(
  connection uuid, tenant uuid default null, actor_type text default 'operator', actor_id text default null,
  door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  locked autopilot.data_source_connections;
  run uuid;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner');
  locked := autopilot.lock_connection(caller.tenant_id, connection);
  run := autopilot.open_run_of(locked.organization_id, locked.id);
  if run is not null then
    raise exception 'connection: run % is open; cancel it first', run using errcode = 'PT409';
  end if;
  delete from autopilot.data_source_connections as c
  where c.organization_id = locked.organization_id and c.id = locked.id;
  perform autopilot.add_audit(
    locked.organization_id, caller.actor_type, caller.actor_id, 'ticket_connection.deleted',
    jsonb_build_object('connection_id', locked.id, 'connection_type', locked.connection_type), moment
  );
  return jsonb_build_object('deleted', locked.id);
end
$$;
revoke all on function autopilot.delete_connection from public;
grant execute on function autopilot.delete_connection to authenticated, service_role, app_rw;
