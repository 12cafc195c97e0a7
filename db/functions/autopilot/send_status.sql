-- Send the message `ticket_ingestion`: how far a run is, or how it ended. It has only the keys of the published
-- contract; the run itself has more, such as why it failed.
-- call: internal
create or replace function autopilot.send_status(
  run autopilot.ingestion_runs, actor_type text, actor_id text, as_of timestamptz
)
returns void
language sql set search_path = pg_catalog, pg_temp as $$
  select autopilot.send_message(
    (run).organization_id, (autopilot.settings_of((run).organization_id)).status_tool_slug,
    format('ticket_ingestion:%s:%s:%s', (run).id, (run).status, (run).batches), (run).id::text,
    jsonb_build_object(
      'type', 'ticket_ingestion', 'tenant_id', (run).organization_id, 'user_id', (run).started_by,
      'ingestion_run_id', (run).id, 'status', (run).status, 'records_processed', (run).records_processed
    ),
    send_status.actor_type, send_status.actor_id, send_status.as_of
  )
$$;
revoke all on function autopilot.send_status from public;
