-- Extend the lease of a run, and store about how many tickets it will read (`records_estimated`). With a `lease_for` of
-- 0 the worker gives the run back, which does not count as a lost lease. For the worker that holds the lease. Raises
-- PT404, and PT409 if the lease was lost or the run was cancelled. Returns the run.
-- call: repeatable
create or replace function autopilot.renew_run(
  tenant uuid, run uuid, lease_token integer, lease_for interval, records_estimated integer default null,
  as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := coalesce(as_of, now());
  locked autopilot.ingestion_runs;
begin
  locked := autopilot.lock_leased(tenant, run, renew_run.lease_token, moment);
  update autopilot.ingestion_runs as r
  set
    lease_until = moment + lease_for,
    attempts = greatest(r.attempts - case when lease_for <= interval '0' then 1 else 0 end, 0),
    records_estimated = coalesce(renew_run.records_estimated, r.records_estimated)
  where r.organization_id = locked.organization_id and r.id = locked.id
  returning r.* into locked;
  return to_jsonb(locked);
end
$$;
revoke all on function autopilot.renew_run from public;
grant execute on function autopilot.renew_run to service_role, app_rw;
