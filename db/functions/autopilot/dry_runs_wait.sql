-- Whether a dry-run can be leased now: of this tenant, or of any tenant if `tenant` is null.
-- call: repeatable
create or replace function autopilot.dry_runs_wait(tenant uuid default null, as_of timestamptz default null)
returns boolean language sql stable security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select exists (
    select from autopilot.dry_runs as d
    where (d.status = 'pending' or d.status = 'running' and d.lease_until <= coalesce(dry_runs_wait.as_of, now()))
      and (dry_runs_wait.tenant is null or d.organization_id = dry_runs_wait.tenant)
  )
$$;
revoke all on function autopilot.dry_runs_wait from public;
grant execute on function autopilot.dry_runs_wait to service_role, app_rw;
