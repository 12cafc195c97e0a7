-- A page of the stuck tickets of a tenant, or of one cluster, the oldest first: open for longer than nine of ten tickets
-- of their cluster took, and not updated for a day. `after` and `after_id` are the `opened_at` and id of the last ticket
-- of the page before. The job measures hourly how long tickets take (refresh_cluster_times).
-- call: replica
create or replace function autopilot.list_stuck_tickets(
  tenant uuid default null, cluster uuid default null, max_tickets integer default 50, after timestamptz default null,
  after_id uuid default null, as_of timestamptz default null
)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp
-- read each status in the order of an index: the planner does not know the limit and would sort all rows
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off set enable_hashjoin = off
set enable_mergejoin = off as $$
  with statuses as materialized (
    select s.key, s.is_sure from autopilot.open_statuses(autopilot.tenant_of(list_stuck_tickets.tenant)) as s
  ), found as (
    select o.ticket, o.usual_hours
    from statuses as s
    cross join lateral (
      select t as ticket, k.usual_hours from autopilot.tickets as t
      join autopilot.cluster_times as k on k.organization_id = t.organization_id and k.cluster_id = t.cluster_id
      where list_stuck_tickets.cluster is null and t.organization_id = autopilot.tenant_of(list_stuck_tickets.tenant)
        and md5(t.external_status) = s.key and t.resolved_at is null and t.resolution is null
        and (t.cluster_id is null) is false
        and (case when t.source_created_at is null then t.created_at else t.source_created_at end, t.id) > (
          select coalesce(list_stuck_tickets.after, '-infinity'),
            coalesce(after_id, '00000000-0000-0000-0000-000000000000')
        )
        and case when t.source_created_at is null then t.created_at else t.source_created_at end < (
          -- null, and so no ticket, if no cluster has a usual time
          select coalesce(list_stuck_tickets.as_of, now()) - min(u.usual_hours) * interval '1 hour'
          from autopilot.cluster_times as u
          where u.organization_id = autopilot.tenant_of(list_stuck_tickets.tenant)
        )
        and case when t.source_created_at is null then t.created_at else t.source_created_at end
          < coalesce(list_stuck_tickets.as_of, now()) - k.usual_hours * interval '1 hour'
        and coalesce(t.source_updated_at, t.updated_at) < coalesce(list_stuck_tickets.as_of, now()) - interval '1 day'
        and (s.is_sure or autopilot.is_open(t))
      order by case when t.source_created_at is null then t.created_at else t.source_created_at end, t.id
      limit least(max_tickets, 1000)
    ) as o
    union all
    select o.ticket, o.usual_hours
    from statuses as s
    cross join lateral (
      select t as ticket, k.usual_hours from autopilot.tickets as t
      join autopilot.cluster_times as k on k.organization_id = t.organization_id and k.cluster_id = t.cluster_id
      where t.cluster_id = list_stuck_tickets.cluster
        and t.organization_id = autopilot.tenant_of(list_stuck_tickets.tenant)
        and md5(t.external_status) = s.key and t.resolved_at is null and t.resolution is null
        and (case when t.source_created_at is null then t.created_at else t.source_created_at end, t.id) > (
          select coalesce(list_stuck_tickets.after, '-infinity'),
            coalesce(after_id, '00000000-0000-0000-0000-000000000000')
        )
        and case when t.source_created_at is null then t.created_at else t.source_created_at end < (
          select coalesce(list_stuck_tickets.as_of, now()) - u.usual_hours * interval '1 hour'
          from autopilot.cluster_times as u
          where u.organization_id = autopilot.tenant_of(list_stuck_tickets.tenant)
            and u.cluster_id = list_stuck_tickets.cluster
        )
        and coalesce(t.source_updated_at, t.updated_at) < coalesce(list_stuck_tickets.as_of, now()) - interval '1 day'
        and (s.is_sure or autopilot.is_open(t))
      order by case when t.source_created_at is null then t.created_at else t.source_created_at end, t.id
      limit least(max_tickets, 1000)
    ) as o
  ), page as (
    select f.ticket, f.usual_hours, coalesce((f.ticket).source_created_at, (f.ticket).created_at) as opened_at
    from found as f
    order by coalesce((f.ticket).source_created_at, (f.ticket).created_at), (f.ticket).id
    limit least(max_tickets, 1000)
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', (p.ticket).id, 'external_id', (p.ticket).external_id, 'subject', left((p.ticket).subject, 300),
    'external_status', (p.ticket).external_status, 'priority', (p.ticket).priority, 'assignee', (p.ticket).assignee,
    'cluster_id', (p.ticket).cluster_id, 'opened_at', p.opened_at,
    'last_update_at', coalesce((p.ticket).source_updated_at, (p.ticket).updated_at), 'usual_hours', p.usual_hours
  ) order by p.opened_at, (p.ticket).id), '[]')
  from page as p
$$;
revoke all on function autopilot.list_stuck_tickets from public;
grant execute on function autopilot.list_stuck_tickets to authenticated, service_role, app_rw, app_ro;
