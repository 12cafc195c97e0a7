-- A tenant's newest audit rows, the newest first. `category` is a whole category (`envelope.retry`) or the beginning of
-- one (`envelope.`); `actor` is an id, or type and id (`agent:bot`); `since` and `until` are times; `before` is a seq.
-- Returns {rows, searched_to}. One call reads at most 5,000 rows. If there may be more matches, `searched_to` is a seq:
-- pass it as `before` in the next call.
-- call: replica, columns 3 deep
create or replace function worker_api.search_audit(
  tenant uuid, max_rows integer, before bigint default null, category text default null, actor text default null,
  since timestamptz default null, until timestamptz default null
)
returns jsonb language plpgsql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  most_read constant integer := 5000;
  lowest bigint := 1;
  highest bigint := coalesce(before - 1, 9223372036854775807);
  end_seq bigint;
  found_rows jsonb;
begin
  if until is not null then
    highest := least(highest, (
      select a.seq from public.audit_log as a
      where a.tenant_id = tenant and a.created_at < until order by a.created_at desc, a.seq desc limit 1
    ));
  end if;
  if since is not null then
    lowest := (
      select a.seq from public.audit_log as a
      where a.tenant_id = tenant and a.created_at >= since order by a.created_at, a.seq limit 1
    );
  end if;
  if until is not null and not exists (
    select from public.audit_log as a where a.tenant_id = tenant and a.created_at < until
  ) then
    lowest := null;
  end if;
  select coalesce(jsonb_agg(to_jsonb(r) || jsonb_build_object(
    'hash', encode(r.hash, 'hex'), 'previous_hash', encode(r.previous_hash, 'hex')
  ) order by r.seq desc), '[]')
  into found_rows
  from (
    select s.*
    from (
      select a.* from public.audit_log as a
      where a.tenant_id = tenant and a.seq between lowest and highest
      order by a.seq desc
      limit most_read
    ) as s
    where (search_audit.category is null or s.category = search_audit.category
        or right(search_audit.category, 1) = '.' and starts_with(s.category, search_audit.category))
      and (actor is null or s.actor_id = actor or s.actor_type || ':' || s.actor_id = actor)
    order by s.seq desc
    limit max_rows
  ) as r;
  if jsonb_array_length(found_rows) < max_rows then
    select a.seq into end_seq from public.audit_log as a
    where a.tenant_id = tenant and a.seq between lowest and highest
    order by a.seq desc
    offset most_read - 1 limit 1;
  end if;
  return jsonb_build_object('rows', found_rows, 'searched_to', case when end_seq > lowest then end_seq end);
end
$$;
revoke all on function worker_api.search_audit from public;
grant execute on function worker_api.search_audit to service_role, app_rw, app_ro, authenticated;
