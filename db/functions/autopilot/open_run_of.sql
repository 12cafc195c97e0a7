-- The id of the open run of a connection: the run that is pending or running. Null if there is none.
-- call: internal
create or replace function autopilot.open_run_of(organization uuid, connection uuid)
returns uuid
language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select r.id from autopilot.ingestion_runs as r
  where r.organization_id = organization and r.data_source_connection_id = connection
    and r.status in ('pending', 'running')
$$;
revoke all on function autopilot.open_run_of from public;
