-- Takes passages, drafted articles, and the cost of tickets away. Articles and their links stay.
do $$
declare
  one regprocedure;
begin
  for one in select p.oid from pg_catalog.pg_proc as p where p.pronamespace = 'autopilot'::regnamespace loop
    execute format('drop function %s', one);
  end loop;
end
$$;
drop trigger follow_status on autopilot.knowledge_articles;
drop trigger search_again on autopilot.clusters;
drop table autopilot.article_passages, autopilot.article_drafts, autopilot.knowledge_versions;
drop function app_private.follow_article_status(), app_private.search_again();
alter table autopilot.article_clusters drop column is_found;
alter table autopilot.clusters drop column searched_version;
drop index autopilot.idx_knowledge_articles_unindexed;
drop index autopilot.idx_knowledge_articles_title;
alter table autopilot.knowledge_articles
  drop column content_hash, drop column indexed_hash, add column embedding bytea,
  add column words tsvector generated always as (
    to_tsvector('simple'::regconfig, title || ' ' || left(coalesce(content, ''), 200000))
  ) stored;
alter table autopilot.settings
  drop column article_tool_slug, drop column response_tool_slug, drop column minutes_per_ticket,
  drop column cost_per_hour;
