-- The connections of a tenant, by name, each with its open run (`open_run_id`) and without its cursor.
-- call: replica
create or replace function autopilot.list_connections(tenant uuid default null)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select coalesce(jsonb_agg(
    to_jsonb(c) - 'cursor' || jsonb_build_object('open_run_id', r.id) order by c.name, c.id
  ), '[]')
  from autopilot.data_source_connections as c
  left join autopilot.ingestion_runs as r on r.organization_id = c.organization_id
    and r.data_source_connection_id = c.id and r.status in ('pending', 'running')
  where c.organization_id = autopilot.tenant_of(list_connections.tenant)
$$;
revoke all on function autopilot.list_connections from public;
grant execute on function autopilot.list_connections to authenticated, service_role, app_rw, app_ro;
