-- End a dry-run as `failed`, with a code such as `internal_error`. For the worker that holds the lease. Raises PT404,
-- PT400, and PT409 if the lease was lost or the dry-run was cancelled. Returns the dry-run.
-- call: not repeatable
create or replace function autopilot.fail_dry_run(
  tenant uuid, dry_run uuid, lease_token integer, error_message text, actor_id text default null,
  door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := coalesce(as_of, now());
begin
  perform app_private.act_by('system', fail_dry_run.actor_id, fail_dry_run.door);
  if coalesce(fail_dry_run.error_message, '') !~ '^[a-z][a-z0-9_]{0,63}$' then
    raise exception 'error_message: must be a code, such as internal_error' using errcode = 'PT400';
  end if;
  return to_jsonb(autopilot.end_dry_run(
    autopilot.lock_dry_run(tenant, dry_run, fail_dry_run.lease_token, moment), 'failed', fail_dry_run.error_message,
    'system', coalesce(fail_dry_run.actor_id, 'unnamed'), moment
  ));
end
$$;
revoke all on function autopilot.fail_dry_run from public;
grant execute on function autopilot.fail_dry_run to service_role, app_rw;
