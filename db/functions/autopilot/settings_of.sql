-- How autopilot works for an organization: its settings, or the defaults.
-- call: internal
create or replace function autopilot.settings_of(organization uuid)
returns autopilot.settings
language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select coalesce(
    (select s from autopilot.settings as s where s.organization_id = organization),
    row(organization, 100, 16, 80, 24, null, null, null, null, now(), now(), null, null, 15, 0)::autopilot.settings
  )
$$;
revoke all on function autopilot.settings_of from public;
grant execute on function autopilot.settings_of to authenticated, service_role, app_rw, app_ro;
