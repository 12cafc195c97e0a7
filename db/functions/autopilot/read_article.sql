-- An article with its text, and with `links`: the clusters of the active model that it answers, the best first, each
-- with {cluster_id, name, subcluster_name, label, kb_status, score, is_found}. Null if there is no such article.
-- call: replica
create or replace function autopilot.read_article(article uuid, tenant uuid default null)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select jsonb_build_object(
    'id', a.id, 'external_id', a.external_id, 'title', a.title, 'url', a.url, 'source', a.source, 'status', a.status,
    'created_at', a.created_at, 'updated_at', a.updated_at, 'content', a.content, 'clusters', l.clusters,
    'links', l.links
  )
  from autopilot.knowledge_articles as a
  cross join lateral (
    select count(*) as clusters, coalesce(jsonb_agg(jsonb_build_object(
      'cluster_id', c.id, 'name', c.name, 'subcluster_name', c.subcluster_name, 'label', c.label,
      'kb_status', c.kb_status, 'score', k.score, 'is_found', k.is_found
    ) order by k.score desc nulls first, c.id), '[]') as links
    from autopilot.article_clusters as k
    join autopilot.clusters as c on c.organization_id = k.organization_id and c.id = k.cluster_id
    join autopilot.ml_models as m on m.organization_id = c.organization_id and m.id = c.model_id and m.active
    where k.organization_id = a.organization_id and k.article_id = a.id
  ) as l
  where a.organization_id = autopilot.tenant_of(read_article.tenant) and a.id = read_article.article
$$;
revoke all on function autopilot.read_article from public;
grant execute on function autopilot.read_article to authenticated, service_role, app_rw, app_ro;
