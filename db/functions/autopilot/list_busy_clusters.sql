-- The clusters of the active model of which at least `min_tickets` tickets were opened within the hour before `until`.
-- The tickets without a cluster count like one more cluster, with `cluster_id` null. Returns {clusters, known_since,
-- busy}: how many clusters the model has; when the oldest ticket was opened; and a list of {cluster_id, lineage_id}.
-- For the job that finds bursts.
-- call: replica
create or replace function autopilot.list_busy_clusters(tenant uuid, until timestamptz, min_tickets integer)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp
-- read in the order of idx_tickets_opened: the planner does not know that a cluster has many tickets
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
  with groups as (
    select c.id as cluster_id, c.lineage_id
    from autopilot.ml_models as m
    join autopilot.clusters as c on c.organization_id = m.organization_id and c.model_id = m.id
    where m.organization_id = list_busy_clusters.tenant and m.active
  ), counted as (
    select g.cluster_id, g.lineage_id, recent.tickets, oldest.opened_at
    from groups as g
    cross join lateral (
      select count(*) as tickets from (
        select from autopilot.tickets as t
        where t.organization_id = list_busy_clusters.tenant and t.cluster_id = g.cluster_id
          and case when t.source_created_at is null then t.created_at else t.source_created_at end
            >= list_busy_clusters.until - interval '1 hour'
          and case when t.source_created_at is null then t.created_at else t.source_created_at end
            < list_busy_clusters.until
        order by case when t.source_created_at is null then t.created_at else t.source_created_at end
        limit min_tickets
      ) as r
    ) as recent
    left join lateral (
      select case when t.source_created_at is null then t.created_at else t.source_created_at end as opened_at
      from autopilot.tickets as t
      where t.organization_id = list_busy_clusters.tenant and t.cluster_id = g.cluster_id
      order by case when t.source_created_at is null then t.created_at else t.source_created_at end limit 1
    ) as oldest on true
    union all
    select null, null, (
      select count(*) from (
        select from autopilot.tickets as t
        where t.organization_id = list_busy_clusters.tenant and t.cluster_id is null
          and case when t.source_created_at is null then t.created_at else t.source_created_at end
            >= list_busy_clusters.until - interval '1 hour'
          and case when t.source_created_at is null then t.created_at else t.source_created_at end
            < list_busy_clusters.until
        order by t.cluster_id, case when t.source_created_at is null then t.created_at else t.source_created_at end
        limit min_tickets
      ) as r
    ), (
      select case when t.source_created_at is null then t.created_at else t.source_created_at end
      from autopilot.tickets as t
      where t.organization_id = list_busy_clusters.tenant and t.cluster_id is null
      order by t.cluster_id, case when t.source_created_at is null then t.created_at else t.source_created_at end
      limit 1
    )
  )
  select jsonb_build_object(
    'clusters', (select count(*) from groups), 'known_since', min(c.opened_at), 'busy', coalesce(
      jsonb_agg(jsonb_build_object('cluster_id', c.cluster_id, 'lineage_id', c.lineage_id) order by c.cluster_id)
        filter (where c.tickets >= min_tickets), '[]'
    )
  )
  from counted as c
$$;
revoke all on function autopilot.list_busy_clusters from public;
grant execute on function autopilot.list_busy_clusters to service_role, app_rw;
