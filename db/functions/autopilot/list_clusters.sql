-- The clusters of a model (null: of the active model), by name, each with the number of its tickets (`tickets`) and of
-- its active articles (`articles`), and with its `cohesion` (null: a workflow wrote it).
-- call: replica
create or replace function autopilot.list_clusters(tenant uuid default null, model uuid default null)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  with shown as materialized (
    select c.* from autopilot.clusters as c
    join autopilot.ml_models as m on m.organization_id = c.organization_id and m.id = c.model_id
    where c.organization_id = autopilot.tenant_of(list_clusters.tenant)
      and (m.id = list_clusters.model or list_clusters.model is null and m.active)
  ), ticket_sums as materialized (
    select n.cluster_id, sum(n.tickets) as tickets from autopilot.ticket_counts as n
    where n.organization_id = autopilot.tenant_of(list_clusters.tenant)
    group by n.cluster_id
  ), article_sums as materialized (
    select k.cluster_id, count(*) as articles
    from shown as c
    join autopilot.article_clusters as k on k.organization_id = c.organization_id and k.cluster_id = c.id
    join autopilot.knowledge_articles as a on a.organization_id = k.organization_id and a.id = k.article_id
    where a.status = 'active'
    group by k.cluster_id
  )
  select coalesce(jsonb_agg(
    to_jsonb(c) || jsonb_build_object(
      'tickets', coalesce(n.tickets, 0), 'articles', coalesce(a.articles, 0), 'cohesion', (
        select k.cohesion from autopilot.cluster_centroids as k
        where k.organization_id = c.organization_id and k.cluster_id = c.id
      )
    )
    order by coalesce(c.label, c.name), c.subcluster_name nulls first, c.id
  ), '[]')
  from shown as c
  left join ticket_sums as n on n.cluster_id = c.id
  left join article_sums as a on a.cluster_id = c.id
$$;
revoke all on function autopilot.list_clusters from public;
grant execute on function autopilot.list_clusters to authenticated, service_role, app_rw, app_ro;
