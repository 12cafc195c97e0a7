-- Compute the daily figures of clusters again from their tickets. The n-th elements of `clusters` and `days` name one
-- cluster and one day (UTC).
-- call: internal
create or replace function autopilot.count_days(organization uuid, clusters uuid[], days date[])
returns void
language sql set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  insert into autopilot.analytics_cluster_daily as a (
    organization_id, cluster_id, day, total_tickets, automated_count, kb_gap_count
  )
  select
    organization, c.id, d.day, counted.tickets, counted.automated,
    case when c.kb_status = 'GAP' then counted.tickets else 0 end
  from (select distinct g.cluster_id, g.day from unnest(clusters, days) as g (cluster_id, day)) as d
  join autopilot.clusters as c on c.organization_id = organization and c.id = d.cluster_id
  cross join lateral (
    select count(*) as tickets, count(*) filter (where t.response_state = 'sent') as automated
    from autopilot.tickets as t
    where t.organization_id = organization and t.cluster_id = c.id
      and case when t.source_created_at is null then t.created_at else t.source_created_at end
        >= d.day::timestamp at time zone 'UTC'
      and case when t.source_created_at is null then t.created_at else t.source_created_at end
        < (d.day + 1)::timestamp at time zone 'UTC'
  ) as counted
  order by c.id, d.day
  on conflict (organization_id, cluster_id, day) do update
  set
    total_tickets = excluded.total_tickets, automated_count = excluded.automated_count,
    kb_gap_count = excluded.kb_gap_count
  where (a.total_tickets, a.automated_count, a.kb_gap_count)
    is distinct from (excluded.total_tickets, excluded.automated_count, excluded.kb_gap_count)
$$;
revoke all on function autopilot.count_days from public;
