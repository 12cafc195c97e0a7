-- A page of the articles that were drafted for gaps, with their texts, the newest first. With `cluster`, only those of
-- this cluster, also under earlier models. `before_at` and `before_id` are the `created_at` and id of the last draft of
-- the page before.
-- call: replica
create or replace function autopilot.list_article_drafts(
  tenant uuid default null, cluster uuid default null, before_at timestamptz default null,
  before_id uuid default null, max_drafts integer default 50
)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select coalesce(jsonb_agg(to_jsonb(d) - 'organization_id' order by d.created_at desc, d.id desc), '[]')
  from (
    select d.* from autopilot.article_drafts as d
    where d.organization_id = autopilot.tenant_of(list_article_drafts.tenant)
      and (list_article_drafts.cluster is null or d.lineage_id = (
        select c.lineage_id from autopilot.clusters as c
        where c.organization_id = autopilot.tenant_of(list_article_drafts.tenant) and c.id = list_article_drafts.cluster
      ))
      and (list_article_drafts.before_id is null
        or (d.created_at, d.id) < (list_article_drafts.before_at, list_article_drafts.before_id))
    order by d.created_at desc, d.id desc
    limit least(max_drafts, 1000)
  ) as d
$$;
revoke all on function autopilot.list_article_drafts from public;
grant execute on function autopilot.list_article_drafts to authenticated, service_role, app_rw, app_ro;
