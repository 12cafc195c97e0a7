-- The daily figures of the days in UTC from `since` to `until` (at most 366 days): of one cluster, or the sums of all
-- clusters of the active model. Days without tickets are left out.
-- call: replica
create or replace function autopilot.read_trend(
  since timestamptz, until timestamptz, tenant uuid default null, cluster uuid default null
)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  with shown as (
    select c.id from autopilot.clusters as c
    where c.organization_id = autopilot.tenant_of(read_trend.tenant) and c.id = read_trend.cluster
    union all
    select c.id
    from autopilot.ml_models as m
    join autopilot.clusters as c on c.organization_id = m.organization_id and c.model_id = m.id
    where m.organization_id = autopilot.tenant_of(read_trend.tenant) and m.active and read_trend.cluster is null
  ), days as (
    select d.day, sum(d.total_tickets) as total, sum(d.automated_count) as automated, sum(d.kb_gap_count) as gap
    from shown as s
    cross join lateral (
      select a.day, a.total_tickets, a.automated_count, a.kb_gap_count from autopilot.analytics_cluster_daily as a
      where a.organization_id = autopilot.tenant_of(read_trend.tenant) and a.cluster_id = s.id
        and a.day >= (greatest(read_trend.since, read_trend.until - interval '365 days') at time zone 'UTC')::date
        and a.day <= (read_trend.until at time zone 'UTC')::date
      offset 0
    ) as d
    group by d.day
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'day', d.day, 'total_tickets', d.total, 'automated_count', d.automated, 'kb_gap_count', d.gap
  ) order by d.day), '[]')
  from days as d
$$;
revoke all on function autopilot.read_trend from public;
grant execute on function autopilot.read_trend to authenticated, service_role, app_rw, app_ro;
