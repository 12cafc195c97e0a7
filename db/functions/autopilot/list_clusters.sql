-- The clusters of a model (null: of the active model), by name, each with the number of its tickets (`tickets`) and of
-- its active articles (`articles`), and with its `cohesion` (null: a workflow wrote it).
-- call: replica
create or replace function autopilot.list_clusters(tenant uuid default null, model uuid default null)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select coalesce(jsonb_agg(
    to_jsonb(c) || jsonb_build_object('tickets', (
      select coalesce(sum(n.tickets), 0) from autopilot.ticket_counts as n
      where n.organization_id = c.organization_id and n.cluster_id = c.id
    ), 'articles', (
      select count(*) from autopilot.article_clusters as k
      join autopilot.knowledge_articles as a on a.organization_id = k.organization_id and a.id = k.article_id
      where k.organization_id = c.organization_id and k.cluster_id = c.id and a.status = 'active'
    ), 'cohesion', (
      select k.cohesion from autopilot.cluster_centroids as k
      where k.organization_id = c.organization_id and k.cluster_id = c.id
    ))
    order by coalesce(c.label, c.name), c.subcluster_name nulls first, c.id
  ), '[]')
  from autopilot.clusters as c
  join autopilot.ml_models as m on m.organization_id = c.organization_id and m.id = c.model_id
  where c.organization_id = autopilot.tenant_of(list_clusters.tenant)
    and (m.id = list_clusters.model or list_clusters.model is null and m.active)
$$;
revoke all on function autopilot.list_clusters from public;
grant execute on function autopilot.list_clusters to authenticated, service_role, app_rw, app_ro;
