-- The active articles that are linked to a cluster, with their texts, those with the highest score first: at most 20
-- articles with 100,000 characters each. For workers.
-- call: repeatable
create or replace function autopilot.list_answer_articles(tenant uuid, cluster uuid)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', a.id, 'external_id', a.external_id, 'title', a.title, 'url', a.url, 'content', left(a.content, 100000)
  ) order by a.score desc nulls last, a.id), '[]')
  from (
    select a.*, k.score from autopilot.article_clusters as k
    join autopilot.knowledge_articles as a on a.organization_id = k.organization_id and a.id = k.article_id
    where k.organization_id = list_answer_articles.tenant and k.cluster_id = list_answer_articles.cluster
      and a.status = 'active'
    order by k.score desc nulls last, a.id
    limit 20
  ) as a
$$;
revoke all on function autopilot.list_answer_articles from public;
grant execute on function autopilot.list_answer_articles to service_role, app_rw;
