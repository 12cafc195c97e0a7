-- Takes requests for a redrive, dismissals and vanished tickets away; runs, tickets and failures stay.
do $$
declare
  one regprocedure;
begin
  for one in select p.oid from pg_catalog.pg_proc as p where p.pronamespace = 'autopilot'::regnamespace loop
    execute format('drop function %s', one);
  end loop;
end
$$;
drop index autopilot.idx_message_processing_failures_open, autopilot.idx_message_processing_failures_same,
  autopilot.idx_message_processing_failures_requested, autopilot.idx_ingestion_runs_of_connection;
alter table autopilot.message_processing_failures drop column redrive_requested_at, drop column redrive_requested_by,
  drop column dismissed_at, drop column dismissed_by;
alter table autopilot.tickets drop column vanished_at;
alter table autopilot.data_source_connections drop column ids_listed_at;
alter table autopilot.ingestion_runs drop column attempts;
update autopilot.ingestion_runs set cursor = null where octet_length(cursor::text) > 16384;
update autopilot.data_source_connections set cursor = null where octet_length(cursor::text) > 16384;
alter table autopilot.ingestion_runs
  drop constraint ingestion_runs_cursor_check,
  add constraint ingestion_runs_cursor_check
    check (jsonb_typeof(cursor) = 'object' and octet_length(cursor::text) <= 16384);
alter table autopilot.data_source_connections
  drop constraint data_source_connections_cursor_check,
  add constraint data_source_connections_cursor_check
    check (jsonb_typeof(cursor) = 'object' and octet_length(cursor::text) <= 16384);
