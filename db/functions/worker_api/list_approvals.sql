-- Approvals without a decision, each with its envelope. `tenant`, `envelope`, `tool_slug`, `risk` and `agent` are
-- conditions; null is no condition. Sorted by the time of the request, the oldest first; with `sort` 'expiring', by the
-- time of expiry. For the next page, `after_moment` and `after_id` are the sort time and the id of the last approval on
-- the previous page.
-- call: replica, columns 3 deep
create or replace function worker_api.list_approvals(
  tenant uuid, envelope uuid, max_approvals integer default 1000, sort text default 'oldest',
  after_moment timestamptz default null, after_id uuid default null, tool_slug text default null,
  risk text default null, agent text default null
)
returns jsonb language sql stable
set search_path = pg_catalog, pg_temp
-- a page is read in the order of an index: without knowing the limit, the planner would rather sort all rows
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
  -- One branch for each index, and only one branch runs. The conditions of the others are false before they start.
  -- Positions are sub-queries, because under row-level security a condition with coalesce() cannot use an index.
  with chosen as (
    (
      select a.tenant_id, a.id, a.requested_at as sorted_at
      from public.approvals as a
      where list_approvals.envelope is not null and a.envelope_id = list_approvals.envelope and a.decision is null
        and (list_approvals.tenant is null or a.tenant_id = list_approvals.tenant)
      order by a.requested_at, a.id
      limit max_approvals
    )
    union all
    (
      select a.tenant_id, a.id, a.requested_at
      from public.approvals as a
      where list_approvals.envelope is null and sort = 'oldest' and a.tenant_id = list_approvals.tenant
        and a.decision is null
        and (a.requested_at, a.id) > (
          select coalesce(after_moment, '-infinity'), coalesce(after_id, '00000000-0000-0000-0000-000000000000')
        )
        and (list_approvals.tool_slug is null or a.tool_slug = list_approvals.tool_slug)
        and (list_approvals.risk is null or a.risk = list_approvals.risk)
        and (agent is null or a.proposed_by = 'agent:' || agent)
      order by a.requested_at, a.id
      limit max_approvals
    )
    union all
    (
      select a.tenant_id, a.id, a.requested_at
      from public.approvals as a
      where list_approvals.envelope is null and sort = 'oldest' and list_approvals.tenant is null
        and a.decision is null
        and (a.requested_at, a.id) > (
          select coalesce(after_moment, '-infinity'), coalesce(after_id, '00000000-0000-0000-0000-000000000000')
        )
        and (list_approvals.tool_slug is null or a.tool_slug = list_approvals.tool_slug)
        and (list_approvals.risk is null or a.risk = list_approvals.risk)
        and (agent is null or a.proposed_by = 'agent:' || agent)
      order by a.requested_at, a.id
      limit max_approvals
    )
    union all
    (
      select a.tenant_id, a.id, a.expires_at
      from public.approvals as a
      where list_approvals.envelope is null and sort = 'expiring' and a.tenant_id = list_approvals.tenant
        and a.decision is null
        and (a.expires_at, a.id) > (
          select coalesce(after_moment, '-infinity'), coalesce(after_id, '00000000-0000-0000-0000-000000000000')
        )
        and (list_approvals.tool_slug is null or a.tool_slug = list_approvals.tool_slug)
        and (list_approvals.risk is null or a.risk = list_approvals.risk)
        and (agent is null or a.proposed_by = 'agent:' || agent)
      order by a.expires_at, a.id
      limit max_approvals
    )
    union all
    (
      select a.tenant_id, a.id, a.expires_at
      from public.approvals as a
      where list_approvals.envelope is null and sort = 'expiring' and list_approvals.tenant is null
        and a.decision is null
        and (a.expires_at, a.id) > (
          select coalesce(after_moment, '-infinity'), coalesce(after_id, '00000000-0000-0000-0000-000000000000')
        )
        and (list_approvals.tool_slug is null or a.tool_slug = list_approvals.tool_slug)
        and (list_approvals.risk is null or a.risk = list_approvals.risk)
        and (agent is null or a.proposed_by = 'agent:' || agent)
      order by a.expires_at, a.id
      limit max_approvals
    )
  )
  select coalesce(jsonb_agg(shown.approval order by shown.sorted_at, shown.id), '[]')
  from (
    select c.sorted_at, c.id, to_jsonb(a) || jsonb_build_object(
      'envelope', to_jsonb(o), 'digest', coalesce(a.decided_digest, a.digest)
    ) as approval
    from chosen as c
    cross join lateral (   -- the limit makes the planner look up each row by index
      select of_id.* from public.approvals as of_id where of_id.tenant_id = c.tenant_id and of_id.id = c.id limit 1
    ) as a
    cross join lateral (
      select of_id.* from public.outbox as of_id where of_id.id = a.envelope_id and of_id.tenant_id = a.tenant_id limit 1
    ) as o
  ) as shown
$$;
revoke all on function worker_api.list_approvals from public;
grant execute on function worker_api.list_approvals to service_role, app_rw, app_ro, authenticated;
