-- Set how many requests of the API a tenant, and each of its tokens and users, may make in a minute. 0 means no limit;
-- null means the limit of the settings. Raises PT404 for an unknown tenant.
-- call: not repeatable
create or replace function worker_api.set_request_limits(
  tenant uuid, requests_per_minute integer, token_requests_per_minute integer, actor_id text,
  as_of timestamptz default null, actor_type text default 'operator', door text default null
)
returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
begin
  perform app_private.check_texts(
    'actor_type', set_request_limits.actor_type, 'actor_id', set_request_limits.actor_id,
    'door', set_request_limits.door
  );
  perform app_private.act_as(actor_type, actor_id, as_of, door);
  update public.tenants as t
  set requests_per_minute = set_request_limits.requests_per_minute,
      token_requests_per_minute = set_request_limits.token_requests_per_minute,
      updated_at = coalesce(as_of, now())
  where t.id = set_request_limits.tenant;
  if not found then
    raise exception 'tenant: no tenant %', set_request_limits.tenant using errcode = 'PT404';
  end if;
end
$$;
revoke all on function worker_api.set_request_limits from public;
grant execute on function worker_api.set_request_limits to service_role, app_rw;
