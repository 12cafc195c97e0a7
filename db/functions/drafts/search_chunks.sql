-- Passages of a tenant that may answer 1 to 3 questions. For each question, up to `max_near` passages with the nearest
-- embeddings. For all questions together, up to `max_matching` passages with the questions' rarest words. The caller
-- ranks all passages together. For everybody of the tenant. Raises PT404 and PT403 as app_private.acting_caller does,
-- and PT400. A question is {text, signature, magnitudes}. `signature`: the signs of the numbers of its embedding (64
-- hex digits). `magnitudes`: their sizes from 0 to 7, as three bit masks of 64 hex digits for the values 1, 2 and 4.
-- `language`: ISO 639. Returns a list of {document_id, position, heading, text, embedding (hex), word_scores,
-- source_url, title, kind, language, answer, topic, sources}. `word_scores`: for each question, the share of its words
-- in the passage, weighted by rarity.
-- call: repeatable
create or replace function drafts.search_chunks(
  questions jsonb, language text default null, max_near integer default 60, max_matching integer default 20,
  tenant uuid default null, actor_type text default 'operator', actor_id text default null, door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp
-- The planner has no statistics of these columns. Each list is read by an index.
set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
declare
  sampled constant integer := 1000;
  max_found constant integer := 200;
  caller record;
  question jsonb;
  config regconfig;
  signs bit(256)[] := '{}';
  ones bit(256)[] := '{}';
  twos bit(256)[] := '{}';
  fours bit(256)[] := '{}';
  farthest bigint[];
  signs_1 bit(256);   -- a scan of all signatures reads variables faster than elements of an array
  signs_2 bit(256);
  signs_3 bit(256);
  farthest_1 bigint;
  farthest_2 bigint;
  farthest_3 bigint;
  passages double precision;
  numbers integer[];
  queries tsquery[];
  common tsquery[] := '{}';
begin
  caller := app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer', 'member', 'agent');
  if jsonb_typeof(questions) is distinct from 'array' or jsonb_array_length(questions) not between 1 and 3 then
    raise exception 'questions: must be a list of 1 to 3' using errcode = 'PT400';
  end if;
  for question in select q from jsonb_array_elements(questions) as q loop
    if coalesce(question ->> 'signature', '') !~ '^[0-9a-f]{64}$' then
      raise exception 'signature: must be 64 hex digits' using errcode = 'PT400';
    elsif coalesce(question ->> 'magnitudes', '') !~ '^[0-9a-f]{192}$' then
      raise exception 'magnitudes: must be 192 hex digits' using errcode = 'PT400';
    elsif octet_length(coalesce(question ->> 'text', '')) > 16384 then
      raise exception 'text: is % bytes; at most 16384 fit', octet_length(question ->> 'text') using errcode = 'PT400';
    end if;
    signs := signs || ('x' || (question ->> 'signature'))::bit(256);
    ones := ones || ('x' || substr(question ->> 'magnitudes', 1, 64))::bit(256);
    twos := twos || ('x' || substr(question ->> 'magnitudes', 65, 64))::bit(256);
    fours := fours || ('x' || substr(question ->> 'magnitudes', 129, 64))::bit(256);
  end loop;
  config := case search_chunks.language
    when 'de' then 'german' when 'fr' then 'french' when 'es' then 'spanish' when 'it' then 'italian'
    when 'nl' then 'dutch' when 'pt' then 'portuguese' else 'english'
  end;

  -- The number of differing signs only estimates the distance. So more passages than wanted are compared by all numbers
  -- of the question: the limit comes from the nearest passages of a sample, and every passage within this limit is
  -- compared. The sample has the first passages by their random ids. How far these ids reach says how many passages there
  -- are.
  with sample as materialized (
    select s.document_id, s.signature
    from drafts.chunk_signatures as s
    where s.tenant_id = caller.tenant_id
    order by s.document_id, s.position
    limit sampled
  ), size as (
    select sampled * 65536.0 / (1 + ('x' || left(s.document_id::text, 4))::bit(16)::integer) as passages
    from sample as s
    order by s.document_id
    offset sampled - 1
  )
  select
    (select s.passages from size as s),
    array(
      select (
        select max(n.distance)
        from (
          select bit_count(s.signature # q.signs) as distance
          from sample as s
          order by distance
          limit case when (select s.passages from size as s) > 10000 then max_near / 2 else 2 * max_near end
        ) as n
      )
      from unnest(signs) with ordinality as q (signs, number) order by q.number
    )
  into passages, farthest;
  signs_1 := signs[1];
  signs_2 := signs[2];
  signs_3 := signs[3];
  farthest_1 := farthest[1];
  farthest_2 := farthest[2];
  farthest_3 := farthest[3];

  select coalesce(array_agg(w.number), '{}'), coalesce(array_agg(w.query), '{}') into numbers, queries
  from (
    select q.number, w.query
    from jsonb_array_elements(questions) with ordinality as q (question, number)
    cross join lateral (   -- the longest words of a long message, because long words are rarer
      select ('''' || replace(replace(w.word, '\', '\\'), '''', '''''') || '''')::tsquery as query
      from unnest(tsvector_to_array(to_tsvector(config, coalesce(q.question ->> 'text', '')))) as w (word)
      order by length(w.word) desc, w.word
      limit 16
    ) as w
  ) as w;
  -- Of the passages with a word, only the first `max_found` are looked at. If the word has many times more, they say
  -- little, and reading its index entries takes milliseconds.
  if passages is not null then
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
    from (select distinct u.query from unnest(queries) as u (query)) as q
    where (select count(*) filter (where s.words @@ q.query) * passages / count(*) from sample as s) > 4 * max_found;
  end if;

  return (
    with found as materialized (
      select q.query, c.document_id, c.position
      from (select distinct u.query from unnest(queries) as u (query)) as q
      cross join lateral (
        select c.document_id, c.position
        from drafts.chunks as c
        where c.words @@ (('''tenant ' || caller.tenant_id || '''')::tsquery && q.query)
          -- with `is true` this condition uses no index, so the planner takes the index on words
          and (c.tenant_id = caller.tenant_id) is true
        limit max_found
      ) as c
      where q.query <> all (common)
    ), weights as materialized (
      select q.query, 1 / ln(2.5 + case when q.query = any (common) then max_found else count(f.query) end) as weight
      from (select distinct u.query from unnest(queries) as u (query)) as q
      left join found as f on f.query = q.query
      group by q.query
    ), asked as materialized (   -- `part`: how much of its question a word is
      select u.number, w.query, w.weight / sum(w.weight) over (partition by u.number) as part
      from unnest(numbers, queries) as u (number, query)
      join weights as w on w.query = u.query
    ), matching as (
      select f.document_id, f.position
      from found as f
      join weights as w on w.query = f.query
      group by f.document_id, f.position
      order by sum(w.weight) desc, f.document_id, f.position
      limit max_matching
    ), passing as materialized (   -- one scan for all questions
      select s.document_id, s.position, s.signature
      from drafts.chunk_signatures as s
      where s.tenant_id = caller.tenant_id and (
        bit_count(s.signature # signs_1) <= farthest_1 or bit_count(s.signature # signs_2) <= farthest_2
        or bit_count(s.signature # signs_3) <= farthest_3
      )
    ), near as (
      select n.document_id, n.position
      from unnest(signs, ones, twos, fours, farthest) as q (signs, ones, twos, fours, farthest)
      cross join lateral (
        select p.document_id, p.position
        from (
          select p.document_id, p.position, p.signature # q.signs as differs
          from passing as p
          where bit_count(p.signature # q.signs) <= q.farthest
          offset 0   -- `offset 0`: `differs` is computed once per row
        ) as p
        order by
          bit_count(p.differs & q.ones) + 2 * bit_count(p.differs & q.twos) + 4 * bit_count(p.differs & q.fours),
          p.document_id, p.position
        limit max_near
      ) as n
    ), candidates as (
      select n.document_id, n.position from near as n union select m.document_id, m.position from matching as m
    )
    select coalesce(jsonb_agg(jsonb_build_object(
      'document_id', c.document_id, 'position', c.position, 'heading', c.heading, 'text', c.text,
      'embedding', encode(c.embedding, 'hex'),
      'word_scores', array(
        select coalesce((
          select sum(a.part) from asked as a where a.number = q.number and c.words @@ a.query
        ), 0)
        from generate_series(1, cardinality(signs)) as q (number) order by q.number
      ),
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
