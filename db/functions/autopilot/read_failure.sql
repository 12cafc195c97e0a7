-- One failure of a tenant with its payload; null if the tenant has no such failure.
-- call: replica
create or replace function autopilot.read_failure(failure uuid, tenant uuid default null)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select to_jsonb(f) from autopilot.message_processing_failures as f
  where f.organization_id = autopilot.tenant_of(read_failure.tenant) and f.id = read_failure.failure
$$;
revoke all on function autopilot.read_failure from public;
grant execute on function autopilot.read_failure to authenticated, service_role, app_rw, app_ro;
