-- Take a token for one request of the API from the bucket of its caller and from that of the tenant. A bucket holds as
-- many tokens as the limit per minute and gains them evenly over a minute. The limits of the tenant's row go before
-- those of the call; null or 0 is no limit. A request that its caller's bucket refuses takes none from the tenant's.
-- Returns {caller: [limit, tokens, granted], tenant: …}; null where there is no limit, or where none was taken.
-- Each request locks rows of its own tenant only. The first request of a caller deletes up to 100 buckets of the tenant
-- that have been full for an hour.
-- call: once
create or replace function worker_api.take_request(
  tenant uuid, caller text, tenant_limit integer, caller_limit integer, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off
set lock_timeout = '1s' as $$
declare
  moment timestamptz := coalesce(as_of, clock_timestamp());
  answer jsonb;
  is_new boolean;
begin
  perform app_private.check_texts('caller', take_request.caller);
  select
    nullif(coalesce(t.token_requests_per_minute, take_request.caller_limit), 0),
    nullif(coalesce(t.requests_per_minute, take_request.tenant_limit), 0)
  into caller_limit, tenant_limit
  from (values (take_request.tenant)) as asked (id)
  left join public.tenants as t on t.id = asked.id;

  with own as (
    insert into app_private.request_buckets as b (tenant_id, caller, tokens, filled_at, granted)
    select take_request.tenant, take_request.caller, caller_limit - 1, moment, true where caller_limit is not null
    on conflict on constraint request_buckets_pkey do update
    set (tokens, filled_at, granted) = (
      select level.tokens - (level.tokens >= 1)::integer, greatest(b.filled_at, moment), level.tokens >= 1
      from (
        select least(
          caller_limit, b.tokens + greatest(0, extract(epoch from moment - b.filled_at)) * caller_limit / 60
        ) as tokens
      ) as level
    )
    returning b.tokens, b.granted, b.xmax = 0 as is_new
  ), shared as (
    insert into app_private.request_buckets as b (tenant_id, caller, tokens, filled_at, granted)
    select take_request.tenant, '', tenant_limit - 1, moment, true
    where tenant_limit is not null and coalesce((select o.granted from own as o), true)
    on conflict on constraint request_buckets_pkey do update
    set (tokens, filled_at, granted) = (
      select level.tokens - (level.tokens >= 1)::integer, greatest(b.filled_at, moment), level.tokens >= 1
      from (
        select least(
          tenant_limit, b.tokens + greatest(0, extract(epoch from moment - b.filled_at)) * tenant_limit / 60
        ) as tokens
      ) as level
    )
    returning b.tokens, b.granted
  )
  select
    jsonb_build_object(
      'caller', (select jsonb_build_array(caller_limit, o.tokens, o.granted) from own as o),
      'tenant', (select jsonb_build_array(tenant_limit, s.tokens, s.granted) from shared as s)
    ),
    (select o.is_new from own as o)
  into answer, is_new;

  if is_new then
    delete from app_private.request_buckets as b
    using (
      select full_one.tenant_id, full_one.caller from app_private.request_buckets as full_one
      where full_one.tenant_id = take_request.tenant and full_one.filled_at < moment - interval '1 hour'
      limit 100
      for update skip locked
    ) as old
    where b.tenant_id = old.tenant_id and b.caller = old.caller;
  end if;
  return answer;
end
$$;
revoke all on function worker_api.take_request from public;
grant execute on function worker_api.take_request to service_role, app_rw;
