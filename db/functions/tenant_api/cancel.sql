-- Cancel an envelope that has not been executed: see worker_api.cancel. For owners, reviewers and agents.
-- call: not repeatable
create or replace function tenant_api.cancel(envelope uuid, reason text default null)
returns jsonb language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
  select worker_api.cancel(
    tenant => app_private.acting_tenant('owner', 'reviewer', 'agent'), envelope => cancel.envelope, reason => cancel.reason,
    actor_type => caller.actor_type, actor_id => caller.actor_id, door => caller.door
  )
  from app_private.acting_user() as caller
$$;
revoke all on function tenant_api.cancel from public;
grant execute on function tenant_api.cancel to authenticated;
