-- squawk-ignore-file require-concurrent-index-creation
--
-- Autopilot: messages that were received, and what the numbers of tickets tell. docs/decisions/070-messages-and-insight.md
-- says why.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

-- ---------------------------------------------------------------------------------------------------------------
-- Messages of the three queues
-- ---------------------------------------------------------------------------------------------------------------

create table autopilot.received_messages (
  organization_id uuid not null references public.tenants (id),
  key text not null,
  queue text not null,
  seq bigint,
  subject_id uuid,
  payload jsonb,
  created_at timestamptz not null default now(),
  primary key (organization_id, key),
  constraint received_messages_key_check check (length(key) between 1 and 255),
  constraint received_messages_queue_check
    check (queue in ('data_source_status', 'cluster_notification', 'enrichment_notification')),
  constraint received_messages_payload_check
    check (jsonb_typeof(payload) = 'object' and octet_length(payload::text) <= 8192),
  constraint received_messages_complete_check check (
    (seq is null) = (subject_id is null) and (seq is null) = (payload is null) and seq > 0
  )
);
comment on table autopilot.received_messages is
  'The messages of the three queues, each once: marks by which a repeated message is recognized. Kept for a week.';
comment on column autopilot.received_messages.key is
  'The id that the sender gave the message; without one, `sha256:` and the digest of its content.';
comment on column autopilot.received_messages.seq is
  'The order in which the organization''s messages were stored. Null: the message could not be processed.';
comment on column autopilot.received_messages.subject_id is 'The ingestion run or the cluster that the message is about.';
create unique index uq_received_messages_seq on autopilot.received_messages (organization_id, seq);
create index idx_received_messages_subject on autopilot.received_messages (organization_id, queue, subject_id, seq);
create index idx_received_messages_created on autopilot.received_messages (organization_id, created_at);

-- ---------------------------------------------------------------------------------------------------------------
-- Bursts, and how long tickets usually take
-- ---------------------------------------------------------------------------------------------------------------

create table autopilot.burst_alerts (
  organization_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  lineage_id uuid,
  cluster_id uuid,
  status text not null default 'open',
  started_at timestamptz not null,
  seen_at timestamptz not null,
  window_minutes integer not null,
  tickets integer not null,
  expected double precision not null,
  probability double precision not null,
  acknowledged_at timestamptz,
  acknowledged_by text,
  ended_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (organization_id, id),
  constraint burst_alerts_cluster_id_fkey foreign key (organization_id, cluster_id)
    references autopilot.clusters (organization_id, id) on delete set null (cluster_id),
  constraint burst_alerts_status_check check (status in ('open', 'acknowledged', 'ended')),
  constraint burst_alerts_counts_check check (
    window_minutes > 0 and tickets > 0 and expected >= 0 and probability between 0 and 1
  ),
  constraint burst_alerts_acknowledged_check check (
    (acknowledged_at is null) = (acknowledged_by is null) and (status <> 'acknowledged' or acknowledged_at is not null)
  ),
  constraint burst_alerts_ended_check check ((status = 'ended') = (ended_at is not null))
);
comment on table autopilot.burst_alerts is
  'Bursts: many more tickets of a cluster than usual at this time of the week. A burst has one alert, however long it lasts.';
comment on column autopilot.burst_alerts.lineage_id is 'The lineage of the cluster. Null: tickets without a cluster.';
comment on column autopilot.burst_alerts.seen_at is 'When the burst was last found.';
comment on column autopilot.burst_alerts.tickets is 'How many tickets arrived within `window_minutes`, at most.';
comment on column autopilot.burst_alerts.expected is 'How many tickets usually arrive within the window at this time.';
comment on column autopilot.burst_alerts.probability is 'How likely so many tickets are by chance.';
create unique index uq_burst_alerts_current on autopilot.burst_alerts (
  organization_id, coalesce(lineage_id, '00000000-0000-0000-0000-000000000000')
) where status <> 'ended';
create index idx_burst_alerts_recent on autopilot.burst_alerts (organization_id, created_at, id);
create index idx_burst_alerts_cluster_id on autopilot.burst_alerts (organization_id, cluster_id);
create trigger set_burst_alerts_updated_at before update on autopilot.burst_alerts
  for each row execute function app_private.touch_updated_at();

create table autopilot.cluster_times (
  organization_id uuid not null references public.tenants (id),
  cluster_id uuid not null,
  usual_hours double precision not null,
  resolved_tickets integer not null,
  computed_at timestamptz not null default now(),
  primary key (organization_id, cluster_id),
  constraint cluster_times_cluster_id_fkey foreign key (organization_id, cluster_id)
    references autopilot.clusters (organization_id, id) on delete cascade,
  constraint cluster_times_counts_check check (usual_hours >= 0 and resolved_tickets > 0)
);
comment on table autopilot.cluster_times is 'How long the tickets of a cluster usually take.';
comment on column autopilot.cluster_times.usual_hours is 'Nine of ten tickets were resolved within this time.';
comment on column autopilot.cluster_times.resolved_tickets is 'How many tickets were measured.';

-- When a ticket was opened: by cluster, and among those without a resolution. The expression is a CASE, because
-- row-level security keeps coalesce() out of an index.
create index idx_tickets_opened on autopilot.tickets (
  organization_id, cluster_id, (case when source_created_at is null then created_at else source_created_at end)
);
create index idx_tickets_unresolved on autopilot.tickets (
  organization_id, (case when source_created_at is null then created_at else source_created_at end), id
) where resolved_at is null;
create index idx_tickets_unresolved_of_cluster on autopilot.tickets (
  organization_id, cluster_id, (case when source_created_at is null then created_at else source_created_at end), id
) where resolved_at is null;

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
