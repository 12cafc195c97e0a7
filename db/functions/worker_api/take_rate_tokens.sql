-- Take tokens from rate buckets for calls that are about to be sent. `asks` is a list of {tenant_id, bucket, wanted,
-- capacity, per_seconds}: a bucket holds `capacity` tokens and gains capacity/per_seconds per second. Returns
-- [{tenant_id, bucket, granted, free_at}]: how many tokens were granted, and when the next one is free (null: now). A
-- repeated call with the same `ask_id` returns the same answer.
-- call: repeatable
create or replace function worker_api.take_rate_tokens(ask_id uuid, asks jsonb, as_of timestamptz default null)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  moment timestamptz := coalesce(as_of, now());
  free_tenants uuid[];
  free_buckets text[];
  grants jsonb;
begin
  -- `skip locked` cannot skip a row that another transaction is inserting, so an advisory lock guards each insert.
  with missing as materialized (
    select a.* from jsonb_to_recordset(asks) as a (tenant_id uuid, bucket text, capacity integer)
    where not exists (
      select from app_private.rate_buckets as known where known.tenant_id = a.tenant_id and known.bucket = a.bucket
    )
  )
  insert into app_private.rate_buckets (tenant_id, bucket, tokens, filled_at)
  select m.tenant_id, m.bucket, m.capacity, moment
  from missing as m
  where pg_try_advisory_xact_lock(hashtextextended(format('%s %s', m.tenant_id, m.bucket), 13))
  on conflict do nothing;

  select array_agg(free.tenant_id), array_agg(free.bucket) into free_tenants, free_buckets
  from (
    select b.tenant_id, b.bucket from app_private.rate_buckets as b
    where (b.tenant_id, b.bucket) in (
      select a.tenant_id, a.bucket from jsonb_to_recordset(asks) as a (tenant_id uuid, bucket text)
    )
    order by b.tenant_id, b.bucket
    for update skip locked
  ) as free;

  with requests as (
    select a.*, earlier.answer, case when isfinite(b.filled_at) then b.filled_at else moment end as filled_at
    from jsonb_to_recordset(asks)
      as a (tenant_id uuid, bucket text, wanted integer, capacity double precision, per_seconds double precision)
    join unnest(free_tenants, free_buckets) as free (tenant_id, bucket) using (tenant_id, bucket)
    join app_private.rate_buckets as b using (tenant_id, bucket)
    left join lateral (
      select answer from jsonb_array_elements(b.answers) as answer where answer ->> 'ask_id' = ask_id::text
    ) as earlier on true
  ), levels as (
    select
      a.tenant_id, a.bucket, a.wanted, a.per_seconds / a.capacity as seconds_per_token,
      least(a.capacity, b.tokens + greatest(0, extract(epoch from moment - a.filled_at)) * a.capacity / a.per_seconds)
        as tokens,
      greatest(a.filled_at, moment) as filled_at
    from requests as a
    join app_private.rate_buckets as b using (tenant_id, bucket)
    where a.answer is null
  ), granted as (
    select
      l.*, g.granted, l.tokens - g.granted as rest,
      case when l.tokens - g.granted < 1
        then l.filled_at + make_interval(secs => (1 - (l.tokens - g.granted)) * l.seconds_per_token)
      end as free_at
    from levels as l
    cross join lateral (select least(l.wanted, floor(l.tokens + 1e-9))::integer) as g (granted)
  ), taken as (
    update app_private.rate_buckets as b
    set
      tokens = g.rest,
      filled_at = g.filled_at,
      answers = jsonb_build_array(
        jsonb_build_object('ask_id', ask_id, 'granted', g.granted, 'free_at', g.free_at)
      ) || jsonb_path_query_array(b.answers, '$[0 to 18]')
    from granted as g
    where b.tenant_id = g.tenant_id and b.bucket = g.bucket
  )
  select jsonb_agg(
    jsonb_build_object('tenant_id', g.tenant_id, 'bucket', g.bucket, 'granted', g.granted, 'free_at', g.free_at)
  )
  into grants
  from (
    select new_grant.tenant_id, new_grant.bucket, new_grant.granted, new_grant.free_at from granted as new_grant
    union all
    select a.tenant_id, a.bucket, (a.answer ->> 'granted')::integer, (a.answer ->> 'free_at')::timestamptz
    from requests as a
    where a.answer is not null
    union all   -- a locked bucket grants none for a second, so that no tenant waits for another
    select a.tenant_id, a.bucket, 0, moment + interval '1 second'
    from jsonb_to_recordset(asks) as a (tenant_id uuid, bucket text)
    where (a.tenant_id, a.bucket) not in (select * from unnest(free_tenants, free_buckets))
  ) as g;
  return coalesce(grants, '[]');
end
$$;
revoke all on function worker_api.take_rate_tokens from public;
grant execute on function worker_api.take_rate_tokens to service_role, app_rw, outbox_worker;
