-- Discard a dead letter of the tenant: see worker_api.discard_dead_letter. For owners and reviewers.
-- call: not repeatable
create or replace function tenant_api.discard_dead_letter(envelope uuid, reason text)
returns jsonb language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
  select worker_api.discard_dead_letter(
    tenant => app_private.acting_tenant('owner', 'reviewer'), envelope => discard_dead_letter.envelope,
    reason => discard_dead_letter.reason, actor_type => caller.actor_type, actor_id => caller.actor_id, door => caller.door
  )
  from app_private.acting_user() as caller
$$;
revoke all on function tenant_api.discard_dead_letter from public;
grant execute on function tenant_api.discard_dead_letter to authenticated;
