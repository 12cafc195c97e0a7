-- Articles of a tenant without their texts, by title, after the one with the title `after_title` and the id `after_id`.
-- With `status`, only articles with this status; with `cluster`, only those linked to this cluster. Each has {id,
-- external_id, title, url, source, status, created_at, updated_at, clusters}; `clusters`: how many clusters of the
-- active model it answers.
-- call: replica
create or replace function autopilot.list_articles(
  tenant uuid default null, status text default null, cluster uuid default null, after_title text default null,
  after_id uuid default null, max_articles integer default 50
)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', a.id, 'external_id', a.external_id, 'title', a.title, 'url', a.url, 'source', a.source, 'status', a.status,
    'created_at', a.created_at, 'updated_at', a.updated_at, 'clusters', (
      select count(*) from autopilot.article_clusters as k
      join autopilot.clusters as c on c.organization_id = k.organization_id and c.id = k.cluster_id
      join autopilot.ml_models as m on m.organization_id = c.organization_id and m.id = c.model_id and m.active
      where k.organization_id = a.organization_id and k.article_id = a.id
    )
  ) order by lower(left(a.title, 200)), a.id), '[]')
  from (
    -- one branch for each index, and only one branch runs
    (
      select a.* from autopilot.knowledge_articles as a
      where list_articles.cluster is null and a.organization_id = autopilot.tenant_of(list_articles.tenant)
        and (list_articles.status is null or a.status = list_articles.status)
        and (list_articles.after_id is null
          or (lower(left(a.title, 200)), a.id) > (lower(left(list_articles.after_title, 200)), list_articles.after_id))
      order by lower(left(a.title, 200)), a.id
      limit least(max_articles, 1000)
    )
    union all
    (
      select a.* from autopilot.article_clusters as k
      join autopilot.knowledge_articles as a on a.organization_id = k.organization_id and a.id = k.article_id
      where k.organization_id = autopilot.tenant_of(list_articles.tenant) and k.cluster_id = list_articles.cluster
        and (list_articles.status is null or a.status = list_articles.status)
        and (list_articles.after_id is null
          or (lower(left(a.title, 200)), a.id) > (lower(left(list_articles.after_title, 200)), list_articles.after_id))
      order by lower(left(a.title, 200)), a.id
      limit least(max_articles, 1000)
    )
  ) as a
$$;
revoke all on function autopilot.list_articles from public;
grant execute on function autopilot.list_articles to authenticated, service_role, app_rw, app_ro;
