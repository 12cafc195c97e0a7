-- Passages of a tenant's active articles that may answer a question: up to `max_near` with the nearest embeddings, and
-- up to `max_matching` with the question's rarest words. The caller ranks them. `signature`: the signs of the numbers of
-- the question's embedding (64 hex digits). `magnitudes`: their sizes from 0 to 7, as three bit masks of 64 hex digits
-- for the values 1, 2 and 4. `language`: ISO 639. For everybody of the tenant. Raises PT404, PT403, PT400.
-- Returns a list of {article_id, external_id, title, url, heading, text, embedding (hex), title_score, word_score}.
-- `word_score`: the share of the question's words in the passage, weighted by rarity; `title_score`: in its heading.
-- call: repeatable
create or replace function autopilot.search_passages(
  question text, signature text, magnitudes text, language text default null, max_near integer default 60,
  max_matching integer default 20, tenant uuid default null, actor_type text default 'operator',
  actor_id text default null, door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp
-- The planner has no statistics of these columns. Each list is read by an index.
set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
declare
  max_found constant integer := 200;
  caller record;
  config constant regconfig := case search_passages.language
    when 'de' then 'german' when 'fr' then 'french' when 'es' then 'spanish' when 'it' then 'italian'
    when 'nl' then 'dutch' when 'pt' then 'portuguese' else 'english'
  end;
  signs bit(256);
  ones bit(256);
  twos bit(256);
  fours bit(256);
  asked_words tsquery[];
  asked_titles tsquery[];
begin
  caller := app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer', 'member', 'agent');
  if coalesce(search_passages.signature, '') !~ '^[0-9a-f]{64}$' then
    raise exception 'signature: must be 64 hex digits' using errcode = 'PT400';
  elsif coalesce(search_passages.magnitudes, '') !~ '^[0-9a-f]{192}$' then
    raise exception 'magnitudes: must be 192 hex digits' using errcode = 'PT400';
  elsif octet_length(coalesce(question, '')) > 65536 then
    raise exception 'question: is % bytes; at most 65536 fit', octet_length(question) using errcode = 'PT400';
  end if;
  signs := ('x' || search_passages.signature)::bit(256);
  ones := ('x' || substr(search_passages.magnitudes, 1, 64))::bit(256);
  twos := ('x' || substr(search_passages.magnitudes, 65, 64))::bit(256);
  fours := ('x' || substr(search_passages.magnitudes, 129, 64))::bit(256);
  select coalesce(array_agg(w.quoted::tsquery), '{}'), coalesce(array_agg((w.quoted || ':A')::tsquery), '{}')
  into asked_words, asked_titles
  from (   -- the longest words of a long text, because long words are rarer
    select '''' || replace(replace(w.word, '\', '\\'), '''', '''''') || '''' as quoted
    from unnest(tsvector_to_array(to_tsvector(config, coalesce(question, '')))) as w (word)
    order by length(w.word) desc, w.word
    limit 24
  ) as w;
  return (
    with found as materialized (
      select q.query, c.article_id, c.position
      from unnest(asked_words) as q (query)
      cross join lateral (
        select p.article_id, p.position
        from autopilot.article_passages as p
        where p.words @@ (('''tenant ' || caller.tenant_id || '''')::tsquery && q.query)
          -- with `is true` this condition uses no index, so the planner takes the index on words
          and (p.organization_id = caller.tenant_id) is true and p.is_active
        limit max_found
      ) as c
    ), weights as materialized (   -- `part`: how much of the question a word is
      select q.query, q.title, w.weight, w.weight / sum(w.weight) over () as part
      from unnest(asked_words, asked_titles) as q (query, title)
      cross join lateral (
        select 1 / ln(2.5 + count(*)) as weight from found as f where f.query = q.query
      ) as w
    ), matching as (
      select f.article_id, f.position
      from found as f
      join weights as w on w.query = f.query
      group by f.article_id, f.position
      order by sum(w.weight) desc, f.article_id, f.position
      limit max_matching
    ), alike as (   -- by the number of differing signs, which reads the least
      select p.article_id, p.position, p.signature # signs as differs
      from autopilot.article_passages as p
      where p.organization_id = caller.tenant_id and p.is_active
      order by bit_count(p.signature # signs), p.article_id, p.position
      limit 5 * max_near
    ), near as (   -- each sign counts as much as the question's number is large
      select a.article_id, a.position
      from alike as a
      order by
        bit_count(a.differs & ones) + 2 * bit_count(a.differs & twos) + 4 * bit_count(a.differs & fours),
        a.article_id, a.position
      limit max_near
    ), candidates as (
      select n.article_id, n.position from near as n union select m.article_id, m.position from matching as m
    )
    select coalesce(jsonb_agg(jsonb_build_object(
      'article_id', p.article_id, 'external_id', a.external_id, 'title', a.title, 'url', a.url, 'heading', p.heading,
      'text', p.text, 'embedding', encode(p.embedding, 'hex'),
      'title_score', coalesce((select sum(w.part) from weights as w where p.words @@ w.title), 0),
      'word_score', coalesce((select sum(w.part) from weights as w where p.words @@ w.query), 0)
    )), '[]')
    from candidates as c
    cross join lateral (   -- `offset 0`: each candidate is looked up once
      select p.* from autopilot.article_passages as p
      where p.organization_id = caller.tenant_id and p.article_id = c.article_id and p.position = c.position
      offset 0
    ) as p
    cross join lateral (
      select a.external_id, a.title, a.url from autopilot.knowledge_articles as a
      where a.organization_id = caller.tenant_id and a.id = c.article_id
      offset 0
    ) as a
  );
end
$$;
revoke all on function autopilot.search_passages from public;
grant execute on function autopilot.search_passages to authenticated, service_role, app_rw;
