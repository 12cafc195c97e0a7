-- Passages of a tenant that may answer a question: those whose embedding is nearest, by its signs, and those with its
-- rarest words. Neither list is better than the other, so the caller ranks them.
--
-- Arguments: `signature`, the signs of the question's embedding (64 hex digits); `language` of the question (ISO 639);
-- how many passages of each list. Returns a list of {document_id, position, heading, text, embedding (base64),
-- word_score, source_url, title, kind, language, answer, topic, sources}. `word_score` is the share of the question's
-- words that the passage has, from 0 to 1; a rare word counts more. Of a golden, a correction or a conversation `answer`
-- is the whole text, `sources` the addresses that it is based on and `topic` its topic. For everybody of the tenant.
-- Raises PT404, PT403, PT400.
-- call: repeatable
create or replace function drafts.search_chunks(
  question text, signature text, language text default null, max_near integer default 60,
  max_matching integer default 40, tenant uuid default null, actor_type text default 'operator',
  actor_id text default null, door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp
-- The planner has no statistics of these columns. Both lists are read by a bitmap of one index.
set enable_seqscan = off set enable_indexscan = off set enable_indexonlyscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  caller record;
  wanted bit(256);
  config regconfig;
  found_words text[];
  matches jsonb;
begin
  caller := app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer', 'member', 'agent');
  if coalesce(search_chunks.signature, '') !~ '^[0-9a-f]{64}$' then
    raise exception 'signature: must be 64 hex digits' using errcode = 'PT400';
  elsif octet_length(coalesce(question, '')) > 16384 then
    raise exception 'question: is % bytes; at most 16384 fit', octet_length(question) using errcode = 'PT400';
  end if;
  wanted := ('x' || search_chunks.signature)::bit(256);
  config := case search_chunks.language
    when 'de' then 'german' when 'fr' then 'french' when 'es' then 'spanish' when 'it' then 'italian'
    when 'nl' then 'dutch' when 'pt' then 'portuguese' else 'english'
  end;
  select array_agg(w.word) into found_words
  from (   -- of a long message the longest words, which are rarer
    select distinct w.word, length(w.word)
    from unnest(tsvector_to_array(to_tsvector(config, coalesce(question, '')))) as w (word)
    order by length(w.word) desc, w.word
    limit 16
  ) as w;

  return (
    with words as materialized (
      select
        w.word, ('''' || replace(replace(w.word, '\', '\\'), '''', '''''') || '''')::tsquery as query
      from unnest(found_words) as w (word)
    ), found as materialized (
      select w.word, c.document_id, c.position
      from words as w
      cross join lateral (
        select c.document_id, c.position
        from drafts.chunks as c
        where c.words @@ (('''tenant ' || caller.tenant_id || '''')::tsquery && w.query)
          and (c.tenant_id = caller.tenant_id) is true   -- the index on words is the better one
        limit 200
      ) as c
    ), weights as materialized (
      select w.word, w.query, 1 / ln(2.5 + count(f.word)) as weight
      from words as w
      left join found as f using (word)
      group by w.word, w.query
    ), matching as (
      select f.document_id, f.position
      from found as f
      join weights as w using (word)
      group by f.document_id, f.position
      order by sum(w.weight) desc, f.document_id, f.position
      limit max_matching
    ), near as (
      select s.document_id, s.position
      from drafts.chunk_signatures as s
      where s.tenant_id = caller.tenant_id
      order by bit_count(s.signature # wanted), s.document_id, s.position
      limit max_near
    ), candidates as (
      select n.document_id, n.position from near as n union select m.document_id, m.position from matching as m
    )
    select coalesce(jsonb_agg(jsonb_build_object(
      'document_id', c.document_id, 'position', c.position, 'heading', c.heading, 'text', c.text,
      'embedding', translate(encode(c.embedding, 'base64'), E'\n', ''),
      'word_score', coalesce((
        select sum(w.weight) filter (where l.words @@ w.query) / sum(w.weight) from weights as w
      ), 0),
      'source_url', d.source_url, 'title', d.title, 'kind', d.kind, 'language', d.language,
      'answer', case when d.kind in ('golden', 'correction', 'conversation') then d.text end,
      'topic', d.metadata -> 'topic', 'sources', coalesce(d.metadata -> 'sources', '[]')
    )), '[]')
    from candidates as k
    join drafts.chunks as c
      on c.tenant_id = caller.tenant_id and c.document_id = k.document_id and c.position = k.position
    cross join lateral (select strip(c.words) as words offset 0) as l   -- decompressed once, not for each word
    join drafts.source_documents as d on d.tenant_id = caller.tenant_id and d.id = c.document_id
  );
end
$$;
revoke all on function drafts.search_chunks from public;
grant execute on function drafts.search_chunks to authenticated, service_role, app_rw;
