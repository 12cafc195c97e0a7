-- Add a connection to a ticket system. `connection_type` is servicenow, jira or csv. `options` has what a sync needs,
-- and no secret. Without `sync_every_minutes`, a sync starts only when somebody asks for it. For owners. Raises PT400,
-- PT403, and PT409 if the name is taken. Returns the connection.
-- call: not repeatable
create or replace function autopilot.add_connection(
  tenant uuid default null, name text default null, connection_type text default null, options jsonb default '{}',
  sync_every_minutes integer default null, actor_type text default 'operator', actor_id text default null,
  door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  added autopilot.data_source_connections;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner');
  perform app_private.check_texts('name', add_connection.name);
  if length(coalesce(add_connection.name, '')) not between 1 and 255 then
    raise exception 'name: must have 1 to 255 characters' using errcode = 'PT400';
  elsif coalesce(add_connection.connection_type, '') not in ('servicenow', 'jira', 'csv') then
    raise exception 'connection_type: must be servicenow, jira or csv' using errcode = 'PT400';
  elsif add_connection.sync_every_minutes not between 1 and 525600 then
    raise exception 'sync_every_minutes: must be from 1 to 525600' using errcode = 'PT400';
  end if;
  perform autopilot.check_options(options);
  insert into autopilot.data_source_connections as c (
    organization_id, name, connection_type, latest_options, sync_every_minutes, created_at, updated_at
  )
  values (
    caller.tenant_id, add_connection.name, add_connection.connection_type, options, add_connection.sync_every_minutes,
    moment, moment
  )
  on conflict on constraint uq_data_source_connections_name do nothing
  returning c.* into added;
  if not found then
    raise exception 'name: there is a connection named %', add_connection.name using errcode = 'PT409';
  end if;
  perform autopilot.add_audit(
    added.organization_id, caller.actor_type, caller.actor_id, 'ticket_connection.added',
    jsonb_build_object('connection_id', added.id, 'connection_type', added.connection_type), moment
  );
  return to_jsonb(added);
end
$$;
revoke all on function autopilot.add_connection from public;
grant execute on function autopilot.add_connection to authenticated, service_role, app_rw;
