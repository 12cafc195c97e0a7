-- Requeue dead letters of the tenant: see worker_api.requeue_dead_letters. For owners and reviewers.
-- call: not repeatable
create or replace function tenant_api.requeue_dead_letters(envelopes uuid[], max_envelopes integer)
returns jsonb language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
  select worker_api.requeue_dead_letters(
    tenant => app_private.acting_tenant('owner', 'reviewer'), envelopes => requeue_dead_letters.envelopes,
    max_envelopes => requeue_dead_letters.max_envelopes,
    actor_type => caller.actor_type, actor_id => caller.actor_id, door => caller.door
  )
  from app_private.acting_user() as caller
$$;
revoke all on function tenant_api.requeue_dead_letters from public;
grant execute on function tenant_api.requeue_dead_letters to authenticated;
