-- The records and messages of a tenant, or of one run, that could not be processed, the newest first.
-- call: replica
create or replace function autopilot.list_failures(
  tenant uuid default null, run uuid default null, max_failures integer default 50
)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select coalesce(jsonb_agg(to_jsonb(f) order by f.created_at desc, f.id), '[]')
  from (
    select f.* from autopilot.message_processing_failures as f
    where f.organization_id = autopilot.tenant_of(list_failures.tenant)
      and (list_failures.run is null or f.run_id = list_failures.run)
    order by f.created_at desc, f.id
    limit least(max_failures, 1000)
  ) as f
$$;
revoke all on function autopilot.list_failures from public;
grant execute on function autopilot.list_failures to authenticated, service_role, app_rw, app_ro;
