-- Takes the columns and tables of 065 away. Cancelled runs become failed ones, and connections to CSV files go.
do $$
declare
  one regprocedure;
begin
  for one in select p.oid from pg_catalog.pg_proc as p where p.pronamespace = 'autopilot'::regnamespace loop
    execute format('drop function %s', one);
  end loop;
end
$$;
drop table autopilot.message_processing_failures, autopilot.settings, autopilot.value_mappings;
drop index autopilot.idx_tickets_recent, autopilot.idx_tickets_unclassified;
alter table autopilot.tickets
  drop column content_hash, drop column description, drop column priority, drop column requester, drop column assignee, drop column resolution,
  drop column source_created_at, drop column source_updated_at, drop column resolved_at,
  drop column classified_hash, drop column score, drop column response_state, drop column response_envelope_id,
  drop column verdict, drop column verdict_by, drop column verdict_at, drop column verdict_lineage_id;
drop index autopilot.uq_ingestion_runs_open, autopilot.uq_ingestion_runs_rebuild, autopilot.idx_ingestion_runs_open,
  autopilot.idx_ingestion_runs_recent;
update autopilot.ingestion_runs set status = 'failed', error_message = 'cancelled' where status = 'cancelled';
alter table autopilot.ingestion_runs
  drop constraint ingestion_runs_status_check,
  drop constraint ingestion_runs_completed_check,
  drop column kind, drop column started_at, drop column records_estimated, drop column cursor, drop column batches,
  drop column worker_id, drop column lease_until, drop column lease_token, drop column envelope_id,
  add constraint ingestion_runs_status_check check (status in ('pending', 'running', 'completed', 'failed')),
  add constraint ingestion_runs_completed_check check (completed_at is null or status in ('completed', 'failed'));
delete from autopilot.data_source_connections where connection_type = 'csv';
alter table autopilot.data_source_connections
  drop constraint data_source_connections_connection_type_check,
  drop column name, drop column is_enabled, drop column sync_every_minutes, drop column cursor,
  drop column last_sync_at,
  add constraint data_source_connections_connection_type_check check (connection_type in ('servicenow', 'jira'));
