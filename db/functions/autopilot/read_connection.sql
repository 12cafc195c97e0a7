-- One connection of a tenant, with its open run (`open_run_id`) and without its cursor; null if the tenant has no such
-- connection.
-- call: replica
create or replace function autopilot.read_connection(connection uuid, tenant uuid default null)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select to_jsonb(c) - 'cursor' || jsonb_build_object('open_run_id', r.id)
  from autopilot.data_source_connections as c
  left join autopilot.ingestion_runs as r on r.organization_id = c.organization_id
    and r.data_source_connection_id = c.id and r.status in ('pending', 'running')
  where c.organization_id = autopilot.tenant_of(read_connection.tenant) and c.id = read_connection.connection
$$;
revoke all on function autopilot.read_connection from public;
grant execute on function autopilot.read_connection to authenticated, service_role, app_rw, app_ro;
