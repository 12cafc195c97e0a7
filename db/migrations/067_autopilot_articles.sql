-- squawk-ignore-file adding-field-with-default, constraint-missing-not-valid, require-concurrent-index-creation
--
-- Autopilot: an article answers several clusters. The published upsert sets one, `knowledge_articles.cluster_id`, and
-- moved the article: the cluster before it stayed FOUND without one. docs/decisions/063-clusters-keep-their-identity.md.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

alter table autopilot.knowledge_articles
  add column content text,
  add column source text,
  add column words tsvector generated always as (
    to_tsvector('simple'::regconfig, title || ' ' || left(coalesce(content, ''), 200000))
  ) stored,
  add column embedding bytea,
  add constraint knowledge_articles_source_check check (length(source) between 1 and 255),
  add constraint knowledge_articles_embedding_check check (octet_length(embedding) between 1 and 65536);
comment on column autopilot.knowledge_articles.source is 'Where it comes from, such as the name of a wiki; null: not known.';
comment on column autopilot.knowledge_articles.embedding is
  'Numbers of 16 bits (IEEE 754, little-endian): a vector of length 1. Null: to be computed.';

create table autopilot.article_clusters (
  organization_id uuid not null references public.tenants (id),
  article_id uuid not null,
  cluster_id uuid not null,
  score double precision,
  created_at timestamptz not null default now(),
  primary key (organization_id, article_id, cluster_id),
  constraint article_clusters_article_id_fkey foreign key (organization_id, article_id)
    references autopilot.knowledge_articles (organization_id, id) on delete cascade,
  constraint article_clusters_cluster_id_fkey foreign key (organization_id, cluster_id)
    references autopilot.clusters (organization_id, id) on delete cascade,
  constraint article_clusters_score_check check (score between 0 and 1)
);
comment on table autopilot.article_clusters is 'Which articles answer which clusters, and how well.';
create index idx_article_clusters_cluster_id on autopilot.article_clusters (organization_id, cluster_id, score);

insert into autopilot.article_clusters (organization_id, article_id, cluster_id, score, created_at)
select a.organization_id, a.id, a.cluster_id, a.relevance_score, a.created_at
from autopilot.knowledge_articles as a
where a.cluster_id is not null;

-- Trigger: what the published upsert says of an article becomes a link. Its earlier links stay.
create or replace function app_private.link_article()
returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if new.cluster_id is not null and (
    tg_op = 'INSERT' or new.cluster_id is distinct from old.cluster_id
    or new.relevance_score is distinct from old.relevance_score
  ) then
    insert into autopilot.article_clusters as k (organization_id, article_id, cluster_id, score)
    values (new.organization_id, new.id, new.cluster_id, new.relevance_score)
    on conflict (organization_id, article_id, cluster_id) do update set score = excluded.score
    where k.score is distinct from excluded.score;
  end if;
  if tg_op = 'UPDATE' and new.status <> old.status then
    perform autopilot.refresh_kb_status(new.organization_id, array(
      select k.cluster_id from autopilot.article_clusters as k
      where k.organization_id = new.organization_id and k.article_id = new.id
    ));
  end if;
  return null;
end
$$;
revoke all on function app_private.link_article() from public;
create trigger link_article after insert or update of cluster_id, relevance_score, status
  on autopilot.knowledge_articles for each row execute function app_private.link_article();

-- Triggers: a link that comes or goes changes the kb_status of its cluster.
create or replace function app_private.follow_article_links()
returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform autopilot.refresh_kb_status(c.organization_id, array_agg(distinct c.cluster_id))
  from changed as c group by c.organization_id order by c.organization_id;
  return null;
end
$$;
revoke all on function app_private.follow_article_links() from public;
create trigger follow_new_links after insert on autopilot.article_clusters
  referencing new table as changed for each statement execute function app_private.follow_article_links();
create trigger follow_lost_links after delete on autopilot.article_clusters
  referencing old table as changed for each statement execute function app_private.follow_article_links();

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
