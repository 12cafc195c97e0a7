-- Say that an article answers a cluster of the active model, or that it does not (`is_linked` false). A link that a
-- person makes stays when the search finds other articles. For owners and reviewers. Raises PT404, PT403. Returns the
-- cluster.
-- call: repeatable
create or replace function autopilot.set_article_link(
  article uuid, cluster uuid, is_linked boolean default true, tenant uuid default null,
  actor_type text default 'operator', actor_id text default null, door text default null,
  as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  locked autopilot.clusters;
  is_changed boolean;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  locked := autopilot.lock_cluster(caller.tenant_id, cluster);
  if not exists (
    select from autopilot.knowledge_articles as a
    where a.organization_id = caller.tenant_id and a.id = set_article_link.article
  ) then
    raise exception 'article: no article %', article using errcode = 'PT404';
  end if;
  if is_linked then
    insert into autopilot.article_clusters as k (organization_id, article_id, cluster_id, created_at)
    values (caller.tenant_id, set_article_link.article, locked.id, moment)
    on conflict (organization_id, article_id, cluster_id) do update set is_found = false where k.is_found;
    is_changed := found;
  else
    delete from autopilot.article_clusters as k
    where k.organization_id = caller.tenant_id and k.article_id = set_article_link.article and k.cluster_id = locked.id;
    is_changed := found;
  end if;
  if is_changed then
    perform autopilot.add_audit(
      caller.tenant_id, caller.actor_type, caller.actor_id,
      case when is_linked then 'article.linked' else 'article.unlinked' end,
      jsonb_build_object('article_id', article, 'cluster_id', locked.id), moment
    );
  end if;
  return (
    select to_jsonb(c) from autopilot.clusters as c where c.organization_id = caller.tenant_id and c.id = locked.id
  );
end
$$;
revoke all on function autopilot.set_article_link from public;
grant execute on function autopilot.set_article_link to authenticated, service_role, app_rw;
