-- Take tokens from tenants' rate buckets for calls about to be made. `asks` is a list of
-- {tenant_id, bucket, wanted, capacity, per_seconds}: a bucket holds `capacity` and fills at capacity/per_seconds.
-- Returns how many were granted per bucket, and when the next one is free (null: now).
create or replace function worker_api.take_rate_tokens(asks jsonb, as_of timestamptz default null)
returns table (tenant_id uuid, bucket text, granted integer, free_at timestamptz)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  moment timestamptz := coalesce(as_of, now());
begin
  insert into app_private.rate_buckets as b (tenant_id, bucket, tokens, filled_at)
  select a.tenant_id, a.bucket, a.capacity, moment
  from jsonb_to_recordset(asks) as a (tenant_id uuid, bucket text, capacity integer)
  order by 1, 2
  on conflict do nothing;

  perform from app_private.rate_buckets as b
  where (b.tenant_id, b.bucket) in (
    select a.tenant_id, a.bucket from jsonb_to_recordset(asks) as a (tenant_id uuid, bucket text)
  )
  order by b.tenant_id, b.bucket
  for update;

  return query
  with level as (
    select
      b.tenant_id, b.bucket, a.wanted, a.capacity / a.per_seconds as per_second,
      least(a.capacity, b.tokens + greatest(0, extract(epoch from moment - b.filled_at)) * a.capacity / a.per_seconds)
        as tokens
    from jsonb_to_recordset(asks)
      as a (tenant_id uuid, bucket text, wanted integer, capacity double precision, per_seconds double precision)
    join app_private.rate_buckets as b using (tenant_id, bucket)
  ), taken as (
    update app_private.rate_buckets as b
    set tokens = l.tokens - least(l.wanted, floor(l.tokens + 1e-9)), filled_at = greatest(b.filled_at, moment)
    from level as l
    where b.tenant_id = l.tenant_id and b.bucket = l.bucket
    returning b.tenant_id, b.bucket, b.tokens as rest, b.filled_at
  )
  select
    l.tenant_id, l.bucket, least(l.wanted, floor(l.tokens + 1e-9))::integer,
    case when t.rest < 1 then t.filled_at + make_interval(secs => (1 - t.rest) / l.per_second) end
  from level as l
  join taken as t using (tenant_id, bucket);
end
$$;
revoke all on function worker_api.take_rate_tokens from public;
grant execute on function worker_api.take_rate_tokens to service_role, outbox_worker;
