-- A dry-run; null if there is none with this id.
-- call: replica
create or replace function autopilot.read_dry_run(dry_run uuid, tenant uuid default null)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select to_jsonb(d) from autopilot.dry_runs as d
  where d.organization_id = autopilot.tenant_of(read_dry_run.tenant) and d.id = read_dry_run.dry_run
$$;
revoke all on function autopilot.read_dry_run from public;
grant execute on function autopilot.read_dry_run to authenticated, service_role, app_rw, app_ro;
