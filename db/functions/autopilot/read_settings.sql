-- How autopilot works for a tenant: its settings, or the defaults.
-- call: replica
create or replace function autopilot.read_settings(tenant uuid default null)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select to_jsonb(autopilot.settings_of(autopilot.tenant_of(read_settings.tenant)))
$$;
revoke all on function autopilot.read_settings from public;
grant execute on function autopilot.read_settings to authenticated, service_role, app_rw, app_ro;
