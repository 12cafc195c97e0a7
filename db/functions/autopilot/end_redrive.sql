-- Record the result of what redrive_failure asked for. Without `code`, the record or message was processed, and the
-- failure has ended. With `code`, it failed again for this reason, and the failure waits for a person. A failure that
-- has ended or was dismissed meanwhile stays as it is. For workers. Raises PT404. Returns the failure.
-- call: repeatable
create or replace function autopilot.end_redrive(
  tenant uuid, failure uuid, code text default null, detail text default null, actor_id text default null,
  door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := coalesce(as_of, now());
  ended autopilot.message_processing_failures;
begin
  perform app_private.act_by('system', end_redrive.actor_id, end_redrive.door);
  select * into ended from autopilot.message_processing_failures as f
  where f.organization_id = tenant and f.id = failure for update;
  if not found then
    raise exception 'failure: no failure %', failure using errcode = 'PT404';
  elsif ended.redriven_at is not null or ended.dismissed_at is not null then
    return to_jsonb(ended);
  end if;
  update autopilot.message_processing_failures as f
  set
    redriven_at = case when end_redrive.code is null then moment end,
    redriven_by = case when end_redrive.code is null then f.redrive_requested_by end,
    redrive_requested_at = case when end_redrive.code is null then f.redrive_requested_at end,
    redrive_requested_by = case when end_redrive.code is null then f.redrive_requested_by end,
    code = coalesce(end_redrive.code, f.code),
    detail = case when end_redrive.code is null then f.detail else left(coalesce(end_redrive.detail, ''), 4000) end
  where f.organization_id = ended.organization_id and f.id = ended.id
  returning f.* into ended;
  perform autopilot.add_audit(
    ended.organization_id, 'system', end_redrive.actor_id,
    case when ended.redriven_at is null then 'failure.failed_again' else 'failure.redriven' end,
    jsonb_build_object('failure_id', ended.id, 'code', ended.code), moment
  );
  return to_jsonb(ended);
end
$$;
revoke all on function autopilot.end_redrive from public;
grant execute on function autopilot.end_redrive to service_role, app_rw;
