-- Take a token from the bucket of one caller or, if `caller` is empty, of the whole tenant: see
-- worker_api.take_request. Returns [limit, tokens, granted]. The first request of a new caller also deletes up to 100
-- buckets of its tenant that nobody has used for an hour.
create or replace function app_private.take_request_token(
  tenant uuid, caller text, per_minute integer, as_of timestamptz
)
returns jsonb language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  taken app_private.request_buckets;
begin
  loop
    update app_private.request_buckets as b
    set (tokens, filled_at, granted) = (
      select level.tokens - (level.tokens >= 1)::integer, greatest(b.filled_at, as_of), level.tokens >= 1
      from (
        select least(per_minute, b.tokens + greatest(0, extract(epoch from as_of - b.filled_at)) * per_minute / 60)
          as tokens
      ) as level
    )
    where b.tenant_id = take_request_token.tenant and b.caller = take_request_token.caller
    returning b.* into taken;
    exit when found;

    insert into app_private.request_buckets (tenant_id, caller, tokens, filled_at, granted)
    values (take_request_token.tenant, take_request_token.caller, per_minute - 1, as_of, true)
    on conflict do nothing
    returning * into taken;
    if found then
      delete from app_private.request_buckets as b
      using (
        select stale.tenant_id, stale.caller from app_private.request_buckets as stale
        where stale.tenant_id = take_request_token.tenant and stale.filled_at < as_of - interval '1 hour'
        limit 100
        for update skip locked
      ) as old
      where b.tenant_id = old.tenant_id and b.caller = old.caller;
      exit;
    end if;
  end loop;   -- another transaction has just inserted the bucket: try to update it again
  return jsonb_build_array(per_minute, taken.tokens, taken.granted);
end
$$;
revoke all on function app_private.take_request_token from public;
