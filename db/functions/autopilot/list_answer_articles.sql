-- The active articles that are linked to a cluster, those with the highest score first: at most 20 articles, each with
-- the first 100,000 characters of its text. For workers. Returns a list of {id, external_id, title, url, content}.
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
