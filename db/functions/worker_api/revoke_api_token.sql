-- Revoke a token. If it was revoked before, nothing changes. Returns the row. Raises PT404 if the tenant has no such
-- token.
-- call: repeatable
create or replace function worker_api.revoke_api_token(
  tenant uuid, id uuid, actor_id text, as_of timestamptz default null,
  actor_type text default 'operator', door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment timestamptz := coalesce(as_of, now());
  token public.api_tokens;
begin
  perform app_private.act_by(revoke_api_token.actor_type, revoke_api_token.actor_id, revoke_api_token.door);
  select * into token from public.api_tokens as t
  where t.tenant_id = revoke_api_token.tenant and t.id = revoke_api_token.id for update;
  if not found then
    raise exception 'token: no %', revoke_api_token.id using errcode = 'PT404';
  elsif token.revoked_at is not null then
    return to_jsonb(token);
  end if;
  update public.api_tokens as t set revoked_at = moment, revoked_by = revoke_api_token.actor_id
  where t.tenant_id = token.tenant_id and t.id = token.id
  returning * into token;
  perform app_private.do_at_commit(
    moment,
    audited_tenants => array[token.tenant_id], actor_type => revoke_api_token.actor_type,
    actor_id => revoke_api_token.actor_id, categories => array['api_token.revoked'],
    payloads => array[jsonb_build_object('token_id', token.id, 'agent', token.agent)], made_at => moment
  );
  return to_jsonb(token);
end
$$;
revoke all on function worker_api.revoke_api_token from public;
grant execute on function worker_api.revoke_api_token to service_role, app_rw;
