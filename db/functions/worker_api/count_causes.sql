-- Why envelopes became dead letters: their number by tool, status and cause, the most frequent first, at most 100. For
-- one tenant or for all (null). Returns {causes, is_whole}. At most the oldest 10,000 dead letters are read, equally
-- many of each tenant. If there are more, `is_whole` is false.
-- call: replica, columns 3 deep
create or replace function worker_api.count_causes(tenant uuid)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  with owners as (
    select t.id, greatest(10000 / greatest(count(*) over (), 1), 10) as max_letters
    from public.tenants as t
    where count_causes.tenant is null or t.id = count_causes.tenant
  ), letters as (
    select d.*, o.max_letters
    from owners as o
    cross join lateral (
      select d.tenant_id, d.tool_slug, d.status, d.doubtful, d.moved_at, d.last_error
      from public.outbox_dlq as d
      where d.tenant_id = o.id
      order by d.moved_at
      limit o.max_letters + 1
    ) as d
  ), errors as (   -- the cause of equal errors is computed once
    select l.tenant_id, l.tool_slug, l.status, l.last_error, count(*) as letters,
      count(*) filter (where l.doubtful) as doubtful, min(l.moved_at) as oldest_at, max(l.moved_at) as newest_at
    from letters as l
    group by 1, 2, 3, 4
  ), causes as (
    select e.tool_slug, e.status, worker_api.cause_of(e.last_error) collate "C" as cause,
      sum(e.letters)::bigint as letters, sum(e.doubtful)::bigint as doubtful, count(distinct e.tenant_id) as tenants,
      min(e.oldest_at) as oldest_at, max(e.newest_at) as newest_at
    from errors as e
    group by 1, 2, 3
    order by sum(e.letters) desc, e.tool_slug collate "C", 2, 3
    limit 100
  )
  select jsonb_build_object(
    'causes', coalesce(
      (select jsonb_agg(c order by c.letters desc, c.tool_slug collate "C", c.status, c.cause) from causes as c), '[]'
    ),
    'is_whole', not exists (select from letters as l group by l.tenant_id, l.max_letters having count(*) > l.max_letters)
  )
$$;
revoke all on function worker_api.count_causes from public;
grant execute on function worker_api.count_causes to service_role, app_rw, app_ro, authenticated;
