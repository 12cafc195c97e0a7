-- The statuses with which tickets of a tenant that are in a cluster and have no resolution may be open. Each has `key`,
-- the md5 of the status as it is in the indexes of such tickets, and `is_sure`: it means open for every type of
-- connection, so that is_open() need not be asked. Lists read the tickets of these statuses only: a ticket system
-- without times of resolution may have a million tickets that are closed by their status alone.
-- call: internal
create or replace function autopilot.open_statuses(organization uuid)
returns table (key text, is_sure boolean)
language plpgsql stable
-- one look into idx_tickets_unresolved for each status
set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off
set plan_cache_mode = force_generic_plan as $$
declare
  types constant text[] := array(
    select distinct c.connection_type from autopilot.data_source_connections as c where c.organization_id = organization
  ) || null::text;
  status text;
  is_open boolean;
begin
  key := '';
  loop
    select t.external_status into status
    from autopilot.tickets as t
    where t.organization_id = organization and t.resolved_at is null and t.resolution is null
      and (t.cluster_id is null) is false and md5(t.external_status) > open_statuses.key
    order by md5(t.external_status) limit 1;
    exit when not found;
    key := md5(status);
    select bool_or(m.is_open), bool_and(m.is_open) into is_open, is_sure
    from (
      select autopilot.means_open(organization, o.connection_type, status) as is_open from unnest(types) as o (connection_type)
    ) as m;
    if is_open then
      return next;
    end if;
  end loop;
end
$$;
revoke all on function autopilot.open_statuses from public;
grant execute on function autopilot.open_statuses to authenticated, service_role, app_rw, app_ro;
