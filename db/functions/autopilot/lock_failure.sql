-- Lock a failure that waits for a person or for a redrive. Raises PT404, and PT409 if it was redriven or dismissed.
-- Returns the failure.
-- call: internal
create or replace function autopilot.lock_failure(organization uuid, failure uuid)
returns autopilot.message_processing_failures
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  locked autopilot.message_processing_failures;
begin
  select * into locked from autopilot.message_processing_failures as f
  where f.organization_id = organization and f.id = failure for update;
  if not found then
    raise exception 'failure: no failure %', failure using errcode = 'PT404';
  elsif locked.redriven_at is not null then
    raise exception 'failure: it was processed again already' using errcode = 'PT409';
  elsif locked.dismissed_at is not null then
    raise exception 'failure: it was dismissed already' using errcode = 'PT409';
  end if;
  return locked;
end
$$;
revoke all on function autopilot.lock_failure from public;
