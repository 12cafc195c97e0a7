-- Lock a dry-run for the worker that holds its lease. Raises PT404. Raises PT409 if the dry-run is not running, if its
-- lease has expired, or if it has been claimed again since (another `lease_token`). Returns the dry-run.
-- call: internal
create or replace function autopilot.lock_dry_run(
  organization uuid, dry_run uuid, lease_token integer, moment timestamptz
)
returns autopilot.dry_runs
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  locked autopilot.dry_runs;
begin
  select * into locked from autopilot.dry_runs as d
  where d.organization_id = organization and d.id = lock_dry_run.dry_run for update;
  if not found then
    raise exception 'dry_run: no dry-run %', dry_run using errcode = 'PT404';
  elsif locked.status <> 'running' then
    raise exception 'dry_run: it is %', locked.status using errcode = 'PT409';
  elsif locked.lease_token <> lock_dry_run.lease_token or locked.lease_until <= moment then
    raise exception 'dry_run: the lease expired' using errcode = 'PT409';
  end if;
  return locked;
end
$$;
revoke all on function autopilot.lock_dry_run from public;
