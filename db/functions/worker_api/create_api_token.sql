-- Add a token with which an agent of a tenant calls the API. `token_hash` is the SHA-256 of the token in hex; the token
-- itself is not stored. Returns the row. Raises PT404 for an unknown tenant, and PT400 for an invalid field.
-- call: not repeatable
create or replace function worker_api.create_api_token(
  tenant uuid, id uuid, agent text, scopes text[], token_hash text, expires_at timestamptz, actor_id text,
  as_of timestamptz default null, actor_type text default 'operator', door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment timestamptz := coalesce(as_of, now());
  created public.api_tokens;
begin
  perform app_private.check_texts(
    'agent', create_api_token.agent, 'token_hash', create_api_token.token_hash,
    'actor_type', create_api_token.actor_type, 'actor_id', create_api_token.actor_id, 'door', create_api_token.door
  );
  perform set_config('app.door', coalesce(create_api_token.door, ''), true);
  if create_api_token.expires_at is null or create_api_token.expires_at <= moment
    or create_api_token.expires_at > moment + interval '366 days' then
    raise exception 'expires_at: must be later than now and at most 366 days from now' using errcode = 'PT400';
  elsif not exists (select from public.tenants as t where t.id = create_api_token.tenant) then
    raise exception 'tenant_id: no tenant %', create_api_token.tenant using errcode = 'PT404';
  end if;
  insert into public.api_tokens (tenant_id, id, agent, scopes, created_at, created_by, expires_at)
  values (
    create_api_token.tenant, create_api_token.id, create_api_token.agent, create_api_token.scopes, moment,
    create_api_token.actor_id, create_api_token.expires_at
  )
  returning * into created;
  insert into app_private.api_token_hashes (token_hash, tenant_id, token_id)
  values (decode(create_api_token.token_hash, 'hex'), created.tenant_id, created.id);
  perform app_private.do_at_commit(
    moment,
    audited_tenants => array[created.tenant_id], actor_type => create_api_token.actor_type,
    actor_id => create_api_token.actor_id, categories => array['api_token.created'],
    payloads => array[jsonb_build_object(
      'token_id', created.id, 'agent', created.agent, 'scopes', created.scopes, 'expires_at', created.expires_at
    )],
    made_at => moment
  );
  return to_jsonb(created);
end
$$;
revoke all on function worker_api.create_api_token from public;
grant execute on function worker_api.create_api_token to service_role, app_rw;
