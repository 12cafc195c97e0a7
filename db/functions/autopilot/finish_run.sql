-- End a run with the status `completed` or `failed`. A failed run has a code in `error_message`, such as
-- `authentication_failed`, and may have the code's numbers in `error_detail`. The code `tickets_below_threshold` needs
-- {current_total_tickets, needed_total_tickets}. The next sync of the connection begins at the run's cursor: see
-- end_run. For the worker that holds the lease. Raises PT404, PT400, and PT409 if the lease was lost or the run was
-- cancelled. Returns the run, also if the same call is sent again.
-- call: repeatable
create or replace function autopilot.finish_run(
  tenant uuid, run uuid, lease_token integer, status text, error_message text default null,
  error_detail jsonb default null, actor_id text default null, door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := coalesce(as_of, now());
  locked autopilot.ingestion_runs;
begin
  perform app_private.act_by('system', finish_run.actor_id, finish_run.door);
  if coalesce(finish_run.status, '') not in ('completed', 'failed') then
    raise exception 'status: must be completed or failed' using errcode = 'PT400';
  elsif (finish_run.status = 'failed') <> (finish_run.error_message is not null) then
    raise exception 'error_message: is required for failed, and goes with nothing else' using errcode = 'PT400';
  elsif finish_run.error_message !~ '^[a-z][a-z0-9_]{0,63}$' then
    raise exception 'error_message: must be a code, such as authentication_failed' using errcode = 'PT400';
  elsif finish_run.error_message = 'tickets_below_threshold' and (
    jsonb_typeof(finish_run.error_detail -> 'current_total_tickets') is distinct from 'number'
    or jsonb_typeof(finish_run.error_detail -> 'needed_total_tickets') is distinct from 'number'
  ) then
    raise exception 'error_detail: needs current_total_tickets and needed_total_tickets' using errcode = 'PT400';
  end if;
  select * into locked from autopilot.ingestion_runs as r
  where r.organization_id = tenant and r.id = finish_run.run;
  if locked.status = finish_run.status and locked.lease_token = finish_run.lease_token then
    return to_jsonb(locked);   -- the same call was sent again
  end if;
  locked := autopilot.lock_leased(tenant, run, finish_run.lease_token, moment);
  return to_jsonb(autopilot.end_run(
    locked, finish_run.status, finish_run.error_message, finish_run.error_detail, 'system',
    coalesce(finish_run.actor_id, 'unnamed'), finish_run.as_of
  ));
end
$$;
revoke all on function autopilot.finish_run from public;
grant execute on function autopilot.finish_run to service_role, app_rw;
