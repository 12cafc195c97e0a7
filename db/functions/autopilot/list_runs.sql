-- The runs of a tenant, or of one connection, the newest first.
-- call: replica
create or replace function autopilot.list_runs(
  tenant uuid default null, connection uuid default null, max_runs integer default 50
)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select coalesce(jsonb_agg(to_jsonb(r) order by r.created_at desc, r.id), '[]')
  from (
    select r.* from autopilot.ingestion_runs as r
    where r.organization_id = autopilot.tenant_of(list_runs.tenant)
      and (list_runs.connection is null or r.data_source_connection_id = list_runs.connection)
    order by r.created_at desc, r.id
    limit least(max_runs, 1000)
  ) as r
$$;
revoke all on function autopilot.list_runs from public;
grant execute on function autopilot.list_runs to authenticated, service_role, app_rw, app_ro;
