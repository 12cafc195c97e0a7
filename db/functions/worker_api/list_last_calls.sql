-- The latest envelopes of a tool that have ended, are dead letters or are `unknown`; the latest comes first. Only the
-- tenant's newest 2000 envelopes, 2000 dead letters and 1000 decisions are searched, so a large queue is as fast as a
-- small one.
-- call: replica
create or replace function worker_api.list_last_calls(tenant uuid, tool_slug text, max_calls integer default 10)
returns jsonb language sql stable
set search_path = pg_catalog, pg_temp
-- as in list_approvals: the newest rows are read in the order of an index, and the planner does not sort all rows
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
  with newest as (
    select o.id, o.tool_slug, o.status, o.updated_at
    from public.outbox as o
    where o.tenant_id = list_last_calls.tenant
    order by o.created_at desc, o.id desc
    limit 2000
  ), decided as (
    select a.envelope_id
    from public.approvals as a
    where a.tenant_id = list_last_calls.tenant and a.decision is not null
    order by a.decided_at desc, a.id desc
    limit 1000
  ), dead as (
    select d.id, d.tool_slug, d.moved_at
    from public.outbox_dlq as d
    where d.tenant_id = list_last_calls.tenant
    order by d.moved_at desc
    limit 2000
  ), latest as (
    select ended.id, ended.is_dead, ended.at
    from (
      select n.id, false as is_dead, n.updated_at as at from newest as n
      where n.tool_slug = list_last_calls.tool_slug and n.status not in ('pending', 'awaiting_approval')
      union
      select o.id, false, o.updated_at
      from decided as d
      cross join lateral (   -- the limit makes the planner look up each row by its id
        select of_id.id, of_id.tool_slug, of_id.status, of_id.updated_at
        from public.outbox as of_id
        where of_id.id = d.envelope_id and of_id.tenant_id = list_last_calls.tenant
        limit 1
      ) as o
      where o.tool_slug = list_last_calls.tool_slug and o.status not in ('pending', 'awaiting_approval')
      union all
      select d.id, true, d.moved_at from dead as d where d.tool_slug = list_last_calls.tool_slug
    ) as ended
    order by ended.at desc, ended.id desc
    limit max_calls
  )
  select coalesce(jsonb_agg(found.envelope order by found.at desc, found.id desc), '[]')
  from (
    select l.at, l.id, to_jsonb(o) as envelope
    from latest as l
    cross join lateral (
      select of_id.* from public.outbox as of_id
      where not l.is_dead and of_id.id = l.id and of_id.tenant_id = list_last_calls.tenant
      limit 1
    ) as o
    union all
    select l.at, l.id, to_jsonb(d)
    from latest as l
    cross join lateral (
      select of_id.* from public.outbox_dlq as of_id
      where l.is_dead and of_id.id = l.id and of_id.tenant_id = list_last_calls.tenant
      limit 1
    ) as d
  ) as found
$$;
revoke all on function worker_api.list_last_calls from public;
grant execute on function worker_api.list_last_calls to service_role, app_rw, app_ro, authenticated;
