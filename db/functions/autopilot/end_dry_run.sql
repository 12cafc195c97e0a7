-- End a dry-run that the caller has locked, with an audit row. Returns the dry-run.
-- call: internal
create or replace function autopilot.end_dry_run(
  dry_run autopilot.dry_runs, status text, error_message text, actor_type text, actor_id text, moment timestamptz
)
returns autopilot.dry_runs
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  ended autopilot.dry_runs;
begin
  update autopilot.dry_runs as d
  set
    status = end_dry_run.status, error_message = end_dry_run.error_message, completed_at = moment, worker_id = null,
    lease_until = null
  where d.organization_id = (end_dry_run.dry_run).organization_id and d.id = (end_dry_run.dry_run).id
  returning d.* into ended;
  perform autopilot.add_audit(
    ended.organization_id, end_dry_run.actor_type, end_dry_run.actor_id, 'dry_run.' || ended.status, jsonb_build_object(
      'dry_run_id', ended.id, 'cluster_id', ended.cluster_id, 'cases', ended.cases, 'done', ended.done,
      'answered', ended.answered, 'error', ended.error_message
    ), moment
  );
  return ended;
end
$$;
revoke all on function autopilot.end_dry_run from public;
