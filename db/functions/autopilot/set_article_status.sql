-- Set the status of an article: active, broken (its address does not answer) or archived. A cluster that loses its last
-- active article becomes a GAP; a cluster that gets an active article becomes FOUND. For owners and reviewers. Raises
-- PT404, PT403, PT400. Returns the article without its text.
-- call: repeatable
create or replace function autopilot.set_article_status(
  article uuid, status text, tenant uuid default null, actor_type text default 'operator',
  actor_id text default null, door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  saved autopilot.knowledge_articles;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  if coalesce(set_article_status.status, '') not in ('active', 'broken', 'archived') then
    raise exception 'status: must be active, broken or archived' using errcode = 'PT400';
  end if;
  update autopilot.knowledge_articles as a set status = set_article_status.status
  where a.organization_id = caller.tenant_id and a.id = set_article_status.article
  returning a.* into saved;
  if not found then
    raise exception 'article: no article %', article using errcode = 'PT404';
  end if;
  perform autopilot.add_audit(
    caller.tenant_id, caller.actor_type, caller.actor_id, 'article.status_set',
    jsonb_build_object('article_id', saved.id, 'status', saved.status), moment
  );
  return to_jsonb(saved) - array['content', 'content_hash', 'indexed_hash'];
end
$$;
revoke all on function autopilot.set_article_status from public;
grant execute on function autopilot.set_article_status to authenticated, service_role, app_rw;
