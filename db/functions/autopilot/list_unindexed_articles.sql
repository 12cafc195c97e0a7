-- Articles of an organization whose passages are to be made, with {id, title, content, content_hash}. For workers.
-- call: repeatable
create or replace function autopilot.list_unindexed_articles(tenant uuid, max_articles integer default 50)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', a.id, 'title', a.title, 'content', a.content, 'content_hash', a.content_hash
  )), '[]')
  from (
    select a.* from autopilot.knowledge_articles as a
    where a.organization_id = list_unindexed_articles.tenant and a.indexed_hash is distinct from a.content_hash
    order by a.id
    limit least(max_articles, 100)
  ) as a
$$;
revoke all on function autopilot.list_unindexed_articles from public;
grant execute on function autopilot.list_unindexed_articles to service_role, app_rw;
