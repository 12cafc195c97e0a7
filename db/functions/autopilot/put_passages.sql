-- Replace the passages of an article. `passages` is a list of {heading, text, language, embedding (hex), signature (64
-- hex digits)}.
-- call: internal
create or replace function autopilot.put_passages(article autopilot.knowledge_articles, passages jsonb, moment timestamptz)
returns void
language plpgsql set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
begin
  if jsonb_typeof(passages) is distinct from 'array' or jsonb_array_length(passages) not between 1 and 1000 then
    raise exception 'passages: must be a list of 1 to 1000' using errcode = 'PT400';
  elsif exists (
    select from jsonb_to_recordset(passages) as p (heading text, text text, embedding text, signature text)
    where p.heading is null or p.text is null or coalesce(p.embedding, '') !~ '^[0-9a-f]*$' or length(p.embedding) is distinct from 1024
      or coalesce(p.signature, '') !~ '^[0-9a-f]{64}$'
  ) then
    raise exception 'passages: each needs heading, text, an embedding of 1024 and a signature of 64 hex digits'
      using errcode = 'PT400';
  end if;
  delete from autopilot.article_passages as p
  where p.organization_id = (put_passages.article).organization_id and p.article_id = (put_passages.article).id;
  insert into autopilot.article_passages (
    organization_id, article_id, position, heading, text, language, embedding, signature, is_active, created_at
  )
  select
    (put_passages.article).organization_id, (put_passages.article).id, e.place - 1, p.heading, p.text, p.language,
    decode(p.embedding, 'hex'), ('x' || p.signature)::bit(256), (put_passages.article).status = 'active', moment
  from jsonb_array_elements(passages) with ordinality as e (passage, place)
  cross join lateral jsonb_to_record(e.passage)
    as p (heading text, text text, language text, embedding text, signature text);
  update autopilot.knowledge_articles as a set indexed_hash = a.content_hash
  where a.organization_id = (put_passages.article).organization_id and a.id = (put_passages.article).id;
end
$$;
revoke all on function autopilot.put_passages from public;
