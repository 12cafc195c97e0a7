-- squawk-ignore-file adding-required-field, ban-drop-not-null, constraint-missing-not-valid, require-concurrent-index-creation
-- What drafts knows: the texts of its sources, the passages that a search finds, questions with a verified answer, and
-- corrections that people made.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

alter table drafts.source_documents
  add column kind text not null default 'page',
  add column text text,
  add column language text,
  add column etag text,
  add column last_modified text,
  add column failure text,
  add column failed_at timestamptz,
  add column vanished_at timestamptz,
  alter column indexed_at drop not null,
  add constraint source_documents_kind_check
    check (kind in ('page', 'file', 'golden', 'correction', 'conversation')),
  add constraint source_documents_language_check check (language ~ '^[a-z]{2,3}$'),
  add constraint source_documents_failure_check check ((failure is null) = (failed_at is null)),
  add constraint source_documents_known_check check (indexed_at is not null or failed_at is not null);
comment on column drafts.source_documents.text is
  'What was read; of a golden, a correction or a conversation, the answer.';
comment on column drafts.source_documents.language is 'An ISO 639 code; null: not known.';
comment on column drafts.source_documents.hash is 'The SHA-256 of what was read, in hex; null: to be read again.';
comment on column drafts.source_documents.indexed_at is 'Null: it could never be read.';
comment on column drafts.source_documents.failure is 'Why the last attempt to read it failed; its passages stay.';
comment on column drafts.source_documents.vanished_at is 'Since when it is gone. It has no passages, so nothing cites it.';
create index source_documents_due_idx on drafts.source_documents (next_refresh_at, tenant_id)
  where next_refresh_at is not null;
create index source_documents_kind_idx on drafts.source_documents (tenant_id, kind, source_url);

create table drafts.chunks (
  tenant_id uuid not null references public.tenants (id),
  document_id uuid not null,
  position integer not null,
  heading text not null default '',
  text text not null,
  language text,
  embedding bytea not null,
  -- The tenant is a word of its own, which no text can have because of its space. So the index finds the passages of
  -- one tenant without reading those of others.
  words tsvector not null generated always as (
    to_tsvector(
      case language
        when 'en' then 'english'::regconfig when 'de' then 'german'::regconfig when 'fr' then 'french'::regconfig
        when 'es' then 'spanish'::regconfig when 'it' then 'italian'::regconfig when 'nl' then 'dutch'::regconfig
        when 'pt' then 'portuguese'::regconfig else 'simple'::regconfig
      end,
      heading || ' ' || text
    ) || array_to_tsvector(array['tenant ' || tenant_id::text])
  ) stored,
  primary key (tenant_id, document_id, position),
  constraint chunks_document_id_fkey foreign key (tenant_id, document_id)
    references drafts.source_documents (tenant_id, id) on delete cascade,
  constraint chunks_position_check check (position >= 0),
  constraint chunks_text_check check (octet_length(text) <= 65536),
  constraint chunks_heading_check check (octet_length(heading) <= 1024),
  constraint chunks_embedding_check check (octet_length(embedding) = 512)
);
comment on table drafts.chunks is 'Passages of the sources. A search finds passages.';
comment on column drafts.chunks.embedding is '256 numbers of 16 bits (IEEE 754, little-endian): a vector of length 1.';
create index chunks_words_idx on drafts.chunks using gin (words);

create table drafts.chunk_signatures (
  tenant_id uuid not null references public.tenants (id),
  document_id uuid not null,
  position integer not null,
  signature bit(256) not null,
  primary key (tenant_id, document_id, position),
  constraint chunk_signatures_document_id_fkey foreign key (tenant_id, document_id, position)
    references drafts.chunks (tenant_id, document_id, position) on delete cascade
);
comment on table drafts.chunk_signatures is
  'The signs of each passage''s embedding, in rows so narrow that a search reads those of all passages of a tenant.';

create table drafts.goldens (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  external_id text not null,
  question text not null,
  answer text not null,
  must_include jsonb not null default '[]',
  must_cite jsonb not null default '[]',
  topic text,
  sources jsonb not null default '[]',
  last_verified date,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  constraint uq_goldens_external_id unique (tenant_id, external_id),
  constraint goldens_external_id_check check (octet_length(external_id) between 1 and 255),
  constraint goldens_question_check check (octet_length(question) between 1 and 16384),
  constraint goldens_answer_check check (octet_length(answer) between 1 and 65536),
  constraint goldens_topic_check check (octet_length(topic) between 1 and 255),
  constraint goldens_must_include_check
    check (jsonb_typeof(must_include) = 'array' and octet_length(must_include::text) <= 65536),
  constraint goldens_must_cite_check
    check (jsonb_typeof(must_cite) = 'array' and octet_length(must_cite::text) <= 65536),
  constraint goldens_sources_check check (jsonb_typeof(sources) = 'array' and octet_length(sources::text) <= 65536)
);
comment on table drafts.goldens is 'Questions with an answer that people verified.';
comment on column drafts.goldens.external_id is 'The id in the file that it comes from.';
comment on column drafts.goldens.must_include is 'Texts that a good answer contains.';
comment on column drafts.goldens.must_cite is 'Addresses of sources that a good answer cites.';
comment on column drafts.goldens.sources is 'Addresses of the sources of this answer.';

create table drafts.corrections (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  external_id text not null,
  patterns jsonb not null default '[]',
  question text,
  answer text not null,
  sources jsonb not null default '[]',
  topic text,
  status text not null default 'proposed',
  last_verified date,
  decided_by text,
  decided_at timestamptz,
  metadata jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  constraint uq_corrections_external_id unique (tenant_id, external_id),
  constraint corrections_external_id_check check (octet_length(external_id) between 1 and 255),
  constraint corrections_status_check check (status in ('proposed', 'approved', 'retired')),
  constraint corrections_decided_check check ((status = 'proposed') = (decided_at is null)),
  constraint corrections_patterns_check
    check (jsonb_typeof(patterns) = 'array' and octet_length(patterns::text) <= 16384),
  constraint corrections_question_check check (octet_length(question) <= 16384),
  constraint corrections_answer_check check (octet_length(answer) between 1 and 65536),
  constraint corrections_sources_check
    check (jsonb_typeof(sources) = 'array' and octet_length(sources::text) <= 65536),
  constraint corrections_topic_check check (octet_length(topic) between 1 and 255),
  constraint corrections_metadata_check
    check (jsonb_typeof(metadata) = 'object' and octet_length(metadata::text) <= 65536)
);
comment on table drafts.corrections is 'What people corrected, for the next reply. Only approved ones are used.';
comment on column drafts.corrections.patterns is
  'Regular expressions. A message that one of them matches is answered with `answer`.';
comment on column drafts.corrections.question is 'The message that was answered wrongly; similar ones get `answer` too.';
create index corrections_status_idx on drafts.corrections (tenant_id, status, created_at);

create trigger set_goldens_updated_at before update on drafts.goldens
  for each row execute function app_private.touch_updated_at();
create trigger set_corrections_updated_at before update on drafts.corrections
  for each row execute function app_private.touch_updated_at();

do $$
declare
  t regclass;
  bounded record;
  columns text;
begin
  foreach t in array array[
    'drafts.chunks', 'drafts.chunk_signatures', 'drafts.goldens', 'drafts.corrections'
  ]::regclass[] loop
    execute format('alter table %s enable row level security', t);
    execute format(
      'create policy %I on %s for select to authenticated using (
         tenant_id = (select app_private.current_tenant_id_uuid())
         and greatest(tenant_id, tenant_id) = all ((select array[app_private.current_tenant_id_uuid()])::uuid[])
       )', split_part(t::text, '.', 2) || '_tenant', t
    );
    execute format(
      'create policy %I on %s for all to app_rw using (true)', split_part(t::text, '.', 2) || '_app_rw', t
    );
    execute format(
      'create policy %I on %s for select to app_ro using (true)', split_part(t::text, '.', 2) || '_app_ro', t
    );
    select string_agg(format('%I', a.attname), ', ' order by a.attnum) into columns
    from pg_catalog.pg_attribute as a where a.attrelid = t and a.attnum > 0;
    execute format('revoke all on %s from anon, authenticated', t);
    execute format('grant select (%s) on %s to authenticated', columns, t);
    execute format('grant select on %s to app_ro', t);
    execute format('grant select, insert, update, delete on %s to service_role, app_rw', t);
    execute format(
      'alter table %s alter column tenant_id set (n_distinct = -0.5), alter column tenant_id set statistics 1', t
    );
  end loop;
  grant select (kind, text, language, etag, last_modified, failure, failed_at, vanished_at) on drafts.source_documents
    to authenticated;

  for bounded in
    select a.attrelid::regclass as name, c.relname, a.attname, a.atttypid
    from pg_catalog.pg_attribute as a
    join pg_catalog.pg_class as c on c.oid = a.attrelid
    where a.attnum > 0 and not a.attisdropped and a.attname <> 'tenant_id' and (
      a.attrelid = any (array[
        'drafts.chunks', 'drafts.chunk_signatures', 'drafts.goldens', 'drafts.corrections'
      ]::regclass[])
      or a.attrelid = 'drafts.source_documents'::regclass
        and a.attname in (
          'kind', 'text', 'language', 'etag', 'last_modified', 'failure', 'failed_at', 'vanished_at'
        )
    )
    order by c.relname, a.attnum
  loop
    execute format('alter table %s alter column %I set statistics 0', bounded.name, bounded.attname);
    continue when bounded.atttypid not in (
      'jsonb'::regtype, 'text'::regtype, 'timestamptz'::regtype, 'date'::regtype
    );
    execute format(
      'alter table %s add constraint %I check (app_private.fits(%L, %I)) not valid',
      bounded.name, left(bounded.relname || '_' || bounded.attname, 58) || '_fits', bounded.attname, bounded.attname
    );
  end loop;
end
$$;
