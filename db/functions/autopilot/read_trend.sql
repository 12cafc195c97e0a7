-- The daily figures of the days in UTC from `since` to `until` (at most 366 days): of one cluster, or the sums of all
-- clusters of the active model. Days without tickets are left out.
-- call: replica
create or replace function autopilot.read_trend(
  since timestamptz, until timestamptz, tenant uuid default null, cluster uuid default null
)
returns jsonb language plpgsql stable
-- the days of all clusters are read from their index, without their rows; a plan for these ids looks each day's cluster
-- up in a hash table
set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off
set plan_cache_mode = force_custom_plan as $$
declare
  organization constant uuid := autopilot.tenant_of(read_trend.tenant);
  first_day constant date := (greatest(since, until - interval '365 days') at time zone 'UTC')::date;
  last_day constant date := (until at time zone 'UTC')::date;
  shown constant uuid[] := case
    when cluster is not null then array[cluster]
    else array(
      select c.id
      from autopilot.ml_models as m
      join autopilot.clusters as c on c.organization_id = m.organization_id and c.model_id = m.id
      where m.organization_id = organization and m.active
    )
  end;
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'day', d.day, 'total_tickets', d.total, 'automated_count', d.automated, 'kb_gap_count', d.gap
    ) order by d.day), '[]')
    from (
      select a.day, sum(a.total_tickets) as total, sum(a.automated_count) as automated, sum(a.kb_gap_count) as gap
      from autopilot.analytics_cluster_daily as a
      where a.organization_id = organization and a.day >= first_day and a.day <= last_day
        and a.cluster_id = any (shown)
        -- for the index of all clusters, which one cluster is not to be read from
        and (cluster is not null or a.total_tickets > 0)
      group by a.day having sum(a.total_tickets) > 0
    ) as d
  );
end
$$;
revoke all on function autopilot.read_trend from public;
grant execute on function autopilot.read_trend to authenticated, service_role, app_rw, app_ro;
