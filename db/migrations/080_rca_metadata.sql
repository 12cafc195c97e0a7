-- squawk-ignore-file adding-field-with-default, adding-required-field, constraint-missing-not-valid
-- squawk-ignore-file require-concurrent-index-creation, ban-drop-constraint, disallowed-unique-constraint
-- squawk-ignore-file adding-not-nullable-field, adding-foreign-key-constraint, adding-serial-primary-key-field, require-concurrent-index-deletion
--
-- RCA: a tenant has several sets of metadata, each with versions. Rows belong to a set, tables also to a system. Rows
-- from before, and rows written without a set, belong to the set `default`. docs/decisions/080-metadata-comes-in-sets.md
-- says why.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

-- ---------------------------------------------------------------------------------------------------------------
-- Sets and their versions
-- ---------------------------------------------------------------------------------------------------------------

create table rca.metadata_sets (
  tenant_id uuid not null references public.tenants (id),
  name text not null,
  version integer not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, name),
  constraint metadata_sets_name_check check (name ~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$'),
  constraint metadata_sets_version_check check (version >= 1)
);
comment on column rca.metadata_sets.version is 'The version whose rows are in the tables of the schema.';

create table rca.metadata_versions (
  tenant_id uuid not null references public.tenants (id),
  set_name text not null,
  version integer not null,
  files_sha256 text not null,
  fingerprints jsonb not null,
  counts jsonb not null,
  report jsonb not null,
  imported_by text not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, set_name, version),
  constraint metadata_versions_set_name_fkey foreign key (tenant_id, set_name)
    references rca.metadata_sets (tenant_id, name),
  constraint metadata_versions_fingerprints_check
    check (jsonb_typeof(fingerprints) = 'object' and app_private.fits('fingerprints', fingerprints, 67108864)),
  constraint metadata_versions_counts_check check (jsonb_typeof(counts) = 'object'),
  constraint metadata_versions_report_check
    check (jsonb_typeof(report) = 'object' and app_private.fits('report', report, 16777216))
);
comment on column rca.metadata_versions.fingerprints is 'A hash of each row, by its kind and key.';
comment on column rca.metadata_versions.counts is 'How many rows of each kind were stored.';
comment on column rca.metadata_versions.report is 'What was derived, rejected, or stored with a note.';

create table rca.metadata_files (
  tenant_id uuid not null references public.tenants (id),
  set_name text not null,
  version integer not null,
  path text not null,
  content text not null,
  primary key (tenant_id, set_name, version, path),
  constraint metadata_files_version_fkey foreign key (tenant_id, set_name, version)
    references rca.metadata_versions (tenant_id, set_name, version),
  constraint metadata_files_path_check check (path ~ '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}$'),
  constraint metadata_files_content_check check (app_private.fits('content', content, 16777216))
);
comment on column rca.metadata_files.content is 'The text of the file, unchanged.';

create table rca.knowledge_notes (
  tenant_id uuid not null references public.tenants (id),
  set_name text not null default 'default',
  kind text not null,
  name text not null,
  relationship text,
  join_keys jsonb,
  details jsonb,
  created_at timestamptz not null default now(),
  primary key (tenant_id, set_name, kind, name),
  constraint knowledge_notes_kind_check check (kind in ('table', 'relationship')),
  constraint knowledge_notes_name_check check (length(name) between 1 and 255),
  constraint knowledge_notes_join_keys_check check (jsonb_typeof(join_keys) = 'array'),
  constraint knowledge_notes_details_check check (jsonb_typeof(details) = 'object')
);
comment on table rca.knowledge_notes is 'What a knowledge base says of tables, and of how they belong together.';

create trigger set_metadata_sets_updated_at before update on rca.metadata_sets
  for each row execute function app_private.touch_updated_at();

-- ---------------------------------------------------------------------------------------------------------------
-- Every row of metadata: its set, and where it comes from
-- ---------------------------------------------------------------------------------------------------------------

do $$
declare
  kind text;
begin
  foreach kind in array array[
    'business_labels', 'entities', 'exceptions', 'identity_mappings', 'knowledge_notes', 'knowledge_relationships',
    'knowledge_table_mappings', 'knowledge_terms', 'lineage_edges', 'metrics', 'rules', 'tables', 'time_rules'
  ] loop
    if kind <> 'knowledge_notes' then
      execute format('alter table rca.%I add column set_name text not null default ''default''', kind);
    end if;
    execute format(
      'alter table rca.%1$I add column file text, add column source_path text, add column source jsonb,
         add column is_derived boolean not null default false,
         add constraint %2$I check (set_name ~ ''^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$'')',
      kind, kind || '_set_name_check'
    );
    execute format(
      'comment on column rca.%I.source is ''The item of the file as it was read. Null: not imported, or derived.''', kind
    );
    execute format(
      'comment on column rca.%I.source_path is ''Where the item is in its file, such as $.tables[3].''', kind
    );
    execute format(
      'comment on column rca.%I.is_derived is ''No file has it; other rows name it.''', kind
    );
  end loop;
end
$$;

-- ---------------------------------------------------------------------------------------------------------------
-- Keys begin with tenant and set. Two systems may have a table with the same name, so a table is no longer a target of
-- references: those rows name it.
-- ---------------------------------------------------------------------------------------------------------------

alter table rca.lineage_edges
  drop constraint lineage_edges_from_table_fkey, drop constraint lineage_edges_to_table_fkey;
alter table rca.time_rules drop constraint time_rules_table_name_fkey;
alter table rca.exceptions drop constraint exceptions_table_name_fkey;
alter table rca.knowledge_table_mappings drop constraint knowledge_table_mappings_table_name_fkey;
alter table rca.tables drop constraint tables_entity_id_fkey;
alter table rca.rules drop constraint rules_metric_id_fkey, drop constraint rules_target_entity_id_fkey;
alter table rca.business_labels drop constraint business_labels_metric_id_fkey;
alter table rca.identity_mappings drop constraint identity_mappings_entity_id_fkey;
drop index rca.idx_tables_entity, rca.idx_rules_metric, rca.idx_rules_target_entity, rca.idx_business_labels_metric;
drop index rca.idx_identity_mappings_entity, rca.idx_lineage_edges_from, rca.idx_lineage_edges_to;
drop index rca.idx_time_rules_table, rca.idx_exceptions_table, rca.idx_knowledge_table_mappings_table;

alter table rca.entities
  drop constraint entities_pkey,
  add primary key (tenant_id, set_name, id),
  add column canonical_columns jsonb;
alter table rca.metrics
  drop constraint metrics_pkey,
  add primary key (tenant_id, set_name, id),
  add column aliases jsonb,
  add constraint metrics_aliases_check check (jsonb_typeof(aliases) = 'array');
alter table rca.tables
  drop constraint tables_pkey,
  add primary key (tenant_id, set_name, name, system),
  add constraint tables_system_check check (length(system) between 1 and 255),
  add constraint tables_entity_id_fkey foreign key (tenant_id, set_name, entity_id)
    references rca.entities (tenant_id, set_name, id);
alter table rca.rules
  drop constraint rules_pkey,
  add primary key (tenant_id, set_name, id),
  add column attributes_needed jsonb,
  add constraint rules_metric_id_fkey foreign key (tenant_id, set_name, metric_id)
    references rca.metrics (tenant_id, set_name, id),
  add constraint rules_target_entity_id_fkey foreign key (tenant_id, set_name, target_entity_id)
    references rca.entities (tenant_id, set_name, id);
alter table rca.lineage_edges
  add column edge_kind text not null default 'edge',
  add column join_keys jsonb,
  add column join_type text,
  add constraint lineage_edges_edge_kind_check check (edge_kind in ('edge', 'possible_join')),
  add constraint lineage_edges_join_keys_check check (jsonb_typeof(join_keys) = 'array');
comment on column rca.lineage_edges.join_keys is 'A list of {left, right}, in the order of the file.';
alter table rca.business_labels
  drop constraint business_labels_label_type_check,
  add column entity_id text,
  add constraint business_labels_label_type_check
    check (label_type in ('system', 'metric', 'reconciliation_type', 'entity', 'label')),
  add constraint business_labels_metric_id_fkey foreign key (tenant_id, set_name, metric_id)
    references rca.metrics (tenant_id, set_name, id),
  add constraint business_labels_entity_id_fkey foreign key (tenant_id, set_name, entity_id)
    references rca.entities (tenant_id, set_name, id);
alter table rca.time_rules
  drop constraint time_rules_rule_type_check,
  add column details jsonb,
  add constraint time_rules_rule_type_check check (rule_type in ('as_of', 'lateness', 'date_alignment'));
comment on column rca.time_rules.details is 'The fields of the item that have no column of their own.';
alter table rca.identity_mappings
  add column mapping_kind text,
  add column mapping_type text,
  add column from_system text,
  add column from_key text,
  add column to_system text,
  add column to_key text,
  add column details jsonb,
  add constraint identity_mappings_mapping_kind_check check (mapping_kind in ('canonical_key', 'key_mapping')),
  add constraint identity_mappings_entity_id_fkey foreign key (tenant_id, set_name, entity_id)
    references rca.entities (tenant_id, set_name, id);
comment on column rca.identity_mappings.details is 'The fields of the item that have no column of their own.';
alter table rca.exceptions
  drop constraint exceptions_pkey,
  add primary key (tenant_id, set_name, id),
  add column exception_kind text not null default 'exception',
  add column tolerance text,
  add column details jsonb,
  add constraint exceptions_exception_kind_check check (exception_kind in ('exception', 'policy'));
comment on column rca.exceptions.tolerance is 'In the words of the file, such as: absolute 0.01 or relative 0.01%.';
comment on column rca.exceptions.details is 'The fields of the item that have no column of their own.';
alter table rca.knowledge_terms
  drop constraint uq_knowledge_terms_term,
  add column business_meaning text,
  add column filters jsonb,
  add column valid_values jsonb,
  add column use_cases jsonb,
  add constraint uq_knowledge_terms_term unique (tenant_id, set_name, term),
  add column words tsvector generated always as (
    setweight(to_tsvector('english'::regconfig, term), 'A')
    || setweight(to_tsvector('english'::regconfig, left(coalesce(aliases::text, ''), 100000)), 'B')
    || setweight(to_tsvector('english'::regconfig, left(coalesce(definition, ''), 100000)), 'C')
    || setweight(to_tsvector('english'::regconfig, left(coalesce(business_meaning, ''), 100000)), 'D')
    || array_to_tsvector(array[md5(tenant_id::text || '/' || set_name)])
  ) stored;
comment on column rca.knowledge_terms.words is
  'Words of the term, and a hash of tenant and set, so that one index finds the terms of one set.';

create index idx_tables_entity on rca.tables (tenant_id, set_name, entity_id);
create index idx_rules_metric on rca.rules (tenant_id, set_name, metric_id);
create index idx_rules_target_entity on rca.rules (tenant_id, set_name, target_entity_id);
create index idx_business_labels_metric on rca.business_labels (tenant_id, set_name, metric_id);
create index idx_business_labels_entity on rca.business_labels (tenant_id, set_name, entity_id);
create index idx_identity_mappings_entity on rca.identity_mappings (tenant_id, set_name, entity_id);
create index idx_lineage_edges_from on rca.lineage_edges (tenant_id, set_name, from_table);
create index idx_lineage_edges_to on rca.lineage_edges (tenant_id, set_name, to_table);
create index idx_time_rules_table on rca.time_rules (tenant_id, set_name, table_name);
create index idx_exceptions_table on rca.exceptions (tenant_id, set_name, table_name);
create index idx_knowledge_table_mappings_table on rca.knowledge_table_mappings (tenant_id, set_name, table_name);
create index idx_knowledge_terms_words on rca.knowledge_terms using gin (words);

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
    where c.relnamespace = 'rca'::regnamespace and c.relkind = 'r' and not c.relrowsecurity
    order by c.relname
  loop
    execute format('alter table %s enable row level security', new_table.name);
    execute format(
      'create policy %I on %s for select to authenticated using (
         tenant_id = (select app_private.current_tenant_id_uuid())
         and greatest(tenant_id, tenant_id) = all ((select array[app_private.current_tenant_id_uuid()])::uuid[])
       )', new_table.relname || '_tenant', new_table.name
    );
    execute format(
      'create policy %I on %s for all to app_rw using (true)', new_table.relname || '_app_rw', new_table.name
    );
    execute format(
      'create policy %I on %s for select to app_ro using (true)', new_table.relname || '_app_ro', new_table.name
    );
    execute format('revoke all on %s from anon, authenticated, service_role', new_table.name);
    execute format('grant select on %s to app_ro', new_table.name);
    execute format('grant select, insert, update, delete on %s to service_role, app_rw', new_table.name);
    execute format(
      'alter table %s alter column tenant_id set (n_distinct = -0.5), alter column tenant_id set statistics 1',
      new_table.name
    );
  end loop;
  for new_column in
    select c.oid::regclass as name, c.relname, a.attname, a.attgenerated <> '' as is_generated, a.atttypid
    from pg_catalog.pg_class as c
    join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'rca'::regnamespace and c.relkind = 'r'
      and not has_column_privilege('authenticated', c.oid, a.attnum, 'select')
    order by c.relname, a.attnum
  loop
    execute format('grant select (%I) on %s to authenticated', new_column.attname, new_column.name);
    if new_column.attname <> 'tenant_id' then
      execute format('alter table %s alter column %I set statistics 0', new_column.name, new_column.attname);
    end if;
    if not new_column.is_generated and new_column.atttypid in (
      'jsonb'::regtype, 'text'::regtype, 'numeric'::regtype, 'double precision'::regtype, 'timestamptz'::regtype
    ) and new_column.attname not in ('content', 'fingerprints', 'report') then
      execute format(
        'alter table %s add constraint %I check (app_private.fits(%L, %I)) not valid',
        new_column.name, left(new_column.relname || '_' || new_column.attname, 58) || '_fits', new_column.attname,
        new_column.attname
      );
    end if;
  end loop;
end
$$;
