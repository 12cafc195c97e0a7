-- Lease the oldest run that our own worker has to do: a run that is pending, or whose lease has expired. A run with an
-- envelope is left to the workflow. Runs of a tenant that has `max_per_tenant` leased runs have to wait. The worker
-- continues at the run's cursor. Before leasing, this function ends runs as `failed`: those that lost five leases
-- without storing a batch (`worker_lost`), and those that have lasted longer than the tenant's `run_hours`
-- (`timed_out`). The time of our own run counts from its first lease, that of a workflow's run from its creation. If an
-- open transaction has locked rows of a tenant that would change, its runs are left to the next call. For workers, over
-- all tenants. Returns {run, connection}, or null if there is no such run.
-- call: not repeatable
create or replace function autopilot.claim_run(
  worker_id text, lease_for interval, max_per_tenant integer default null, door text default null,
  as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1s' as $$
declare
  moment constant timestamptz := coalesce(as_of, now());
  lost autopilot.ingestion_runs;
  leased autopilot.ingestion_runs;
  busy uuid[] := '{}';
begin
  perform app_private.act_by('system', claim_run.worker_id, claim_run.door);
  for lost in
    select r.* from autopilot.ingestion_runs as r
    where r.status in ('pending', 'running') and (
      r.attempts >= 5 and r.lease_until <= moment
      or coalesce(r.started_at, case when r.status = 'running' or r.envelope_id is not null then r.created_at end)
        <= moment - (autopilot.settings_of(r.organization_id)).run_hours * interval '1 hour'
    )
    order by r.organization_id, r.id
    for update skip locked
  loop
    continue when lost.organization_id = any (busy);
    begin
      perform autopilot.end_run(
        lost, 'failed',
        case when lost.attempts >= 5 and lost.lease_until <= moment then 'worker_lost' else 'timed_out' end, null,
        'system', claim_run.worker_id, claim_run.as_of
      );
    exception when lock_not_available then
      busy := busy || lost.organization_id;
    end;
  end loop;
  select * into leased from autopilot.ingestion_runs as r
  where r.envelope_id is null and (r.status = 'pending' or r.status = 'running' and r.lease_until <= moment)
    and r.organization_id <> all (busy)   -- it may have runs that are to end
    and (max_per_tenant is null or max_per_tenant > (
      select count(*) from autopilot.ingestion_runs as o
      where o.organization_id = r.organization_id and o.status = 'running' and o.lease_until > moment
    ))
  order by r.created_at, r.organization_id, r.id
  limit 1
  for update skip locked;
  if not found then
    return null;
  end if;
  update autopilot.ingestion_runs as r
  set
    status = 'running', started_at = coalesce(r.started_at, moment), worker_id = claim_run.worker_id,
    lease_until = moment + lease_for, lease_token = r.lease_token + 1,
    attempts = r.attempts + 1
  where r.organization_id = leased.organization_id and r.id = leased.id
  returning r.* into leased;
  return jsonb_build_object('run', to_jsonb(leased), 'connection', (
    select to_jsonb(c) from autopilot.data_source_connections as c
    where c.organization_id = leased.organization_id and c.id = leased.data_source_connection_id
  ));
end
$$;
revoke all on function autopilot.claim_run from public;
grant execute on function autopilot.claim_run to service_role, app_rw;
