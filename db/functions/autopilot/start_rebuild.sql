-- Start a run that makes a new model of all tickets. For owners. Raises PT403, and PT409 if another such run has not
-- ended; the error has that run's id. Returns the run.
-- call: not repeatable
create or replace function autopilot.start_rebuild(
  tenant uuid default null, actor_type text default 'operator', actor_id text default null, door text default null,
  as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  open_run uuid;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner');
  perform pg_advisory_xact_lock(hashtextextended(caller.tenant_id::text, 65));
  select r.id into open_run from autopilot.ingestion_runs as r
  where r.organization_id = caller.tenant_id and r.kind = 'rebuild_model' and r.status in ('pending', 'running');
  if found then
    raise exception 'rebuild_model: run % has not ended yet', open_run using errcode = 'PT409';
  end if;
  return to_jsonb(autopilot.add_run(
    caller.tenant_id, null, 'rebuild_model', caller.actor_type, coalesce(caller.actor_id, 'unnamed'),
    start_rebuild.as_of
  ));
end
$$;
revoke all on function autopilot.start_rebuild from public;
grant execute on function autopilot.start_rebuild to authenticated, service_role, app_rw;
