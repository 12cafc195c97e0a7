-- One run of a tenant, without its cursor; null if the tenant has no such run.
-- call: replica
create or replace function autopilot.read_run(run uuid, tenant uuid default null)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select to_jsonb(r) - 'cursor' from autopilot.ingestion_runs as r
  where r.organization_id = autopilot.tenant_of(read_run.tenant) and r.id = read_run.run
$$;
revoke all on function autopilot.read_run from public;
grant execute on function autopilot.read_run to authenticated, service_role, app_rw, app_ro;
