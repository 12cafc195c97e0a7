-- The token of a tenant with this hash (SHA-256 in hex). Null if there is none, or if the token was revoked or has
-- expired.
-- call: repeatable
create or replace function worker_api.find_api_token(tenant uuid, token_hash text, as_of timestamptz default null)
returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select to_jsonb(t)
  from app_private.api_token_hashes as h
  join public.api_tokens as t on t.tenant_id = h.tenant_id and t.id = h.token_id
  where h.tenant_id = find_api_token.tenant and h.token_hash = decode(find_api_token.token_hash, 'hex')
    and t.revoked_at is null and t.expires_at > coalesce(as_of, now())
$$;
revoke all on function worker_api.find_api_token from public;
grant execute on function worker_api.find_api_token to service_role, app_rw;
