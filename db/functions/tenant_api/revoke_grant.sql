-- End a grant of the tenant: see worker_api.revoke_grant. For owners and reviewers.
-- call: repeatable
create or replace function tenant_api.revoke_grant(id uuid, reason text default null)
returns jsonb language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
  select worker_api.revoke_grant(
    tenant => app_private.acting_tenant('owner', 'reviewer'), id => revoke_grant.id, reason => revoke_grant.reason,
    actor_type => caller.actor_type, actor_id => caller.actor_id, door => caller.door
  )
  from app_private.acting_user() as caller
$$;
revoke all on function tenant_api.revoke_grant from public;
grant execute on function tenant_api.revoke_grant to authenticated;
