-- Record that nothing is to be done about a failure. For owners and reviewers. Raises PT404, PT403, and PT409 if the
-- failure was redriven or dismissed before. Returns the failure.
-- call: not repeatable
create or replace function autopilot.dismiss_failure(
  failure uuid, tenant uuid default null, actor_type text default 'operator', actor_id text default null,
  door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  dismissed autopilot.message_processing_failures;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  dismissed := autopilot.lock_failure(caller.tenant_id, failure);
  update autopilot.message_processing_failures as f
  set
    dismissed_at = moment, dismissed_by = coalesce(caller.actor_id, 'unnamed'), redrive_requested_at = null,
    redrive_requested_by = null
  where f.organization_id = dismissed.organization_id and f.id = dismissed.id
  returning f.* into dismissed;
  perform autopilot.add_audit(
    dismissed.organization_id, caller.actor_type, caller.actor_id, 'failure.dismissed',
    jsonb_build_object('failure_id', dismissed.id, 'code', dismissed.code), moment
  );
  return to_jsonb(dismissed);
end
$$;
revoke all on function autopilot.dismiss_failure from public;
grant execute on function autopilot.dismiss_failure to authenticated, service_role, app_rw;
