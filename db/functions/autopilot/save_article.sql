-- Add an article, or change the article with this `external_id`; null arguments change nothing. `embedding` (base64) is
-- the embedding of the new text. Without `embedding`, a new title or content deletes the stored embedding. For owners
-- and reviewers. Raises PT403, PT400. Returns the article without its text.
-- call: repeatable
create or replace function autopilot.save_article(
  tenant uuid default null, external_id text default null, title text default null, url text default null,
  content text default null, source text default null, embedding text default null,
  actor_type text default 'operator', actor_id text default null, door text default null,
  as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  saved autopilot.knowledge_articles;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  if length(coalesce(save_article.external_id, '')) not between 1 and 255 then
    raise exception 'external_id: must have 1 to 255 characters' using errcode = 'PT400';
  elsif coalesce(save_article.title, '') = '' and not exists (
    select from autopilot.knowledge_articles as a
    where a.organization_id = caller.tenant_id and a.external_id = save_article.external_id
  ) then
    raise exception 'title: is required' using errcode = 'PT400';
  end if;
  insert into autopilot.knowledge_articles as a (
    organization_id, external_id, title, url, content, source, embedding, created_at, updated_at
  )
  values (
    caller.tenant_id, save_article.external_id, coalesce(save_article.title, ''), save_article.url,
    save_article.content, save_article.source, decode(save_article.embedding, 'base64'), moment, moment
  )
  on conflict on constraint uq_knowledge_articles_external_id_org do update
  set
    title = coalesce(save_article.title, a.title), url = coalesce(save_article.url, a.url),
    content = coalesce(save_article.content, a.content), source = coalesce(save_article.source, a.source),
    embedding = case
      when save_article.embedding is not null then excluded.embedding
      when (coalesce(save_article.title, a.title), coalesce(save_article.content, a.content))
        is not distinct from (a.title, a.content) then a.embedding
    end
  returning a.* into saved;
  perform autopilot.add_audit(
    caller.tenant_id, caller.actor_type, caller.actor_id, 'article.saved', jsonb_build_object('article_id', saved.id), moment
  );
  return to_jsonb(saved) - array['content', 'words', 'embedding'];
end
$$;
revoke all on function autopilot.save_article from public;
grant execute on function autopilot.save_article to authenticated, service_role, app_rw;
