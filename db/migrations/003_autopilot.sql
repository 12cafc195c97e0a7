-- Autopilot: support tickets are ingested, clustered by a model, and matched with knowledge. Workflow teams write these
-- tables by SQL as workflow_rw, so names and conflict targets are a published contract, `organization_id` (a tenant's
-- id) among them. docs/decisions/012-schemas-of-the-applications.md says where the contract was unclear, and what we
-- chose.
--
-- Every key leads with the organization, and so does every foreign key: no row can point into another organization.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

create schema autopilot;
grant usage on schema autopilot to authenticated, service_role, app_rw, app_ro, workflow_rw;
grant usage, create on schema autopilot to app_owner;

-- The contract's word for tenants. The caller's own rights and policies on tenants hold.
create view autopilot.organizations with (security_invoker = true) as
select id, name, created_at, updated_at from public.tenants;

create table autopilot.data_source_connections (
  organization_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  connection_type text not null,
  latest_options jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (organization_id, id),
  constraint data_source_connections_connection_type_check check (connection_type in ('servicenow', 'jira')),
  constraint data_source_connections_latest_options_check
    check (jsonb_typeof(latest_options) = 'object' and octet_length(latest_options::text) <= 65536)
);
comment on column autopilot.data_source_connections.latest_options is
  'The settings a sync is started with; never a secret: credentials are looked up by organization and connection.';

create table autopilot.ml_models (
  organization_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  external_model_id text not null,
  model_name text not null,
  training_start_date date,
  training_end_date date,
  metadata jsonb not null default '{}',
  active boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (organization_id, id),
  constraint uq_ml_models_external_id_org unique (organization_id, external_model_id),
  constraint ml_models_external_model_id_check check (length(external_model_id) between 1 and 255),
  constraint ml_models_training_check check (training_end_date >= training_start_date),
  constraint ml_models_metadata_check
    check (jsonb_typeof(metadata) = 'object' and octet_length(metadata::text) <= 65536),
  -- Looked at when the transaction commits, so that one model may follow another in any order of statements.
  constraint idx_ml_models_active
    exclude using btree (organization_id with =, active with =) where (active) deferrable initially deferred
);
comment on column autopilot.ml_models.active is
  'Whether this is the active model for the organization; one each at most.';

create table autopilot.clusters (
  organization_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  model_id uuid not null,
  name text not null,
  subcluster_name text,
  config jsonb not null default '{}',
  kb_status text not null default 'PENDING',
  validation_target integer,
  validation_current integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (organization_id, id),
  constraint clusters_model_id_fkey foreign key (organization_id, model_id)
    references autopilot.ml_models (organization_id, id) on delete cascade,
  -- Names are part of a key, and an index entry holds 2,704 bytes.
  constraint clusters_name_check check (length(name) between 1 and 255),
  constraint clusters_subcluster_name_check check (length(subcluster_name) <= 255),
  constraint clusters_config_check check (jsonb_typeof(config) = 'object' and octet_length(config::text) <= 65536),
  constraint clusters_kb_status_check check (kb_status in ('PENDING', 'FOUND', 'GAP')),
  constraint clusters_validation_target_check check (validation_target >= 0),
  constraint clusters_validation_current_check check (validation_current >= 0)
);
comment on column autopilot.clusters.model_id is 'The model that made this cluster.';
comment on column autopilot.clusters.config is 'auto_respond, auto_populate.';
comment on column autopilot.clusters.validation_target is
  'How many tickets people must approve before automation unlocks; null while nobody said.';
create unique index uq_clusters_org_model_name_subcluster
  on autopilot.clusters (organization_id, model_id, name, coalesce(subcluster_name, ''));
comment on index autopilot.uq_clusters_org_model_name_subcluster is 'The natural key that upserts name.';
-- Kept as the contract names it; within an organization the natural key serves.
create index idx_clusters_model_id on autopilot.clusters (model_id);

create table autopilot.tickets (
  organization_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  cluster_id uuid,
  data_source_connection_id uuid,
  external_id text not null,
  subject text not null,
  external_status text not null,
  source_metadata jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (organization_id, id),
  constraint uq_tickets_external_id_org unique (organization_id, external_id),
  constraint tickets_cluster_id_fkey foreign key (organization_id, cluster_id)
    references autopilot.clusters (organization_id, id) on delete set null (cluster_id),
  constraint tickets_data_source_connection_id_fkey foreign key (organization_id, data_source_connection_id)
    references autopilot.data_source_connections (organization_id, id) on delete set null (data_source_connection_id),
  constraint tickets_external_id_check check (length(external_id) between 1 and 255),
  constraint tickets_source_metadata_check
    check (jsonb_typeof(source_metadata) = 'object' and octet_length(source_metadata::text) <= 1048576)
);
comment on column autopilot.tickets.cluster_id is 'Null while no model has classified the ticket.';
comment on column autopilot.tickets.source_metadata is 'The record as the ticket system sent it; at most 1 MiB.';
create index idx_tickets_cluster_id on autopilot.tickets (organization_id, cluster_id);
create index idx_tickets_data_source_connection_id on autopilot.tickets (organization_id, data_source_connection_id);

create table autopilot.analytics_cluster_daily (
  organization_id uuid not null references public.tenants (id),
  cluster_id uuid not null,
  day date not null,
  total_tickets integer not null default 0,
  automated_count integer not null default 0,
  kb_gap_count integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (organization_id, cluster_id, day),
  constraint analytics_cluster_daily_cluster_id_fkey foreign key (organization_id, cluster_id)
    references autopilot.clusters (organization_id, id) on delete cascade,
  constraint analytics_cluster_daily_counts_check
    check (total_tickets >= 0 and automated_count >= 0 and kb_gap_count >= 0)
);

create table autopilot.ingestion_runs (
  organization_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  data_source_connection_id uuid,
  started_by text,
  status text not null default 'pending',
  records_processed integer not null default 0,
  records_failed integer not null default 0,
  error_message text,
  error_detail jsonb,
  completed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (organization_id, id),
  constraint ingestion_runs_data_source_connection_id_fkey foreign key (organization_id, data_source_connection_id)
    references autopilot.data_source_connections (organization_id, id) on delete set null (data_source_connection_id),
  constraint ingestion_runs_status_check check (status in ('pending', 'running', 'completed', 'failed')),
  constraint ingestion_runs_records_check check (records_processed >= 0 and records_failed >= 0),
  constraint ingestion_runs_completed_check check (completed_at is null or status in ('completed', 'failed')),
  constraint ingestion_runs_error_detail_check
    check (jsonb_typeof(error_detail) = 'object' and octet_length(error_detail::text) <= 65536)
);
comment on column autopilot.ingestion_runs.started_by is 'The user who asked for it; null when a clock did.';
comment on column autopilot.ingestion_runs.error_message is
  'A code such as authentication_failed; error_detail has its numbers.';
create index idx_ingestion_runs_data_source_connection_id
  on autopilot.ingestion_runs (organization_id, data_source_connection_id);

create table autopilot.knowledge_articles (
  organization_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  cluster_id uuid,
  external_id text not null,
  title text not null,
  url text,
  relevance_score double precision,
  status text not null default 'active',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (organization_id, id),
  constraint uq_knowledge_articles_external_id_org unique (organization_id, external_id),
  constraint knowledge_articles_cluster_id_fkey foreign key (organization_id, cluster_id)
    references autopilot.clusters (organization_id, id) on delete set null (cluster_id),
  constraint knowledge_articles_external_id_check check (length(external_id) between 1 and 255),
  constraint knowledge_articles_relevance_score_check check (relevance_score between 0 and 1),
  constraint knowledge_articles_status_check check (status in ('active', 'broken', 'archived'))
);
create index idx_knowledge_articles_cluster_id on autopilot.knowledge_articles (organization_id, cluster_id);

create trigger set_data_source_connections_updated_at before update on autopilot.data_source_connections
  for each row execute function app_private.touch_updated_at();
create trigger set_ml_models_updated_at before update on autopilot.ml_models
  for each row execute function app_private.touch_updated_at();
create trigger set_clusters_updated_at before update on autopilot.clusters
  for each row execute function app_private.touch_updated_at();
create trigger set_tickets_updated_at before update on autopilot.tickets
  for each row execute function app_private.touch_updated_at();
create trigger set_analytics_updated_at before update on autopilot.analytics_cluster_daily
  for each row execute function app_private.touch_updated_at();
create trigger set_ingestion_runs_updated_at before update on autopilot.ingestion_runs
  for each row execute function app_private.touch_updated_at();
create trigger set_knowledge_articles_updated_at before update on autopilot.knowledge_articles
  for each row execute function app_private.touch_updated_at();

-- ---------------------------------------------------------------------------------------------------------------
-- Whose rows: the same four rules for every table of this schema
-- ---------------------------------------------------------------------------------------------------------------

do $$
declare
  t text;
begin
  for t in select tablename from pg_catalog.pg_tables where schemaname = 'autopilot' order by 1 loop
    execute format('alter table autopilot.%I enable row level security', t);
    execute format(
      'create policy %I on autopilot.%I for select to authenticated
         using (organization_id = (select app_private.current_tenant_id_uuid()))', t || '_tenant', t
    );
    execute format(
      'create policy %I on autopilot.%I for all to workflow_rw
         using (organization_id = (select app_private.current_organization_id()))', t || '_workflow', t
    );
    execute format('create policy %I on autopilot.%I for all to app_rw using (true)', t || '_app_rw', t);
    execute format('create policy %I on autopilot.%I for select to app_ro using (true)', t || '_app_ro', t);
  end loop;
end
$$;

-- ---------------------------------------------------------------------------------------------------------------
-- Which verbs
-- ---------------------------------------------------------------------------------------------------------------

grant select on all tables in schema autopilot to authenticated, app_ro;
grant select, insert, update, delete on all tables in schema autopilot to service_role, app_rw;

-- Through the view a tenant would be made and deleted; that right over tenants is service_role's alone.
revoke insert, update, delete on autopilot.organizations from app_rw;

-- The workflow teams write what they own. Connections and ingestion runs are made by us; of a run they report how it
-- went.
grant select on autopilot.data_source_connections, autopilot.ml_models, autopilot.clusters, autopilot.tickets,
  autopilot.analytics_cluster_daily, autopilot.ingestion_runs, autopilot.knowledge_articles to workflow_rw;
grant insert, update on autopilot.ml_models, autopilot.clusters, autopilot.tickets, autopilot.analytics_cluster_daily,
  autopilot.knowledge_articles to workflow_rw;
grant update (status, records_processed, records_failed, error_message, error_detail, completed_at, updated_at)
  on autopilot.ingestion_runs to workflow_rw;
