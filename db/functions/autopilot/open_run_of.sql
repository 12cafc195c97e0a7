-- The run of a connection that has not ended, if there is one.
-- call: internal
create or replace function autopilot.open_run_of(organization uuid, connection uuid)
returns uuid
language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select r.id from autopilot.ingestion_runs as r
  where r.organization_id = organization and r.data_source_connection_id = connection
    and r.status in ('pending', 'running')
$$;
revoke all on function autopilot.open_run_of from public;
