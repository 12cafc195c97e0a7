-- Record that the caller looks at a pending approval now: see worker_api.look_at_approval. For owners, reviewers and
-- members.
-- call: repeatable
create or replace function tenant_api.look_at_approval(envelope uuid)
returns jsonb language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1s' as $$
  select worker_api.look_at_approval(
    tenant => app_private.acting_tenant('owner', 'reviewer', 'member'), envelope => look_at_approval.envelope,
    actor_type => caller.actor_type, actor_id => caller.actor_id
  )
  from app_private.acting_user() as caller
$$;
revoke all on function tenant_api.look_at_approval from public;
grant execute on function tenant_api.look_at_approval to authenticated;
