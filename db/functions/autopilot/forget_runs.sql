-- Delete the runs of a tenant that ended, and were created, more than `keep` ago, the oldest first: at most `max_runs`.
-- The newest run of a connection stays, and so does its newest completed one; the same holds for trainings. For the job
-- `run_retention`. Returns how many were deleted.
-- call: repeatable
create or replace function autopilot.forget_runs(
  tenant uuid, keep interval, max_runs integer default 1000, actor_id text default 'clock', door text default null,
  as_of timestamptz default null
)
returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s'
set enable_seqscan = off as $$
declare
  moment constant timestamptz := coalesce(as_of, now());
  deleted integer;
begin
  perform app_private.act_by('system', forget_runs.actor_id, forget_runs.door);
  delete from autopilot.ingestion_runs as r
  using (
    select old.id from autopilot.ingestion_runs as old
    where old.organization_id = forget_runs.tenant and old.created_at < moment - keep
      and old.status not in ('pending', 'running') and coalesce(old.completed_at, old.created_at) < moment - keep
      and exists (
        select from autopilot.ingestion_runs as newer
        where newer.organization_id = old.organization_id and newer.kind = old.kind
          and newer.data_source_connection_id is not distinct from old.data_source_connection_id
          and (newer.created_at, newer.id) > (old.created_at, old.id)
          and (newer.status = 'completed' or old.status <> 'completed')
      )
    order by old.created_at, old.id
    limit max_runs
    for update skip locked
  ) as due
  where r.organization_id = forget_runs.tenant and r.id = due.id;
  get diagnostics deleted = row_count;
  if deleted > 0 then
    perform autopilot.add_audit(
      forget_runs.tenant, 'system', forget_runs.actor_id, 'ingestion_runs.forgotten',
      jsonb_build_object('runs', deleted, 'created_before', moment - keep), moment
    );
  end if;
  return deleted;
end
$$;
revoke all on function autopilot.forget_runs from public;
grant execute on function autopilot.forget_runs to service_role, app_rw;
