-- Lock a connection of this organization, so that no sync starts meanwhile. Raises PT404. Returns the connection.
-- call: internal
create or replace function autopilot.lock_connection(organization uuid, connection uuid)
returns autopilot.data_source_connections
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  locked autopilot.data_source_connections;
begin
  select * into locked from autopilot.data_source_connections as c
  where c.organization_id = organization and c.id = connection for no key update;
  if not found then
    raise exception 'connection: no connection %', connection using errcode = 'PT404';
  end if;
  return locked;
end
$$;
revoke all on function autopilot.lock_connection from public;
