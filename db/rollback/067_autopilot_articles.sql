-- Takes the links and contents of articles away; knowledge_articles.cluster_id stays.
do $$
declare
  one regprocedure;
begin
  for one in select p.oid from pg_catalog.pg_proc as p where p.pronamespace = 'autopilot'::regnamespace loop
    execute format('drop function %s', one);
  end loop;
end
$$;
drop trigger link_article on autopilot.knowledge_articles;
drop table autopilot.article_clusters;
drop function app_private.link_article(), app_private.follow_article_links();
alter table autopilot.knowledge_articles
  drop column words, drop column content, drop column source, drop column embedding;
