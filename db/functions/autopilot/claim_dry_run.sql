-- Lease the oldest dry-run that is pending or whose lease has expired: of this tenant or, if `tenant` is null, of the
-- tenant for which none was started for the longest time. Its cases that are done stay done. Before leasing, this
-- function ends dry-runs that have lost five leases as `failed` (`worker_lost`). For workers. Returns the dry-run, or
-- null if there is none.
-- call: not repeatable
create or replace function autopilot.claim_dry_run(
  worker_id text, lease_for interval, tenant uuid default null, door text default null,
  as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := coalesce(as_of, now());
  lost autopilot.dry_runs;
  leased autopilot.dry_runs;
begin
  perform app_private.act_by('system', claim_dry_run.worker_id, claim_dry_run.door);
  for lost in
    select d.* from autopilot.dry_runs as d
    where d.status in ('pending', 'running') and d.lease_token >= 5 and d.lease_until <= moment
      and (claim_dry_run.tenant is null or d.organization_id = claim_dry_run.tenant)
    order by d.organization_id, d.id
    for update skip locked
  loop
    perform autopilot.end_dry_run(lost, 'failed', 'worker_lost', 'system', claim_dry_run.worker_id, moment);
  end loop;
  select d.* into leased from autopilot.dry_runs as d
  join (
    select w.organization_id, (
      select max(o.started_at) from autopilot.dry_runs as o where o.organization_id = w.organization_id
    ) as served_at
    from (
      select distinct o.organization_id from autopilot.dry_runs as o where o.status in ('pending', 'running')
    ) as w
  ) as waiting on waiting.organization_id = d.organization_id
  where (d.status = 'pending' or d.status = 'running' and d.lease_until <= moment)
    and (claim_dry_run.tenant is null or d.organization_id = claim_dry_run.tenant)
  order by waiting.served_at nulls first, d.created_at, d.organization_id, d.id
  limit 1
  for update of d skip locked;
  if not found then
    return null;
  end if;
  update autopilot.dry_runs as d
  set
    status = 'running', started_at = coalesce(d.started_at, moment), worker_id = claim_dry_run.worker_id,
    lease_until = moment + lease_for, lease_token = d.lease_token + 1
  where d.organization_id = leased.organization_id and d.id = leased.id
  returning d.* into leased;
  return to_jsonb(leased);
end
$$;
revoke all on function autopilot.claim_dry_run from public;
grant execute on function autopilot.claim_dry_run to service_role, app_rw;
