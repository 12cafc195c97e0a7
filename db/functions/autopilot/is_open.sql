-- Whether a ticket is still to be solved: it has neither a time nor a text of a resolution, and its status does not
-- mean resolved or closed.
-- call: internal
create or replace function autopilot.is_open(ticket autopilot.tickets)
returns boolean
language plpgsql stable
-- called for each row of a list, so it is planned once
set search_path = pg_catalog, pg_temp set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
begin
  return (ticket).resolved_at is null and (ticket).resolution is null and autopilot.means_open(
    (ticket).organization_id, (
      select c.connection_type from autopilot.data_source_connections as c
      where c.organization_id = (ticket).organization_id and c.id = (ticket).data_source_connection_id
    ), (ticket).external_status
  );
end
$$;
revoke all on function autopilot.is_open from public;
grant execute on function autopilot.is_open to authenticated, service_role, app_rw, app_ro;
