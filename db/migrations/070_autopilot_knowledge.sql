-- squawk-ignore-file adding-field-with-default, adding-foreign-key-constraint, adding-not-nullable-field, ban-drop-column
-- squawk-ignore-file constraint-missing-not-valid, require-concurrent-index-creation
--
-- Autopilot: articles are searched by their passages, and gaps in knowledge are closed by articles that are drafted from
-- resolved tickets. docs/decisions/068-gaps-are-closed.md says why.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

-- ---------------------------------------------------------------------------------------------------------------
-- Settings
-- ---------------------------------------------------------------------------------------------------------------

alter table autopilot.settings
  add column article_tool_slug text,
  add column response_tool_slug text,
  add column minutes_per_ticket integer not null default 15,
  add column cost_per_hour numeric(10, 2) not null default 0,
  add constraint settings_minutes_per_ticket_check check (minutes_per_ticket between 1 and 1440),
  add constraint settings_cost_per_hour_check check (cost_per_hour between 0 and 100000);
comment on column autopilot.settings.article_tool_slug is
  'The tool that publishes an article. Null: no article can be drafted.';
comment on column autopilot.settings.response_tool_slug is 'The tool that answers a ticket. Null: none is answered.';
comment on column autopilot.settings.minutes_per_ticket is 'How long people work on a ticket, on average.';
comment on column autopilot.settings.cost_per_hour is
  'What an hour of this work costs, in the tenant''s currency. 0: not known.';

-- ---------------------------------------------------------------------------------------------------------------
-- Passages of articles: what a search finds
-- ---------------------------------------------------------------------------------------------------------------

alter table autopilot.knowledge_articles
  drop column words,
  drop column embedding,
  add column content_hash bigint generated always as (
    hashtextextended(title || E'\n' || coalesce(content, ''), 0)
  ) stored,
  add column indexed_hash bigint;
comment on column autopilot.knowledge_articles.content_hash is 'A hash of title and content. It changes with them.';
comment on column autopilot.knowledge_articles.indexed_hash is
  'The content_hash for which the passages were made. If it differs from content_hash, they are to be made again.';
create index idx_knowledge_articles_unindexed on autopilot.knowledge_articles (organization_id, id)
where indexed_hash is distinct from content_hash;
create index idx_knowledge_articles_title on autopilot.knowledge_articles (organization_id, lower(left(title, 200)), id);

create table autopilot.article_passages (
  organization_id uuid not null references public.tenants (id),
  article_id uuid not null,
  position integer not null,
  heading text not null,
  text text not null,
  language text,
  embedding bytea not null,
  signature bit(256) not null,
  is_active boolean not null,
  -- The tenant is a word of its own, which no text can have because of its space. So the index finds the passages of
  -- one tenant without reading those of others.
  words tsvector not null generated always as (
    setweight(to_tsvector(
      case language
        when 'en' then 'english'::regconfig when 'de' then 'german'::regconfig when 'fr' then 'french'::regconfig
        when 'es' then 'spanish'::regconfig when 'it' then 'italian'::regconfig when 'nl' then 'dutch'::regconfig
        when 'pt' then 'portuguese'::regconfig else 'simple'::regconfig
      end, heading
    ), 'A') || setweight(to_tsvector(
      case language
        when 'en' then 'english'::regconfig when 'de' then 'german'::regconfig when 'fr' then 'french'::regconfig
        when 'es' then 'spanish'::regconfig when 'it' then 'italian'::regconfig when 'nl' then 'dutch'::regconfig
        when 'pt' then 'portuguese'::regconfig else 'simple'::regconfig
      end, text
    ), 'B') || array_to_tsvector(array['tenant ' || organization_id::text])
  ) stored,
  created_at timestamptz not null default now(),
  primary key (organization_id, article_id, position),
  constraint article_passages_article_id_fkey foreign key (organization_id, article_id)
    references autopilot.knowledge_articles (organization_id, id) on delete cascade,
  constraint article_passages_position_check check (position >= 0),
  constraint article_passages_text_check check (octet_length(text) <= 65536),
  constraint article_passages_heading_check check (octet_length(heading) <= 4096),
  constraint article_passages_embedding_check check (octet_length(embedding) = 512)
);
comment on table autopilot.article_passages is 'Passages of the articles. A search finds passages of active articles.';
comment on column autopilot.article_passages.heading is 'The title of the article, and the heading of the section.';
comment on column autopilot.article_passages.embedding is
  '256 numbers of 16 bits (IEEE 754, little-endian): a vector of length 1.';
comment on column autopilot.article_passages.signature is 'The signs of the numbers of the embedding.';
create index idx_article_passages_words on autopilot.article_passages using gin (words);
-- With the signatures, so that a search reads those of all passages of a tenant and nothing else.
create index idx_article_passages_signature on autopilot.article_passages (organization_id, article_id, position)
  include (signature) where is_active;

create table autopilot.knowledge_versions (
  organization_id uuid not null primary key references public.tenants (id),
  version bigint not null
) with (fillfactor = 50);
comment on table autopilot.knowledge_versions is
  'Counts the additions to the articles of an organization: a search of an earlier version is to be done again.';

alter table autopilot.clusters add column searched_version bigint;
comment on column autopilot.clusters.searched_version is
  'The version of the knowledge in which articles were searched for. Null: they are to be searched for.';

alter table autopilot.article_clusters add column is_found boolean not null default false;
comment on column autopilot.article_clusters.is_found is
  'The search made this link, so the next search may take it away. A link that people or workflows made stays.';

-- Trigger: passages of an article that is not active are not found.
create or replace function app_private.follow_article_status()
returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update autopilot.article_passages as p set is_active = (new.status = 'active')
  where p.organization_id = new.organization_id and p.article_id = new.id;
  if new.status = 'active' then
    perform autopilot.count_knowledge(new.organization_id);
  end if;
  return null;
end
$$;
revoke all on function app_private.follow_article_status() from public;
create trigger follow_status after update of status on autopilot.knowledge_articles
  for each row when (old.status <> new.status) execute function app_private.follow_article_status();

-- Trigger: a cluster with other examples is searched for again.
create or replace function app_private.search_again()
returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  new.searched_version := null;
  return new;
end
$$;
revoke all on function app_private.search_again() from public;
create trigger search_again before update of examples on autopilot.clusters
  for each row when (old.examples <> new.examples) execute function app_private.search_again();

-- ---------------------------------------------------------------------------------------------------------------
-- Articles that were drafted for a gap
-- ---------------------------------------------------------------------------------------------------------------

create table autopilot.article_drafts (
  organization_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  cluster_id uuid,
  lineage_id uuid not null,
  title text not null,
  content text not null,
  ticket_count integer not null,
  status text not null default 'proposed',
  problem text,
  envelope_id uuid not null,
  article_id uuid,
  drafted_by text not null,
  created_at timestamptz not null default now(),
  settled_at timestamptz,
  primary key (organization_id, id),
  constraint article_drafts_cluster_id_fkey foreign key (organization_id, cluster_id)
    references autopilot.clusters (organization_id, id) on delete set null (cluster_id),
  constraint article_drafts_article_id_fkey foreign key (organization_id, article_id)
    references autopilot.knowledge_articles (organization_id, id) on delete set null (article_id),
  constraint article_drafts_title_check check (octet_length(title) between 1 and 4096),
  constraint article_drafts_content_check check (octet_length(content) between 1 and 65536),
  constraint article_drafts_ticket_count_check check (ticket_count >= 0),
  constraint article_drafts_status_check
    check (status in ('proposed', 'published', 'rejected', 'failed', 'unknown')),
  constraint article_drafts_settled_check check (status <> 'proposed' or settled_at is null)
);
comment on table autopilot.article_drafts is
  'Articles drafted from the resolved tickets of a cluster. An envelope publishes them.';
comment on column autopilot.article_drafts.content is 'The text as it was proposed or, once published, as it was published.';
comment on column autopilot.article_drafts.ticket_count is 'From how many resolved tickets it was drafted.';
comment on column autopilot.article_drafts.status is
  'rejected: by a person or a guardrail, or cancelled or expired. unknown: nobody knows whether it was published.';
comment on column autopilot.article_drafts.problem is 'Why it was not published.';
create index idx_article_drafts_lineage_id on autopilot.article_drafts (organization_id, lineage_id, created_at);
create index idx_article_drafts_recent on autopilot.article_drafts (organization_id, created_at, id);
create index idx_article_drafts_envelope_id on autopilot.article_drafts (organization_id, envelope_id);
create index idx_article_drafts_cluster_id on autopilot.article_drafts (organization_id, cluster_id);
create index idx_article_drafts_article_id on autopilot.article_drafts (organization_id, article_id);

-- ---------------------------------------------------------------------------------------------------------------
-- New tables and columns follow the rules of the others: whose rows, which verbs, bounded, and without statistics over
-- all tenants
-- ---------------------------------------------------------------------------------------------------------------

do $$
declare
  new_table record;
  new_column record;
begin
  for new_table in
    select c.oid::regclass as name, c.relname from pg_catalog.pg_class as c
    where c.relnamespace = 'autopilot'::regnamespace and c.relkind = 'r' and not c.relrowsecurity
    order by c.relname
  loop
    execute format('alter table %s enable row level security', new_table.name);
    execute format(
      'create policy %I on %s for select to authenticated using (
         organization_id = (select app_private.current_tenant_id_uuid())
         and greatest(organization_id, organization_id)
           = all ((select array[app_private.current_tenant_id_uuid()])::uuid[])
       )', new_table.relname || '_tenant', new_table.name
    );
    execute format(
      'create policy %I on %s for all to workflow_rw
         using (organization_id = (select app_private.current_organization_id()))',
      new_table.relname || '_workflow', new_table.name
    );
    execute format(
      'create policy %I on %s for all to app_rw using (true)', new_table.relname || '_app_rw', new_table.name
    );
    execute format(
      'create policy %I on %s for select to app_ro using (true)', new_table.relname || '_app_ro', new_table.name
    );
    execute format('revoke all on %s from anon, authenticated, service_role', new_table.name);
    execute format('grant select on %s to app_ro, workflow_rw', new_table.name);
    execute format('grant select, insert, update, delete on %s to service_role, app_rw', new_table.name);
    execute format(
      'alter table %s alter column organization_id set (n_distinct = -0.5), alter column organization_id set statistics 1',
      new_table.name
    );
  end loop;
  for new_column in
    select c.oid::regclass as name, c.relname, a.attname, a.attgenerated <> '' as is_generated, a.atttypid
    from pg_catalog.pg_class as c
    join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'autopilot'::regnamespace and c.relkind = 'r'
      and not has_column_privilege('authenticated', c.oid, a.attnum, 'select')
    order by c.relname, a.attnum
  loop
    execute format('grant select (%I) on %s to authenticated', new_column.attname, new_column.name);
    if new_column.attname <> 'organization_id' then
      execute format('alter table %s alter column %I set statistics 0', new_column.name, new_column.attname);
    end if;
    if not new_column.is_generated and new_column.atttypid in (
      'jsonb'::regtype, 'text'::regtype, 'numeric'::regtype, 'double precision'::regtype, 'timestamptz'::regtype
    ) then
      execute format(
        'alter table %s add constraint %I check (app_private.fits(%L, %I)) not valid',
        new_column.name, left(new_column.relname || '_' || new_column.attname, 58) || '_fits', new_column.attname,
        new_column.attname
      );
    end if;
  end loop;
end
$$;
