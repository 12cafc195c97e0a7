-- Whether a status of a ticket system means that the ticket is still to be solved. What a status means is in the
-- tenant's value mappings for this type of connection; for a status without a mapping, its own word counts.
-- call: internal
create or replace function autopilot.means_open(organization uuid, connection_type text, status text)
returns boolean
language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select coalesce(
    (
      select m.value from autopilot.value_mappings as m
      where m.organization_id = organization and m.connection_type = means_open.connection_type
        and m.field = 'status' and m.source_value = lower(btrim(status))
    ), case
      when lower(btrim(status)) in (
        'resolved', 'closed', 'done', 'solved', 'completed', 'complete', 'cancelled', 'canceled', 'closed complete',
        'closed incomplete', 'closed skipped', 'won''t do', 'duplicate'
      ) then 'closed' else 'open'
    end
  ) in ('open', 'pending')
$$;
revoke all on function autopilot.means_open from public;
grant execute on function autopilot.means_open to authenticated, service_role, app_rw, app_ro;
