-- Decided approvals, the newest decision first. `tenant`, `tool_slug`, `risk`, `agent`, `decided_by` and `decision` are
-- conditions; null is no condition. For the next page, `before_decided_at` and `before_id` are those of the last
-- approval on the previous page.
-- call: replica, columns 2 deep
create or replace function worker_api.list_decided(
  tenant uuid, max_approvals integer, before_decided_at timestamptz default null, before_id uuid default null,
  tool_slug text default null, risk text default null, agent text default null, decided_by text default null,
  decision text default null
)
returns jsonb language sql stable
set search_path = pg_catalog, pg_temp
-- a page is read in the order of an index: without knowing the limit, the planner would rather sort all rows
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
  -- One branch for each index, and positions as sub-queries: see list_approvals.
  with chosen as (
    (
      select a.tenant_id, a.id, a.decided_at
      from public.approvals as a
      where a.tenant_id = list_decided.tenant and a.decision is not null
        and (a.decided_at, a.id) < (
          select coalesce(before_decided_at, 'infinity'), coalesce(before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        )
        and (list_decided.tool_slug is null or a.tool_slug = list_decided.tool_slug)
        and (list_decided.risk is null or a.risk = list_decided.risk)
        and (agent is null or a.proposed_by = 'agent:' || agent)
        and (list_decided.decided_by is null or a.decided_by = list_decided.decided_by)
        and (list_decided.decision is null or a.decision = list_decided.decision)
      order by a.decided_at desc, a.id desc
      limit max_approvals
    )
    union all
    (
      select a.tenant_id, a.id, a.decided_at
      from public.approvals as a
      where list_decided.tenant is null and a.decision is not null
        and (a.decided_at, a.id) < (
          select coalesce(before_decided_at, 'infinity'), coalesce(before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        )
        and (list_decided.tool_slug is null or a.tool_slug = list_decided.tool_slug)
        and (list_decided.risk is null or a.risk = list_decided.risk)
        and (agent is null or a.proposed_by = 'agent:' || agent)
        and (list_decided.decided_by is null or a.decided_by = list_decided.decided_by)
        and (list_decided.decision is null or a.decision = list_decided.decision)
      order by a.decided_at desc, a.id desc
      limit max_approvals
    )
  )
  select coalesce(jsonb_agg(to_jsonb(a) order by c.decided_at desc, c.id desc), '[]')
  from chosen as c
  cross join lateral (
    select of_id.* from public.approvals as of_id where of_id.tenant_id = c.tenant_id and of_id.id = c.id limit 1
  ) as a
$$;
revoke all on function worker_api.list_decided from public;
grant execute on function worker_api.list_decided to service_role, app_rw, app_ro, authenticated;
