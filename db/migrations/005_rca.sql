-- RCA: why do two systems disagree about a metric? What the systems hold and mean (metadata), what was asked and found
-- (queries), how the search went (traversal), what words mean (knowledge), what had to be asked back (clarification).
-- The rows of the systems themselves stay in files; docs/decisions/012-schemas-of-the-applications.md says why, and how
-- the plan became tables.
--
-- Every key leads with the tenant, and so does every foreign key: no row can point into another tenant's.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

create schema rca;
grant usage on schema rca to authenticated, service_role, app_rw, app_ro;
grant usage, create on schema rca to app_owner;

-- ---------------------------------------------------------------------------------------------------------------
-- Metadata: what the systems hold and what it means. Ids and names are the metadata's own.
-- ---------------------------------------------------------------------------------------------------------------

create table rca.entities (
  tenant_id uuid not null references public.tenants (id),
  id text not null,
  name text not null,
  description text,
  grain jsonb,
  attributes jsonb,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  constraint entities_id_check check (length(id) between 1 and 255),
  constraint entities_grain_check check (jsonb_typeof(grain) = 'array'),
  constraint entities_attributes_check check (jsonb_typeof(attributes) = 'array')
);

create table rca.tables (
  tenant_id uuid not null references public.tenants (id),
  name text not null,
  entity_id text,
  primary_key jsonb,
  time_column text,
  system text not null,
  path text,
  columns jsonb,
  labels jsonb,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, name),
  constraint tables_entity_id_fkey foreign key (tenant_id, entity_id) references rca.entities (tenant_id, id),
  constraint tables_name_check check (length(name) between 1 and 255),
  constraint tables_primary_key_check check (jsonb_typeof(primary_key) = 'array'),
  constraint tables_columns_check check (jsonb_typeof(columns) = 'array'),
  constraint tables_labels_check check (jsonb_typeof(labels) = 'array')
);
comment on column rca.tables.path is 'The file that holds the rows.';
create index idx_tables_entity on rca.tables (tenant_id, entity_id);

create table rca.metrics (
  tenant_id uuid not null references public.tenants (id),
  id text not null,
  name text not null,
  description text,
  grain jsonb,
  precision integer,
  null_policy text,
  unit text,
  versions jsonb,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  constraint metrics_id_check check (length(id) between 1 and 255),
  constraint metrics_grain_check check (jsonb_typeof(grain) = 'array')
);

create table rca.rules (
  tenant_id uuid not null references public.tenants (id),
  id text not null,
  system text not null,
  metric_id text,
  target_entity_id text,
  target_grain jsonb,
  description text,
  formula text,
  source_entities jsonb,
  aggregation_grain jsonb,
  filter_conditions jsonb,
  source_table text,
  note text,
  labels jsonb,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  constraint rules_metric_id_fkey foreign key (tenant_id, metric_id) references rca.metrics (tenant_id, id),
  constraint rules_target_entity_id_fkey foreign key (tenant_id, target_entity_id)
    references rca.entities (tenant_id, id),
  constraint rules_id_check check (length(id) between 1 and 255),
  constraint rules_labels_check check (jsonb_typeof(labels) = 'array')
);
create index idx_rules_metric on rca.rules (tenant_id, metric_id);
create index idx_rules_target_entity on rca.rules (tenant_id, target_entity_id);

create table rca.lineage_edges (
  tenant_id uuid not null references public.tenants (id),
  id bigint generated always as identity,
  from_table text not null,
  to_table text not null,
  keys jsonb,
  relationship text,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  constraint lineage_edges_from_table_fkey foreign key (tenant_id, from_table) references rca.tables (tenant_id, name),
  constraint lineage_edges_to_table_fkey foreign key (tenant_id, to_table) references rca.tables (tenant_id, name),
  constraint lineage_edges_keys_check check (jsonb_typeof(keys) = 'object')
);
create index idx_lineage_edges_from on rca.lineage_edges (tenant_id, from_table);
create index idx_lineage_edges_to on rca.lineage_edges (tenant_id, to_table);

create table rca.business_labels (
  tenant_id uuid not null references public.tenants (id),
  id bigint generated always as identity,
  label_type text not null,
  label text not null,
  aliases jsonb,
  system_id text,
  metric_id text,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  constraint business_labels_metric_id_fkey foreign key (tenant_id, metric_id) references rca.metrics (tenant_id, id),
  constraint business_labels_label_type_check check (label_type in ('system', 'metric', 'reconciliation_type'))
);
create index idx_business_labels_metric on rca.business_labels (tenant_id, metric_id);

create table rca.time_rules (
  tenant_id uuid not null references public.tenants (id),
  id bigint generated always as identity,
  table_name text,
  rule_type text not null,
  as_of_column text,
  default_value text,
  max_lateness_days integer,
  action text,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  constraint time_rules_table_name_fkey foreign key (tenant_id, table_name) references rca.tables (tenant_id, name),
  constraint time_rules_rule_type_check check (rule_type in ('as_of', 'lateness'))
);
comment on column rca.time_rules.default_value is 'latest, an ISO date, or an expression over the as-of date.';
create index idx_time_rules_table on rca.time_rules (tenant_id, table_name);

create table rca.identity_mappings (
  tenant_id uuid not null references public.tenants (id),
  id bigint generated always as identity,
  entity_id text,
  canonical_key text,
  system text,
  key_name text,
  mapping_table text,
  confidence text,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  constraint identity_mappings_entity_id_fkey foreign key (tenant_id, entity_id) references rca.entities (tenant_id, id)
);
create index idx_identity_mappings_entity on rca.identity_mappings (tenant_id, entity_id);

create table rca.exceptions (
  tenant_id uuid not null references public.tenants (id),
  id text not null,
  description text,
  table_name text,
  filter_condition text,
  applies_to jsonb,
  override_fields jsonb,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  constraint exceptions_table_name_fkey foreign key (tenant_id, table_name) references rca.tables (tenant_id, name),
  constraint exceptions_id_check check (length(id) between 1 and 255),
  constraint exceptions_applies_to_check check (jsonb_typeof(applies_to) = 'array')
);
comment on column rca.exceptions.applies_to is
  'Ids of rules or names of tables; some metadata names rules that do not exist.';
create index idx_exceptions_table on rca.exceptions (tenant_id, table_name);

-- ---------------------------------------------------------------------------------------------------------------
-- Queries: what was asked, what was compared, what was found
-- ---------------------------------------------------------------------------------------------------------------

create table rca.rca_queries (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  query_text text not null,
  user_id text,
  status text not null,
  created_at timestamptz not null default now(),
  completed_at timestamptz,
  error_message text,
  primary key (tenant_id, id),
  constraint rca_queries_status_check check (status in ('pending', 'running', 'completed', 'failed'))
);

create table rca.rca_results (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  query_id uuid not null,
  system_a text not null,
  system_b text not null,
  metric text not null,
  as_of_date date,
  root_cause_found boolean,
  classifications jsonb,
  comparison_stats jsonb,
  mismatch_details jsonb,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  constraint rca_results_query_id_fkey foreign key (tenant_id, query_id) references rca.rca_queries (tenant_id, id),
  constraint rca_results_classifications_check check (jsonb_typeof(classifications) = 'array')
);
comment on column rca.rca_results.mismatch_details is 'A sample of the rows that differ.';
create index idx_rca_results_query on rca.rca_results (tenant_id, query_id);

create table rca.rca_findings (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  result_id uuid not null,
  finding_type text not null,
  description text,
  severity text,
  evidence jsonb,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  constraint rca_findings_result_id_fkey foreign key (tenant_id, result_id) references rca.rca_results (tenant_id, id),
  constraint rca_findings_finding_type_check check (finding_type in ('root_cause', 'anomaly', 'mismatch')),
  constraint rca_findings_severity_check check (severity in ('high', 'medium', 'low'))
);
create index idx_rca_findings_result on rca.rca_findings (tenant_id, result_id);

-- ---------------------------------------------------------------------------------------------------------------
-- Traversal: how far a search has come, so that it can go on after an interruption
-- ---------------------------------------------------------------------------------------------------------------

create table rca.traversal_sessions (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  query_id uuid,
  current_hypothesis text,
  root_cause_found boolean not null default false,
  current_depth integer not null default 0,
  max_depth integer not null default 10,
  status text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  constraint traversal_sessions_query_id_fkey foreign key (tenant_id, query_id)
    references rca.rca_queries (tenant_id, id),
  constraint traversal_sessions_depth_check check (current_depth >= 0 and max_depth >= 0),
  constraint traversal_sessions_status_check check (status in ('active', 'completed', 'paused'))
);
create index idx_traversal_sessions_query on rca.traversal_sessions (tenant_id, query_id);

create table rca.traversal_nodes (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  session_id uuid not null,
  node_id text not null,
  node_type text not null,
  visited boolean not null default false,
  visit_count integer not null default 0,
  score double precision,
  probe_result jsonb,
  metadata jsonb,
  visited_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  constraint traversal_nodes_session_id_fkey foreign key (tenant_id, session_id)
    references rca.traversal_sessions (tenant_id, id),
  constraint traversal_nodes_node_type_check check (node_type in ('table', 'rule', 'join', 'filter', 'metric')),
  constraint traversal_nodes_visit_count_check check (visit_count >= 0)
);
create index idx_traversal_nodes_session on rca.traversal_nodes (tenant_id, session_id);

create table rca.traversal_findings (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  session_id uuid not null,
  finding_text text not null,
  confidence double precision,
  evidence jsonb,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  constraint traversal_findings_session_id_fkey foreign key (tenant_id, session_id)
    references rca.traversal_sessions (tenant_id, id),
  constraint traversal_findings_confidence_check check (confidence between 0 and 1)
);
create index idx_traversal_findings_session on rca.traversal_findings (tenant_id, session_id);

create table rca.traversal_path (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  session_id uuid not null,
  from_node_id uuid,
  to_node_id uuid,
  reason text,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  constraint traversal_path_session_id_fkey foreign key (tenant_id, session_id)
    references rca.traversal_sessions (tenant_id, id),
  constraint traversal_path_from_node_id_fkey foreign key (tenant_id, from_node_id)
    references rca.traversal_nodes (tenant_id, id),
  constraint traversal_path_to_node_id_fkey foreign key (tenant_id, to_node_id)
    references rca.traversal_nodes (tenant_id, id)
);
create index idx_traversal_path_session on rca.traversal_path (tenant_id, session_id);
create index idx_traversal_path_from on rca.traversal_path (tenant_id, from_node_id);
create index idx_traversal_path_to on rca.traversal_path (tenant_id, to_node_id);

-- ---------------------------------------------------------------------------------------------------------------
-- Knowledge: what words mean, how they relate, which tables they are about
-- ---------------------------------------------------------------------------------------------------------------

create table rca.knowledge_terms (
  tenant_id uuid not null references public.tenants (id),
  id bigint generated always as identity,
  term text not null,
  definition text,
  category text,
  aliases jsonb,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  constraint uq_knowledge_terms_term unique (tenant_id, term),
  constraint knowledge_terms_term_check check (length(term) between 1 and 255),
  constraint knowledge_terms_category_check check (category in ('business', 'technical', 'domain'))
);
create index idx_knowledge_terms_fts on rca.knowledge_terms
  using gin (to_tsvector('english', term || ' ' || coalesce(definition, '')));

create table rca.knowledge_relationships (
  tenant_id uuid not null references public.tenants (id),
  id bigint generated always as identity,
  from_term_id bigint not null,
  to_term_id bigint not null,
  relationship_type text,
  strength double precision,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  constraint knowledge_relationships_from_term_id_fkey foreign key (tenant_id, from_term_id)
    references rca.knowledge_terms (tenant_id, id),
  constraint knowledge_relationships_to_term_id_fkey foreign key (tenant_id, to_term_id)
    references rca.knowledge_terms (tenant_id, id),
  constraint knowledge_relationships_relationship_type_check
    check (relationship_type in ('synonym', 'related', 'part_of')),
  constraint knowledge_relationships_strength_check check (strength between 0 and 1)
);
create index idx_knowledge_relationships_from on rca.knowledge_relationships (tenant_id, from_term_id);
create index idx_knowledge_relationships_to on rca.knowledge_relationships (tenant_id, to_term_id);

create table rca.knowledge_table_mappings (
  tenant_id uuid not null references public.tenants (id),
  id bigint generated always as identity,
  term_id bigint not null,
  table_name text not null,
  relevance_score double precision,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  constraint knowledge_table_mappings_term_id_fkey foreign key (tenant_id, term_id)
    references rca.knowledge_terms (tenant_id, id),
  constraint knowledge_table_mappings_table_name_fkey foreign key (tenant_id, table_name)
    references rca.tables (tenant_id, name),
  constraint knowledge_table_mappings_relevance_score_check check (relevance_score between 0 and 1)
);
create index idx_knowledge_table_mappings_term on rca.knowledge_table_mappings (tenant_id, term_id);
create index idx_knowledge_table_mappings_table on rca.knowledge_table_mappings (tenant_id, table_name);

-- ---------------------------------------------------------------------------------------------------------------
-- Clarification: what a question left open, and what the person answered
-- ---------------------------------------------------------------------------------------------------------------

create table rca.clarification_sessions (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  original_query text not null,
  status text not null,
  confidence double precision,
  created_at timestamptz not null default now(),
  resolved_at timestamptz,
  primary key (tenant_id, id),
  constraint clarification_sessions_status_check check (status in ('needs_clarification', 'clarified', 'compiled')),
  constraint clarification_sessions_confidence_check check (confidence between 0 and 1)
);

create table rca.clarification_questions (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  session_id uuid not null,
  question_text text not null,
  missing_pieces jsonb,
  confidence double precision,
  partial_understanding jsonb,
  response_hints jsonb,
  question_order integer,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  constraint clarification_questions_session_id_fkey foreign key (tenant_id, session_id)
    references rca.clarification_sessions (tenant_id, id),
  constraint clarification_questions_confidence_check check (confidence between 0 and 1)
);
create index idx_clarification_questions_session on rca.clarification_questions (tenant_id, session_id);

create table rca.clarification_answers (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  question_id uuid not null,
  answer_text text not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  constraint clarification_answers_question_id_fkey foreign key (tenant_id, question_id)
    references rca.clarification_questions (tenant_id, id)
);
create index idx_clarification_answers_question on rca.clarification_answers (tenant_id, question_id);

create table rca.compiled_intents (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  session_id uuid not null,
  intent jsonb not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  constraint compiled_intents_session_id_fkey foreign key (tenant_id, session_id)
    references rca.clarification_sessions (tenant_id, id)
);
create index idx_compiled_intents_session on rca.compiled_intents (tenant_id, session_id);

create trigger set_entities_updated_at before update on rca.entities
  for each row execute function app_private.touch_updated_at();
create trigger set_tables_updated_at before update on rca.tables
  for each row execute function app_private.touch_updated_at();
create trigger set_metrics_updated_at before update on rca.metrics
  for each row execute function app_private.touch_updated_at();
create trigger set_rules_updated_at before update on rca.rules
  for each row execute function app_private.touch_updated_at();
create trigger set_traversal_sessions_updated_at before update on rca.traversal_sessions
  for each row execute function app_private.touch_updated_at();
create trigger set_knowledge_terms_updated_at before update on rca.knowledge_terms
  for each row execute function app_private.touch_updated_at();

-- ---------------------------------------------------------------------------------------------------------------
-- Whose rows, and which verbs: the same for every table of this schema
-- ---------------------------------------------------------------------------------------------------------------

do $$
declare
  t text;
begin
  for t in select tablename from pg_catalog.pg_tables where schemaname = 'rca' order by 1 loop
    execute format('alter table rca.%I enable row level security', t);
    execute format(
      'create policy %I on rca.%I for select to authenticated
         using (tenant_id = (select app_private.current_tenant_id_uuid()))', t || '_tenant', t
    );
    execute format('create policy %I on rca.%I for all to app_rw using (true)', t || '_app_rw', t);
    execute format('create policy %I on rca.%I for select to app_ro using (true)', t || '_app_ro', t);
  end loop;
end
$$;

grant select on all tables in schema rca to authenticated, app_ro;
grant select, insert, update, delete on all tables in schema rca to service_role, app_rw;
