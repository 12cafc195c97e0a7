-- Take a token for one request of the API from the bucket of its caller and from the bucket of the tenant. A bucket
-- holds as many tokens as the limit per minute, and gains them evenly. A limit in the tenant's row replaces the one in
-- the arguments. A limit that is 0, or null in the row and in the arguments, means no limit. Returns {caller: [limit,
-- tokens, granted], tenant: [limit, tokens, granted]}. A part is null if there is no limit for it. If the caller's
-- bucket is empty, `tenant` is null, and the tenant's bucket stays unchanged.
-- call: not repeatable
create or replace function worker_api.take_request(
  tenant uuid, caller text, tenant_limit integer, caller_limit integer, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1s' as $$
declare
  moment timestamptz := coalesce(as_of, clock_timestamp());
  tenant_row record;   -- has only nulls if the tenant does not exist
  own jsonb;
  shared jsonb;
begin
  perform app_private.check_texts('caller', take_request.caller);
  select t.token_requests_per_minute, t.requests_per_minute into tenant_row
  from public.tenants as t
  where t.id = take_request.tenant;
  caller_limit := coalesce(tenant_row.token_requests_per_minute, caller_limit);
  tenant_limit := coalesce(tenant_row.requests_per_minute, tenant_limit);

  if caller_limit > 0 then
    own := app_private.take_request_token(tenant, caller, caller_limit, moment);
  end if;
  if tenant_limit > 0 and coalesce((own -> 2)::boolean, true) then
    shared := app_private.take_request_token(tenant, '', tenant_limit, moment);
  end if;
  return jsonb_build_object('caller', own, 'tenant', shared);
end
$$;
revoke all on function worker_api.take_request from public;
grant execute on function worker_api.take_request to service_role, app_rw;
