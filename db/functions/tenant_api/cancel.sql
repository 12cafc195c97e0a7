-- Cancel an envelope that has not been executed. For owners, reviewers and agents.
-- call: not repeatable
create or replace function tenant_api.cancel(envelope uuid, reason text default null)
returns jsonb language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
  select worker_api.cancel(
    tenant => app_private.acting_tenant('owner', 'reviewer', 'agent'), envelope => cancel.envelope, reason => cancel.reason,
    actor_type => me.actor_type, actor_id => me.actor_id, door => me.door
  )
  from app_private.acting_user() as me
$$;
revoke all on function tenant_api.cancel from public;
grant execute on function tenant_api.cancel to authenticated;
