-- Pause a tool, an account or an agent of the tenant: see worker_api.start_pause. For owners and reviewers.
-- call: not repeatable
create or replace function tenant_api.start_pause(kind text, target text, reason text, ends_at timestamptz)
returns jsonb language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
  select worker_api.start_pause(
    tenant => app_private.acting_tenant('owner', 'reviewer'), kind => start_pause.kind, target => start_pause.target,
    reason => start_pause.reason, ends_at => start_pause.ends_at,
    actor_type => caller.actor_type, actor_id => caller.actor_id, door => caller.door
  )
  from app_private.acting_user() as caller
$$;
revoke all on function tenant_api.start_pause from public;
grant execute on function tenant_api.start_pause to authenticated;
