-- Record what a call without an answer did: see worker_api.resolve_unknown. For owners and reviewers.
-- call: not repeatable
create or replace function tenant_api.resolve_unknown(envelope uuid, decision text, reason text default null)
returns jsonb language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
  select worker_api.resolve_unknown(
    tenant => app_private.acting_tenant('owner', 'reviewer'), envelope => resolve_unknown.envelope,
    decision => resolve_unknown.decision, reason => resolve_unknown.reason,
    actor_type => caller.actor_type, actor_id => caller.actor_id, door => caller.door
  )
  from app_private.acting_user() as caller
$$;
revoke all on function tenant_api.resolve_unknown from public;
grant execute on function tenant_api.resolve_unknown to authenticated;
