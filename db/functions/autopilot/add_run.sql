-- Add a run of a connection, or of all tickets (`connection` null). If the settings have `sync_tool_slug`, also enqueue
-- the message that asks the workflow to do the run. The calling function must have checked that no such run is open,
-- and must hold a lock, so that no other run starts meanwhile. Returns the run.
-- call: internal
create or replace function autopilot.add_run(
  organization uuid, connection autopilot.data_source_connections, kind text, actor_type text, actor_id text,
  as_of timestamptz
)
returns autopilot.ingestion_runs
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  moment constant timestamptz := coalesce(as_of, now());
  user_id constant text := case when add_run.actor_type <> 'system' then add_run.actor_id end;
  run_id constant uuid := gen_random_uuid();
  envelope uuid;
  run autopilot.ingestion_runs;
begin
  envelope := autopilot.send_message(
    organization, (autopilot.settings_of(organization)).sync_tool_slug, 'sync_tickets:' || run_id, run_id::text,
    jsonb_build_object(
      'source', 'rita-chat', 'action', 'sync_tickets', 'tenant_id', organization, 'user_id', user_id,
      'ingestion_run_id', run_id, 'connection_id', (add_run.connection).id,
      'connection_type', (add_run.connection).connection_type,
      'settings', coalesce((add_run.connection).latest_options, '{}')
    ) || case when add_run.kind = 'rebuild_model' then '{"rebuild_model": true}' else '{}' end::jsonb,
    add_run.actor_type, add_run.actor_id, add_run.as_of
  );
  insert into autopilot.ingestion_runs (
    organization_id, id, data_source_connection_id, started_by, kind, cursor, envelope_id, created_at, updated_at
  )
  values (
    organization, run_id, (add_run.connection).id, user_id, add_run.kind, (add_run.connection).cursor, envelope, moment,
    moment
  )
  returning * into run;
  perform autopilot.add_audit(
    organization, add_run.actor_type, add_run.actor_id, 'ingestion_run.started', jsonb_build_object(
      'run_id', run_id, 'connection_id', (add_run.connection).id, 'kind', add_run.kind, 'envelope_id', envelope
    ), moment
  );
  return run;
end
$$;
revoke all on function autopilot.add_run from public;
