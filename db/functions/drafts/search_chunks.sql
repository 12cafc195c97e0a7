-- Passages of a tenant that may answer a question: those with the nearest embeddings, and those with the rarest words
-- of the question. The caller ranks both lists together. For everybody of the tenant. Raises PT404, PT403, PT400.
-- `signature`: the signs of the numbers of the question's embedding (64 hex digits). `magnitudes`: their sizes from 0
-- to 7, as three bit masks of 64 hex digits for the values 1, 2 and 4. `language`: ISO 639.
-- Returns a list of {document_id, position, heading, text, embedding (hex), word_score, source_url, title, kind,
-- language, answer, topic, sources}. `word_score` is the share of the question's words in the passage, weighted by
-- rarity.
-- call: repeatable
create or replace function drafts.search_chunks(
  question text, signature text, magnitudes text, language text default null, max_near integer default 60,
  max_matching integer default 40, tenant uuid default null, actor_type text default 'operator',
  actor_id text default null, door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp
-- The planner has no statistics of these columns. Each list is read by an index.
set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
declare
  sampled constant integer := 2000;
  caller record;
  wanted bit(256);
  ones bit(256);
  twos bit(256);
  fours bit(256);
  config regconfig;
  farthest bigint;
  is_large boolean;
  queries tsquery[];
  common tsquery[] := '{}';
begin
  caller := app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer', 'member', 'agent');
  if coalesce(search_chunks.signature, '') !~ '^[0-9a-f]{64}$' then
    raise exception 'signature: must be 64 hex digits' using errcode = 'PT400';
  elsif coalesce(magnitudes, '') !~ '^[0-9a-f]{192}$' then
    raise exception 'magnitudes: must be 192 hex digits' using errcode = 'PT400';
  elsif octet_length(coalesce(question, '')) > 16384 then
    raise exception 'question: is % bytes; at most 16384 fit', octet_length(question) using errcode = 'PT400';
  end if;
  wanted := ('x' || search_chunks.signature)::bit(256);
  ones := ('x' || substr(magnitudes, 1, 64))::bit(256);
  twos := ('x' || substr(magnitudes, 65, 64))::bit(256);
  fours := ('x' || substr(magnitudes, 129, 64))::bit(256);
  config := case search_chunks.language
    when 'de' then 'german' when 'fr' then 'french' when 'es' then 'spanish' when 'it' then 'italian'
    when 'nl' then 'dutch' when 'pt' then 'portuguese' else 'english'
  end;

  -- The number of differing signs only estimates the distance. So twice as many passages as wanted are compared by all
  -- numbers of the question: the limit comes from the nearest passages of a sample, and every passage within this limit
  -- is compared. The sample has the first passages by their random ids.
  with sample as materialized (
    select bit_count(s.signature # wanted) as distance
    from drafts.chunk_signatures as s
    where s.tenant_id = caller.tenant_id
    order by s.document_id, s.position
    limit sampled
  )
  select
    (select max(n.distance) from (select s.distance from sample as s order by s.distance limit 2 * max_near) as n),
    (select count(*) from sample) = sampled
  into farthest, is_large;

  select coalesce(array_agg(w.query), '{}') into queries
  from (   -- the longest words of a long message, because long words are rarer
    select ('''' || replace(replace(w.word, '\', '\\'), '''', '''''') || '''')::tsquery as query
    from unnest(tsvector_to_array(to_tsvector(config, coalesce(question, '')))) as w (word)
    order by length(w.word) desc, w.word
    limit 16
  ) as w;
  -- In a large corpus, a word that occurs in a tenth of the passages says little, and reading its index entries takes
  -- milliseconds.
  if is_large then
    with sample as materialized (
      select c.words
      from (
        select d.id from drafts.source_documents as d where d.tenant_id = caller.tenant_id order by d.id limit 100
      ) as d
      cross join lateral (
        select strip(c.words) as words
        from drafts.chunks as c
        where c.tenant_id = caller.tenant_id and c.document_id = d.id and c.position = 0
        offset 0
      ) as c
    )
    select coalesce(array_agg(q.query), '{}') into common
    from unnest(queries) as q (query)
    where (select count(*) from sample as s where s.words @@ q.query) >= 10;
  end if;

  return (
    with found as materialized (
      select q.query, c.document_id, c.position
      from unnest(queries) as q (query)
      cross join lateral (
        select c.document_id, c.position
        from drafts.chunks as c
        where c.words @@ (('''tenant ' || caller.tenant_id || '''')::tsquery && q.query)
          -- with `is true` this condition uses no index, so the planner takes the index on words
          and (c.tenant_id = caller.tenant_id) is true
        limit 200
      ) as c
      where q.query <> all (common)
    ), weights as materialized (
      select q.query, 1 / ln(2.5 + case when q.query = any (common) then 200 else count(f.query) end) as weight
      from unnest(queries) as q (query)
      left join found as f on f.query = q.query
      group by q.query
    ), matching as (
      select f.document_id, f.position
      from found as f
      join weights as w on w.query = f.query
      group by f.document_id, f.position
      order by sum(w.weight) desc, f.document_id, f.position
      limit max_matching
    ), near as (
      select s.document_id, s.position
      from (
        select s.document_id, s.position, s.signature # wanted as differs
        from drafts.chunk_signatures as s
        where s.tenant_id = caller.tenant_id and bit_count(s.signature # wanted) <= farthest
        offset 0   -- `offset 0`: `differs` is computed once per row
      ) as s
      order by
        bit_count(s.differs & ones) + 2 * bit_count(s.differs & twos) + 4 * bit_count(s.differs & fours),
        s.document_id, s.position
      limit max_near
    ), candidates as (
      select n.document_id, n.position from near as n union select m.document_id, m.position from matching as m
    )
    select coalesce(jsonb_agg(jsonb_build_object(
      'document_id', c.document_id, 'position', c.position, 'heading', c.heading, 'text', c.text,
      'embedding', encode(c.embedding, 'hex'),
      'word_score', coalesce((
        select sum(w.weight) filter (where c.words @@ w.query) / sum(w.weight) from weights as w
      ), 0),
      'source_url', d.source_url, 'title', d.title, 'kind', d.kind, 'language', d.language,
      'answer', case when d.kind in ('golden', 'correction', 'conversation') then d.text end,
      'topic', d.metadata -> 'topic', 'sources', coalesce(d.metadata -> 'sources', '[]')
    )), '[]')
    from candidates as k
    cross join lateral (   -- `offset 0`: each candidate is looked up once, and its words are decompressed once
      select c.document_id, c.position, c.heading, c.text, c.embedding, strip(c.words) as words
      from drafts.chunks as c
      where c.tenant_id = caller.tenant_id and c.document_id = k.document_id and c.position = k.position
      offset 0
    ) as c
    cross join lateral (
      select d.source_url, d.title, d.kind, d.language, d.text, d.metadata
      from drafts.source_documents as d
      where d.tenant_id = caller.tenant_id and d.id = k.document_id
      offset 0
    ) as d
  );
end
$$;
revoke all on function drafts.search_chunks from public;
grant execute on function drafts.search_chunks to authenticated, service_role, app_rw;
