-- The newest open tickets that are in a cluster and were opened since `since`: of a tenant, or of one cluster of it.
-- The newest comes first. Each has only the beginning of its texts. For the search for near-duplicates.
-- call: replica
create or replace function autopilot.list_open_tickets(
  tenant uuid default null, cluster uuid default null, since timestamptz default null, max_tickets integer default 1000
)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp
-- read each status in the order of an index: the planner does not know the limit and would sort all rows
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
  with statuses as materialized (
    select s.key, s.is_sure from autopilot.open_statuses(autopilot.tenant_of(list_open_tickets.tenant)) as s
  ), found as (
    select o.ticket
    from statuses as s
    cross join lateral (
      select t as ticket from autopilot.tickets as t
      where list_open_tickets.cluster is null and t.organization_id = autopilot.tenant_of(list_open_tickets.tenant)
        and md5(t.external_status) = s.key and t.resolved_at is null and t.resolution is null
        and (t.cluster_id is null) is false
        and case when t.source_created_at is null then t.created_at else t.source_created_at end
          >= (select coalesce(list_open_tickets.since, '-infinity'))
        and (s.is_sure or autopilot.is_open(t))
      order by case when t.source_created_at is null then t.created_at else t.source_created_at end desc, t.id desc
      limit least(max_tickets, 2000)
    ) as o
    union all
    select o.ticket
    from statuses as s
    cross join lateral (
      select t as ticket from autopilot.tickets as t
      where t.cluster_id = list_open_tickets.cluster
        and t.organization_id = autopilot.tenant_of(list_open_tickets.tenant)
        and md5(t.external_status) = s.key and t.resolved_at is null and t.resolution is null
        and case when t.source_created_at is null then t.created_at else t.source_created_at end
          >= (select coalesce(list_open_tickets.since, '-infinity'))
        and (s.is_sure or autopilot.is_open(t))
      order by case when t.source_created_at is null then t.created_at else t.source_created_at end desc, t.id desc
      limit least(max_tickets, 2000)
    ) as o
  ), page as (
    select f.ticket, coalesce((f.ticket).source_created_at, (f.ticket).created_at) as opened_at
    from found as f
    order by coalesce((f.ticket).source_created_at, (f.ticket).created_at) desc, (f.ticket).id desc
    limit least(max_tickets, 2000)
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', (p.ticket).id, 'external_id', (p.ticket).external_id, 'subject', left((p.ticket).subject, 300),
    'description', left((p.ticket).description, 2000), 'cluster_id', (p.ticket).cluster_id, 'opened_at', p.opened_at
  ) order by p.opened_at desc, (p.ticket).id desc), '[]')
  from page as p
$$;
revoke all on function autopilot.list_open_tickets from public;
grant execute on function autopilot.list_open_tickets to authenticated, service_role, app_rw, app_ro;
