-- Cancel a run that has not ended. The tickets that it stored stay. If its worker sends another batch afterwards, the
-- batch is refused. For owners and reviewers. Raises PT404, PT403, and PT409 if the run has ended. Returns the run.
-- call: not repeatable
create or replace function autopilot.cancel_run(
  run uuid, tenant uuid default null, actor_type text default 'operator', actor_id text default null,
  door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  locked autopilot.ingestion_runs;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  select * into locked from autopilot.ingestion_runs as r
  where r.organization_id = caller.tenant_id and r.id = cancel_run.run for update;
  if not found then
    raise exception 'run: no run %', run using errcode = 'PT404';
  elsif locked.status not in ('pending', 'running') then
    raise exception 'run: it is % already', locked.status using errcode = 'PT409';
  end if;
  return to_jsonb(autopilot.end_run(
    locked, 'cancelled', null, null, caller.actor_type, coalesce(caller.actor_id, 'unnamed'), cancel_run.as_of
  ));
end
$$;
revoke all on function autopilot.cancel_run from public;
grant execute on function autopilot.cancel_run to authenticated, service_role, app_rw;
