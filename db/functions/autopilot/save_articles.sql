-- Store articles with their passages, all or none. `articles` is a list of at most 100: {external_id, title, url,
-- content, source, passages}. An article with a known `external_id` is replaced; its status and its links stay.
-- `passages` is as autopilot.put_passages takes it; without it, a job makes the passages. For owners and reviewers.
-- Raises PT403, PT404, PT400. Returns a list of {id, external_id, is_changed}, in the order given.
-- call: repeatable
create or replace function autopilot.save_articles(
  articles jsonb, tenant uuid default null, actor_type text default 'operator', actor_id text default null,
  door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  one record;
  before autopilot.knowledge_articles;
  saved autopilot.knowledge_articles;
  answer jsonb := '[]';
  changed uuid[] := '{}';
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  if jsonb_typeof(articles) is distinct from 'array' or jsonb_array_length(articles) not between 1 and 100 then
    raise exception 'articles: must be a list of 1 to 100' using errcode = 'PT400';
  end if;
  for one in   -- in one order, so that two callers with the same articles never deadlock
    select e.place, a.*
    from jsonb_array_elements(articles) with ordinality as e (article, place)
    cross join lateral jsonb_to_record(e.article)
      as a (external_id text, title text, url text, content text, source text, passages jsonb)
    order by a.external_id, e.place
  loop
    if length(coalesce(one.external_id, '')) not between 1 and 255 then
      raise exception 'articles[%].external_id: must have 1 to 255 characters', one.place - 1 using errcode = 'PT400';
    elsif btrim(coalesce(one.title, '')) = '' or octet_length(one.title) > 2048 then
      raise exception 'articles[%].title: must have 1 to 2048 bytes', one.place - 1 using errcode = 'PT400';
    elsif octet_length(one.url) > 2048 then
      raise exception 'articles[%].url: must have at most 2048 bytes', one.place - 1 using errcode = 'PT400';
    elsif octet_length(one.content) > 1000000 then
      raise exception 'articles[%].content: must have at most 1000000 bytes', one.place - 1 using errcode = 'PT400';
    elsif length(one.source) not between 1 and 255 then
      raise exception 'articles[%].source: must have 1 to 255 characters', one.place - 1 using errcode = 'PT400';
    end if;
    select * into before from autopilot.knowledge_articles as a
    where a.organization_id = caller.tenant_id and a.external_id = one.external_id for no key update;
    insert into autopilot.knowledge_articles as a (
      organization_id, external_id, title, url, content, source, created_at, updated_at
    )
    values (caller.tenant_id, one.external_id, one.title, one.url, one.content, one.source, moment, moment)
    on conflict on constraint uq_knowledge_articles_external_id_org do update
    set title = excluded.title, url = excluded.url, content = excluded.content, source = excluded.source
    where (a.title, a.url, a.content, a.source)
      is distinct from (excluded.title, excluded.url, excluded.content, excluded.source)
    returning a.* into saved;
    if saved.id is null then
      saved := before;
    else
      changed := changed || saved.id;
    end if;
    if one.passages is not null and one.passages <> 'null' and saved.indexed_hash is distinct from saved.content_hash then
      perform autopilot.put_passages(saved, one.passages, moment);
    end if;
    answer := answer || jsonb_build_object(
      'id', saved.id, 'external_id', saved.external_id, 'is_changed', saved.id = any (changed), 'place', one.place
    );
  end loop;
  if changed <> '{}' then
    perform autopilot.count_knowledge(caller.tenant_id);
    perform autopilot.add_audit(caller.tenant_id, caller.actor_type, caller.actor_id, 'articles.saved',
      jsonb_build_object('article_ids', changed), moment);
  end if;
  return (select jsonb_agg(a.saved - 'place' order by (a.saved ->> 'place')::integer) from jsonb_array_elements(answer) as a (saved));
end
$$;
revoke all on function autopilot.save_articles from public;
grant execute on function autopilot.save_articles to authenticated, service_role, app_rw;
