-- Lock a run for the worker that holds its lease. Raises PT404. Raises PT409 if the run is not running, if its lease
-- has expired, or if the run has been claimed again since (another `lease_token`). Returns the run.
-- call: internal
create or replace function autopilot.lock_leased(
  organization uuid, run uuid, lease_token integer, moment timestamptz
)
returns autopilot.ingestion_runs
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  locked autopilot.ingestion_runs;
begin
  select * into locked from autopilot.ingestion_runs as r
  where r.organization_id = organization and r.id = lock_leased.run for update;
  if not found then
    raise exception 'run: no run %', run using errcode = 'PT404';
  elsif locked.status <> 'running' then
    raise exception 'run: it is %', locked.status using errcode = 'PT409';
  elsif locked.lease_token <> lock_leased.lease_token or locked.lease_until <= moment then
    raise exception 'run: the lease expired' using errcode = 'PT409';
  end if;
  return locked;
end
$$;
revoke all on function autopilot.lock_leased from public;
