-- Stop executing envelopes of the tenant: see worker_api.pause_tenant. For owners and reviewers.
-- call: not repeatable
create or replace function tenant_api.pause_tenant(reason text default null)
returns jsonb language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
  select worker_api.pause_tenant(
    tenant => app_private.acting_tenant('owner', 'reviewer'), reason => pause_tenant.reason,
    actor_type => me.actor_type, actor_id => me.actor_id, door => me.door
  )
  from app_private.acting_user() as me
$$;
revoke all on function tenant_api.pause_tenant from public;
grant execute on function tenant_api.pause_tenant to authenticated;
