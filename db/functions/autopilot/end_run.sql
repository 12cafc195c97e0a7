-- End a run that the caller has locked: set its status, append an audit row, and send the message `ticket_ingestion`.
-- The connection gets the run's cursor, however the run ended, because everything before the cursor is stored. Only
-- after `settings_invalid` it gets none, so the next sync reads every ticket. A sync that ends with
-- `tickets_below_threshold` has read all tickets, like a completed one. Returns the run.
-- call: internal
create or replace function autopilot.end_run(
  run autopilot.ingestion_runs, status text, error_message text, error_detail jsonb, actor_type text, actor_id text,
  as_of timestamptz
)
returns autopilot.ingestion_runs
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  moment constant timestamptz := coalesce(as_of, now());
  read_all constant boolean := end_run.status = 'completed' or end_run.error_message = 'tickets_below_threshold';
  ended autopilot.ingestion_runs;
begin
  update autopilot.ingestion_runs as r
  set
    status = end_run.status, error_message = end_run.error_message, error_detail = end_run.error_detail,
    completed_at = moment, lease_until = null, worker_id = null
  where r.organization_id = (end_run.run).organization_id and r.id = (end_run.run).id
  returning r.* into ended;
  update autopilot.data_source_connections as c
  set
    cursor = case when ended.error_message is distinct from 'settings_invalid' then ended.cursor end,
    last_sync_at = case when read_all then moment else c.last_sync_at end,
    ids_listed_at = case when read_all then coalesce(c.ids_listed_at, moment) else c.ids_listed_at end
  where c.organization_id = ended.organization_id and c.id = ended.data_source_connection_id
    and ended.envelope_id is null;
  perform autopilot.add_audit(
    ended.organization_id, end_run.actor_type, end_run.actor_id, 'ingestion_run.' || ended.status, jsonb_build_object(
      'run_id', ended.id, 'connection_id', ended.data_source_connection_id, 'error', ended.error_message,
      'records_processed', ended.records_processed, 'records_failed', ended.records_failed
    ), moment
  );
  perform autopilot.send_status(ended, end_run.actor_type, end_run.actor_id, end_run.as_of);
  return ended;
end
$$;
revoke all on function autopilot.end_run from public;
