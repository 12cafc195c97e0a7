-- Revoke a token of the tenant: see worker_api.revoke_api_token. For owners.
-- call: repeatable
create or replace function tenant_api.revoke_api_token(id uuid)
returns jsonb language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
  select worker_api.revoke_api_token(
    tenant => app_private.acting_tenant('owner'), id => revoke_api_token.id,
    actor_type => caller.actor_type, actor_id => caller.actor_id, door => caller.door
  )
  from app_private.acting_user() as caller
$$;
revoke all on function tenant_api.revoke_api_token from public;
grant execute on function tenant_api.revoke_api_token to authenticated;
