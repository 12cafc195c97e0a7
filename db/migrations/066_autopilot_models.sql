-- squawk-ignore-file adding-field-with-default, adding-foreign-key-constraint, adding-not-nullable-field, constraint-missing-not-valid
-- squawk-ignore-file require-concurrent-index-creation
--
-- Autopilot: clusters keep their identity when a model is replaced. docs/decisions/063-clusters-keep-their-identity.md
-- says why.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

alter table autopilot.ml_models
  add column activated_at timestamptz,
  add column previous_model_id uuid,
  add constraint ml_models_previous_model_id_fkey foreign key (organization_id, previous_model_id)
    references autopilot.ml_models (organization_id, id) on delete set null (previous_model_id);
comment on column autopilot.ml_models.previous_model_id is 'The model that was active before. A rollback activates it.';
create index idx_ml_models_previous_model_id on autopilot.ml_models (organization_id, previous_model_id);

alter table autopilot.clusters
  add column lineage_id uuid not null default gen_random_uuid(),
  add column label text,
  add column examples jsonb not null default '[]',
  add constraint clusters_label_check check (length(label) between 1 and 255),
  add constraint clusters_examples_check
    check (jsonb_typeof(examples) = 'array' and octet_length(examples::text) <= 65536);
comment on column autopilot.clusters.lineage_id is 'Stays the same from model to model, as long as the cluster lives on.';
comment on column autopilot.clusters.label is 'The name that a person gave; null: the model''s.';
comment on column autopilot.clusters.examples is 'Ids of the tickets nearest to the centre, the nearest first.';
create unique index uq_clusters_lineage on autopilot.clusters (organization_id, model_id, lineage_id);
create index idx_clusters_lineage_id on autopilot.clusters (organization_id, lineage_id);

create table autopilot.cluster_predecessors (
  organization_id uuid not null references public.tenants (id),
  cluster_id uuid not null,
  predecessor_lineage_id uuid not null,
  kind text not null,
  shared_tickets integer not null default 0,
  created_at timestamptz not null default now(),
  primary key (organization_id, cluster_id, predecessor_lineage_id),
  constraint cluster_predecessors_cluster_id_fkey foreign key (organization_id, cluster_id)
    references autopilot.clusters (organization_id, id) on delete cascade,
  constraint cluster_predecessors_kind_check check (kind in ('same', 'split', 'merge', 'move')),
  constraint cluster_predecessors_shared_tickets_check check (shared_tickets >= 0)
);
comment on table autopilot.cluster_predecessors is
  'From which clusters of the model before it a cluster got its tickets: its history.';

create table autopilot.cluster_centroids (
  organization_id uuid not null references public.tenants (id),
  cluster_id uuid not null,
  centroid bytea not null,
  floor double precision not null,
  cohesion double precision not null,
  created_at timestamptz not null default now(),
  primary key (organization_id, cluster_id),
  constraint cluster_centroids_cluster_id_fkey foreign key (organization_id, cluster_id)
    references autopilot.clusters (organization_id, id) on delete cascade,
  constraint cluster_centroids_centroid_check check (octet_length(centroid) between 1 and 65536)
);
comment on table autopilot.cluster_centroids is 'What a new ticket is compared with.';
comment on column autopilot.cluster_centroids.centroid is 'Numbers of 32 bits (IEEE 754, little-endian): a vector of length 1.';
comment on column autopilot.cluster_centroids.floor is 'A ticket joins only if its cosine to the centroid is at least this.';

create table autopilot.cluster_members (
  organization_id uuid not null references public.tenants (id),
  model_id uuid not null,
  ticket_id uuid not null,
  cluster_id uuid not null,
  score double precision,
  created_at timestamptz not null default now(),
  primary key (organization_id, model_id, ticket_id),
  constraint cluster_members_model_id_fkey foreign key (organization_id, model_id)
    references autopilot.ml_models (organization_id, id) on delete cascade,
  constraint cluster_members_ticket_id_fkey foreign key (organization_id, ticket_id)
    references autopilot.tickets (organization_id, id) on delete cascade,
  constraint cluster_members_cluster_id_fkey foreign key (organization_id, cluster_id)
    references autopilot.clusters (organization_id, id) on delete cascade,
  constraint cluster_members_score_check check (score >= 0)
);
comment on table autopilot.cluster_members is
  'Which ticket is in which cluster, for each model. tickets.cluster_id is that of the active one.';
create index idx_cluster_members_ticket_id on autopilot.cluster_members (organization_id, ticket_id);
create index idx_cluster_members_cluster_id on autopilot.cluster_members (organization_id, cluster_id);

create table autopilot.cluster_proposals (
  organization_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  model_id uuid not null,
  kind text not null,
  content jsonb not null,
  status text not null default 'open',
  decided_by text,
  decided_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (organization_id, id),
  constraint cluster_proposals_model_id_fkey foreign key (organization_id, model_id)
    references autopilot.ml_models (organization_id, id) on delete cascade,
  constraint cluster_proposals_kind_check check (kind in ('new', 'split', 'merge', 'move', 'regroup')),
  constraint cluster_proposals_content_check
    check (jsonb_typeof(content) = 'object' and octet_length(content::text) <= 1048576),
  constraint cluster_proposals_status_check check (status in ('open', 'accepted', 'rejected')),
  constraint cluster_proposals_decided_check check ((status = 'open') = (decided_at is null))
);
comment on table autopilot.cluster_proposals is 'Changes of clusters that a training found. People accept or reject them.';
create index idx_cluster_proposals_model_id on autopilot.cluster_proposals (organization_id, model_id, status);

create table autopilot.ticket_pins (
  organization_id uuid not null references public.tenants (id),
  ticket_id uuid not null,
  lineage_id uuid not null,
  pinned_by text not null,
  created_at timestamptz not null default now(),
  primary key (organization_id, ticket_id),
  constraint ticket_pins_ticket_id_fkey foreign key (organization_id, ticket_id)
    references autopilot.tickets (organization_id, id) on delete cascade
);
comment on table autopilot.ticket_pins is 'Tickets that a person put into a cluster. Every later model keeps them there.';

create table autopilot.cannot_links (
  organization_id uuid not null references public.tenants (id),
  lineage_a uuid not null,
  lineage_b uuid not null,
  set_by text not null,
  created_at timestamptz not null default now(),
  primary key (organization_id, lineage_a, lineage_b),
  constraint cannot_links_order_check check (lineage_a < lineage_b)
);
comment on table autopilot.cannot_links is 'Pairs of clusters that no model may merge.';

-- One cluster and day is counted without reading the other days.
create index idx_tickets_day on autopilot.tickets (
  organization_id, cluster_id, ((coalesce(source_created_at, created_at) at time zone 'UTC')::date)
);

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
