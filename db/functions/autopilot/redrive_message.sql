-- Process a message of one of the three queues again, as redrive_failure asked for. If it is still wrong, the failure
-- gets the new reason and waits for a person. For workers. Raises PT404, and PT409 if the failure is no message of a
-- queue. Returns the failure.
-- call: repeatable
create or replace function autopilot.redrive_message(
  tenant uuid, failure uuid, actor_id text default null, door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := coalesce(as_of, now());
  failed autopilot.message_processing_failures;
  outcome text;
  problem record;
begin
  perform app_private.act_by('system', redrive_message.actor_id, redrive_message.door);
  perform pg_advisory_xact_lock(hashtextextended(tenant::text, 72));
  select * into failed from autopilot.message_processing_failures as f
  where f.organization_id = redrive_message.tenant and f.id = redrive_message.failure;
  if not found then
    raise exception 'failure: no failure %', failure using errcode = 'PT404';
  elsif failed.source not in ('data_source_status', 'cluster_notification', 'enrichment_notification') then
    raise exception 'failure: it is no message of a queue' using errcode = 'PT409';
  elsif failed.redriven_at is null and failed.dismissed_at is null then
    outcome := autopilot.receive_message(
      tenant, failed.source, coalesce(failed.external_id, failed.id::text), failed.payload, null, null, true, moment
    );
    if outcome = 'failed' then
      select * into problem from autopilot.message_problem(tenant, failed.source, failed.payload);
    end if;
  end if;
  return autopilot.end_redrive(
    tenant, failed.id, case when outcome = 'failed' then problem.code end,
    case when outcome = 'failed' then problem.detail end, redrive_message.actor_id, redrive_message.door,
    redrive_message.as_of
  );
end
$$;
revoke all on function autopilot.redrive_message from public;
grant execute on function autopilot.redrive_message to service_role, app_rw;
