-- Whether our worker has something to do: a sync is due; a run of our own is pending or its lease has expired; or any
-- run has lasted longer than the tenant's `run_hours`. For the scheduler, over all tenants.
-- call: repeatable
create or replace function autopilot.runs_wait(as_of timestamptz default null)
returns boolean
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  moment constant timestamptz := coalesce(as_of, now());
begin
  return exists (
    select from autopilot.ingestion_runs as r
    where r.status in ('pending', 'running') and (
      r.envelope_id is null and (r.status = 'pending' or r.lease_until <= moment)
      or coalesce(r.started_at, r.created_at)
        <= moment - (autopilot.settings_of(r.organization_id)).run_hours * interval '1 hour'
    )
  ) or exists (select from autopilot.due_connections(moment));
end
$$;
revoke all on function autopilot.runs_wait from public;
grant execute on function autopilot.runs_wait to service_role, app_rw;
