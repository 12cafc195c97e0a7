-- A page of the stuck tickets of a tenant, or of one cluster, the oldest first: open for longer than nine of ten tickets
-- of their cluster took, and not updated for a day. `after` and `after_id` are the `opened_at` and id of the last ticket
-- of the page before. The job measures hourly how long tickets take (refresh_cluster_times).
-- call: replica
create or replace function autopilot.list_stuck_tickets(
  tenant uuid default null, cluster uuid default null, max_tickets integer default 50, after timestamptz default null,
  after_id uuid default null, as_of timestamptz default null
)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp
-- read a page in the order of an index: the planner does not know the limit and would sort all rows
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off set enable_hashjoin = off
set enable_mergejoin = off as $$
  with found as (
    (
      select t as ticket, k.usual_hours from autopilot.tickets as t
      join autopilot.cluster_times as k on k.organization_id = t.organization_id and k.cluster_id = t.cluster_id
      where list_stuck_tickets.cluster is null and t.organization_id = autopilot.tenant_of(list_stuck_tickets.tenant)
        and t.resolved_at is null
        and (case when t.source_created_at is null then t.created_at else t.source_created_at end, t.id) > (
          select coalesce(list_stuck_tickets.after, '-infinity'),
            coalesce(after_id, '00000000-0000-0000-0000-000000000000')
        )
        and case when t.source_created_at is null then t.created_at else t.source_created_at end
          < coalesce(list_stuck_tickets.as_of, now()) - k.usual_hours * interval '1 hour'
        and coalesce(t.source_updated_at, t.updated_at) < coalesce(list_stuck_tickets.as_of, now()) - interval '1 day'
        and autopilot.is_open(t)
      order by case when t.source_created_at is null then t.created_at else t.source_created_at end, t.id
      limit least(max_tickets, 1000)
    )
    union all
    (
      select t as ticket, k.usual_hours from autopilot.tickets as t
      join autopilot.cluster_times as k on k.organization_id = t.organization_id and k.cluster_id = t.cluster_id
      where list_stuck_tickets.cluster is not null and t.organization_id = autopilot.tenant_of(list_stuck_tickets.tenant)
        and t.cluster_id = list_stuck_tickets.cluster and t.resolved_at is null
        and (case when t.source_created_at is null then t.created_at else t.source_created_at end, t.id) > (
          select coalesce(list_stuck_tickets.after, '-infinity'),
            coalesce(after_id, '00000000-0000-0000-0000-000000000000')
        )
        and case when t.source_created_at is null then t.created_at else t.source_created_at end
          < coalesce(list_stuck_tickets.as_of, now()) - k.usual_hours * interval '1 hour'
        and coalesce(t.source_updated_at, t.updated_at) < coalesce(list_stuck_tickets.as_of, now()) - interval '1 day'
        and autopilot.is_open(t)
      order by case when t.source_created_at is null then t.created_at else t.source_created_at end, t.id
      limit least(max_tickets, 1000)
    )
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', (f.ticket).id, 'external_id', (f.ticket).external_id, 'subject', left((f.ticket).subject, 300),
    'external_status', (f.ticket).external_status, 'priority', (f.ticket).priority, 'assignee', (f.ticket).assignee,
    'cluster_id', (f.ticket).cluster_id, 'opened_at', coalesce((f.ticket).source_created_at, (f.ticket).created_at),
    'last_update_at', coalesce((f.ticket).source_updated_at, (f.ticket).updated_at), 'usual_hours', f.usual_hours
  ) order by coalesce((f.ticket).source_created_at, (f.ticket).created_at), (f.ticket).id), '[]')
  from found as f
$$;
revoke all on function autopilot.list_stuck_tickets from public;
grant execute on function autopilot.list_stuck_tickets to authenticated, service_role, app_rw, app_ro;
