-- Create an API token for an agent of the tenant: see worker_api.create_api_token. For owners.
-- call: not repeatable
create or replace function tenant_api.create_api_token(id uuid, agent text, scopes text[], token_hash text, expires_at timestamptz)
returns jsonb language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
  select worker_api.create_api_token(
    tenant => app_private.acting_tenant('owner'), id => create_api_token.id, agent => create_api_token.agent,
    scopes => create_api_token.scopes, token_hash => create_api_token.token_hash,
    expires_at => create_api_token.expires_at,
    actor_type => caller.actor_type, actor_id => caller.actor_id, door => caller.door
  )
  from app_private.acting_user() as caller
$$;
revoke all on function tenant_api.create_api_token from public;
grant execute on function tenant_api.create_api_token to authenticated;
