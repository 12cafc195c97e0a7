-- Count the tickets of a cluster (null: those without a cluster) that were opened from `since` to `until`, in spans of
-- five minutes. At most the last 53 weeks are counted. For the job that finds bursts. Returns a list of [span,
-- tickets]: spans are numbered from 0, and those without tickets are left out.
-- call: replica
create or replace function autopilot.count_arrivals(
  tenant uuid, cluster uuid, since timestamptz, until timestamptz
)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp
-- read in the order of idx_tickets_opened: the planner does not know that a cluster has many tickets
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
  select coalesce(jsonb_agg(jsonb_build_array(b.span, b.tickets) order by b.span), '[]') from (
    select floor(extract(epoch from a.opened_at - count_arrivals.since) / 300)::integer as span, count(*) as tickets
    from (
      (
        select case when t.source_created_at is null then t.created_at else t.source_created_at end as opened_at
        from autopilot.tickets as t
        where count_arrivals.cluster is not null and t.organization_id = count_arrivals.tenant
          and t.cluster_id = count_arrivals.cluster
          and case when t.source_created_at is null then t.created_at else t.source_created_at end
            >= greatest(count_arrivals.since, count_arrivals.until - interval '53 weeks')
          and case when t.source_created_at is null then t.created_at else t.source_created_at end
            < count_arrivals.until
        order by case when t.source_created_at is null then t.created_at else t.source_created_at end
      )
      union all
      (
        select case when t.source_created_at is null then t.created_at else t.source_created_at end
        from autopilot.tickets as t
        where count_arrivals.cluster is null and t.organization_id = count_arrivals.tenant and t.cluster_id is null
          and case when t.source_created_at is null then t.created_at else t.source_created_at end
            >= greatest(count_arrivals.since, count_arrivals.until - interval '53 weeks')
          and case when t.source_created_at is null then t.created_at else t.source_created_at end
            < count_arrivals.until
        order by t.cluster_id, case when t.source_created_at is null then t.created_at else t.source_created_at end
      )
    ) as a
    group by 1
  ) as b
$$;
revoke all on function autopilot.count_arrivals from public;
grant execute on function autopilot.count_arrivals to service_role, app_rw;
