-- How people decide: one row per person, over the newest `max_decisions` decisions since `decided_after`, of one tenant
-- or of all (null). A row counts approvals, edits, rejections, and approvals of a call that was or was not shown as a
-- whole, and has the median seconds from request to decision. Approvals that were rejected only because their tool was
-- rejected or their envelope was cancelled do not count.
-- call: replica
create or replace function worker_api.read_reviewers(
  tenant uuid, decided_after timestamptz, max_decisions integer default 10000
)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  with newest as (   -- one branch for each index, as in list_decided
    (
      select a.*
      from public.approvals as a
      where a.tenant_id = read_reviewers.tenant and a.decision is not null and a.decided_at > decided_after
      order by a.decided_at desc, a.id desc
      limit max_decisions
    )
    union all
    (
      select a.*
      from public.approvals as a
      where read_reviewers.tenant is null and a.decision is not null and a.decided_at > decided_after
      order by a.decided_at desc, a.id desc
      limit max_decisions
    )
  )
  select coalesce(jsonb_agg(r order by r.decisions desc, r.reviewer), '[]')
  from (
    select
      n.decided_by as reviewer,
      count(*) as decisions,
      count(*) filter (where n.decision = 'approved') as approved,
      count(*) filter (where n.decision = 'approved' and n.decided_digest is not null) as edited,
      count(*) filter (where n.decision = 'rejected') as rejected,
      count(*) filter (where n.decision = 'approved' and n.shown_whole) as approved_shown,
      count(*) filter (where n.decision = 'approved' and not n.shown_whole) as approved_unread,
      percentile_cont(0.5) within group (
        order by case when isfinite(n.decided_at) and isfinite(n.requested_at)
          then extract(epoch from n.decided_at - n.requested_at)::double precision end
      ) as median_seconds
    from newest as n
    where n.decision in ('approved', 'rejected')
      and coalesce(n.rejection_code, '') not in ('tool_rejected', 'cancelled')
    group by n.decided_by
  ) as r
$$;
revoke all on function worker_api.read_reviewers from public;
grant execute on function worker_api.read_reviewers to service_role, app_rw, app_ro, authenticated;
