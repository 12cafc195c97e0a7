-- Whether a ticket is still to be solved: it has neither a time nor a text of a resolution, and its status does not
-- mean resolved or closed. What a status means is in the tenant's value mappings; for a status without a mapping, its
-- own word counts.
-- call: internal
create or replace function autopilot.is_open(ticket autopilot.tickets)
returns boolean
language plpgsql stable
-- called for each row of a list, so it is planned once
set search_path = pg_catalog, pg_temp set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
begin
  return (ticket).resolved_at is null and (ticket).resolution is null and coalesce(
    (
      select m.value
      from autopilot.data_source_connections as c
      join autopilot.value_mappings as m on m.organization_id = c.organization_id
        and m.connection_type = c.connection_type and m.field = 'status'
        and m.source_value = lower(btrim((ticket).external_status))
      where c.organization_id = (ticket).organization_id and c.id = (ticket).data_source_connection_id
    ), case
      when lower(btrim((ticket).external_status)) in (
        'resolved', 'closed', 'done', 'solved', 'completed', 'complete', 'cancelled', 'canceled', 'closed complete',
        'closed incomplete', 'closed skipped', 'won''t do', 'duplicate'
      ) then 'closed' else 'open'
    end
  ) in ('open', 'pending');
end
$$;
revoke all on function autopilot.is_open from public;
grant execute on function autopilot.is_open to authenticated, service_role, app_rw, app_ro;
