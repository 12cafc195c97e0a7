-- The newest open tickets that are in a cluster and were opened since `since`: of a tenant, or of one cluster of it.
-- The newest comes first. Each has only the beginning of its texts. For the search for near-duplicates.
-- call: replica
create or replace function autopilot.list_open_tickets(
  tenant uuid default null, cluster uuid default null, since timestamptz default null, max_tickets integer default 1000
)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
  with found as (
    (
      select t as ticket from autopilot.tickets as t
      where list_open_tickets.cluster is null and t.organization_id = autopilot.tenant_of(list_open_tickets.tenant)
        and t.resolved_at is null and t.cluster_id is not null
        and case when t.source_created_at is null then t.created_at else t.source_created_at end
          >= (select coalesce(list_open_tickets.since, '-infinity'))
        and autopilot.is_open(t)
      order by case when t.source_created_at is null then t.created_at else t.source_created_at end desc, t.id desc
      limit least(max_tickets, 2000)
    )
    union all
    (
      select t as ticket from autopilot.tickets as t
      where list_open_tickets.cluster is not null and t.organization_id = autopilot.tenant_of(list_open_tickets.tenant)
        and t.cluster_id = list_open_tickets.cluster and t.resolved_at is null
        and case when t.source_created_at is null then t.created_at else t.source_created_at end
          >= (select coalesce(list_open_tickets.since, '-infinity'))
        and autopilot.is_open(t)
      order by case when t.source_created_at is null then t.created_at else t.source_created_at end desc, t.id desc
      limit least(max_tickets, 2000)
    )
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', (f.ticket).id, 'external_id', (f.ticket).external_id, 'subject', left((f.ticket).subject, 300),
    'description', left((f.ticket).description, 2000), 'cluster_id', (f.ticket).cluster_id,
    'opened_at', coalesce((f.ticket).source_created_at, (f.ticket).created_at)
  ) order by coalesce((f.ticket).source_created_at, (f.ticket).created_at) desc, (f.ticket).id desc), '[]')
  from found as f
$$;
revoke all on function autopilot.list_open_tickets from public;
grant execute on function autopilot.list_open_tickets to authenticated, service_role, app_rw, app_ro;
