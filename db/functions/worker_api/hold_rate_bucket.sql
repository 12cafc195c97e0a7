-- Empty a rate bucket because a tool asked for a pause. The bucket gets its next token at the time `until`. If the
-- bucket is already on hold until a later time, that time stays. Returns true.
-- call: repeatable
create or replace function worker_api.hold_rate_bucket(
  tenant uuid, bucket text, capacity integer, per_seconds double precision, until timestamptz
)
returns boolean
language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1s' as $$
  select app_private.check_texts('bucket', hold_rate_bucket.bucket);
  select pg_advisory_xact_lock(hashtextextended(format('%s %s', hold_rate_bucket.tenant, hold_rate_bucket.bucket), 13));
  with held as (
    insert into app_private.rate_buckets as b (tenant_id, bucket, tokens, filled_at)
    values (
      hold_rate_bucket.tenant, hold_rate_bucket.bucket, 0, until - make_interval(secs => per_seconds / capacity)
    )
    on conflict (tenant_id, bucket) do update
    set tokens = 0, filled_at = greatest(b.filled_at, excluded.filled_at)
    returning 1
  )
  select exists (select from held)
$$;
revoke all on function worker_api.hold_rate_bucket from public;
grant execute on function worker_api.hold_rate_bucket to service_role, app_rw, outbox_worker;
