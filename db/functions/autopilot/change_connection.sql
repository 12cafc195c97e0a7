-- Change a connection; null arguments change nothing. `sync_every_minutes` 0 means that a sync starts only when
-- somebody asks for it. `is_enabled` false means that no new sync starts; an open run continues. `starts_over` deletes
-- the cursor, so that the next sync reads every ticket. With `replaces`, the connection must still be as the caller read
-- it: {name, latest_options, is_enabled, sync_every_minutes}. For owners. Raises PT404, PT403, PT400, and PT409 if the
-- connection has changed, if the name is taken, or if it is to start over while a run is open. Returns the connection.
-- call: repeatable
create or replace function autopilot.change_connection(
  connection uuid, tenant uuid default null, name text default null, options jsonb default null,
  is_enabled boolean default null, sync_every_minutes integer default null, starts_over boolean default false,
  replaces jsonb default null, actor_type text default 'operator', actor_id text default null, door text default null,
  as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  before autopilot.data_source_connections;
  changed autopilot.data_source_connections;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner');
  perform app_private.check_texts('name', change_connection.name);
  if length(change_connection.name) not between 1 and 255 then
    raise exception 'name: must have 1 to 255 characters' using errcode = 'PT400';
  elsif change_connection.sync_every_minutes not between 0 and 525600 then
    raise exception 'sync_every_minutes: must be from 0 to 525600' using errcode = 'PT400';
  elsif options is not null then
    perform autopilot.check_options(options);
  end if;
  before := autopilot.lock_connection(caller.tenant_id, connection);
  if change_connection.replaces <> jsonb_build_object(
    'name', before.name, 'latest_options', before.latest_options, 'is_enabled', before.is_enabled,
    'sync_every_minutes', before.sync_every_minutes
  ) then
    raise exception 'replaces: the connection has changed meanwhile' using errcode = 'PT409';
  elsif exists (
    select from autopilot.data_source_connections as c
    where c.organization_id = before.organization_id and c.name = change_connection.name and c.id <> before.id
  ) then
    raise exception 'name: there is a connection named %', change_connection.name using errcode = 'PT409';
  elsif starts_over and autopilot.open_run_of(before.organization_id, before.id) is not null then
    raise exception 'connection: run % is open; cancel it first', autopilot.open_run_of(before.organization_id, before.id)
      using errcode = 'PT409';
  end if;
  update autopilot.data_source_connections as c
  set
    name = coalesce(change_connection.name, c.name), latest_options = coalesce(options, c.latest_options),
    is_enabled = coalesce(change_connection.is_enabled, c.is_enabled),
    sync_every_minutes = nullif(coalesce(change_connection.sync_every_minutes, c.sync_every_minutes), 0),
    cursor = case when starts_over then null else c.cursor end
  where c.organization_id = before.organization_id and c.id = before.id
  returning c.* into changed;
  if to_jsonb(changed) - 'updated_at' <> to_jsonb(before) - 'updated_at' then
    perform autopilot.add_audit(
      changed.organization_id, caller.actor_type, caller.actor_id, 'ticket_connection.changed', jsonb_build_object(
        'connection_id', changed.id, 'is_enabled', changed.is_enabled, 'fields', (
          select jsonb_agg(n.key order by n.key) from jsonb_each(to_jsonb(changed) - 'updated_at') as n
          where n.value is distinct from to_jsonb(before) -> n.key
        )
      ), moment
    );
  end if;
  return to_jsonb(changed);
end
$$;
revoke all on function autopilot.change_connection from public;
grant execute on function autopilot.change_connection to authenticated, service_role, app_rw;
