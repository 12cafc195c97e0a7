-- Cancel a dry-run that has not ended. The cases that are done stay. For owners and reviewers. Raises PT404, PT403, and
-- PT409 if it has ended. Returns the dry-run.
-- call: not repeatable
create or replace function autopilot.cancel_dry_run(
  dry_run uuid, tenant uuid default null, actor_type text default 'operator', actor_id text default null,
  door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  locked autopilot.dry_runs;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  select * into locked from autopilot.dry_runs as d
  where d.organization_id = caller.tenant_id and d.id = cancel_dry_run.dry_run for update;
  if not found then
    raise exception 'dry_run: no dry-run %', dry_run using errcode = 'PT404';
  elsif locked.status not in ('pending', 'running') then
    raise exception 'dry_run: it is % already', locked.status using errcode = 'PT409';
  end if;
  return to_jsonb(autopilot.end_dry_run(
    locked, 'cancelled', null, caller.actor_type, coalesce(caller.actor_id, 'unnamed'), moment
  ));
end
$$;
revoke all on function autopilot.cancel_dry_run from public;
grant execute on function autopilot.cancel_dry_run to authenticated, service_role, app_rw;
