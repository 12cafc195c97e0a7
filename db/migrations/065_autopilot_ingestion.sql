-- squawk-ignore-file adding-field-with-default, adding-required-field, constraint-missing-not-valid, require-concurrent-index-creation
-- squawk-ignore-file adding-not-nullable-field, ban-drop-constraint, disallowed-unique-constraint
--
-- Autopilot: what a sync of tickets needs. docs/decisions/062-tickets-come-in.md says why the words and columns are these.
-- Published names, columns and conflict targets stay as they were.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

-- ---------------------------------------------------------------------------------------------------------------
-- Connections and runs
-- ---------------------------------------------------------------------------------------------------------------

alter table autopilot.data_source_connections
  drop constraint data_source_connections_connection_type_check,
  add column name text,
  add column is_enabled boolean not null default true,
  add column sync_every_minutes integer,
  add column cursor jsonb,
  add column last_sync_at timestamptz,
  add constraint data_source_connections_connection_type_check
    check (connection_type in ('servicenow', 'jira', 'csv')),
  add constraint data_source_connections_name_check check (length(name) between 1 and 255),
  add constraint uq_data_source_connections_name unique (organization_id, name),
  add constraint data_source_connections_sync_every_minutes_check
    check (sync_every_minutes between 1 and 525600),
  add constraint data_source_connections_cursor_check
    check (jsonb_typeof(cursor) = 'object' and octet_length(cursor::text) <= 16384);
comment on column autopilot.data_source_connections.name is 'Null in rows from before this column.';
comment on column autopilot.data_source_connections.sync_every_minutes is 'Null: it is synced only when somebody asks.';
comment on column autopilot.data_source_connections.cursor is 'Where the next sync begins. Null: at the first ticket.';
comment on column autopilot.data_source_connections.last_sync_at is 'When a sync last reached the end.';

alter table autopilot.ingestion_runs
  drop constraint ingestion_runs_status_check,
  drop constraint ingestion_runs_completed_check,
  add column kind text not null default 'sync',
  add column started_at timestamptz,
  add column records_estimated integer,
  add column cursor jsonb,
  add column batches integer not null default 0,
  add column worker_id text,
  add column lease_until timestamptz,
  add column lease_token integer not null default 0,
  add column envelope_id uuid,
  add constraint ingestion_runs_status_check
    check (status in ('pending', 'running', 'completed', 'failed', 'cancelled')),
  add constraint ingestion_runs_completed_check
    check (completed_at is null or status in ('completed', 'failed', 'cancelled')),
  add constraint ingestion_runs_kind_check check (kind in ('sync', 'rebuild_model')),
  add constraint ingestion_runs_records_estimated_check check (records_estimated >= 0),
  add constraint ingestion_runs_cursor_check
    check (jsonb_typeof(cursor) = 'object' and octet_length(cursor::text) <= 16384),
  add constraint ingestion_runs_lease_check check (batches >= 0 and lease_token >= 0);
comment on column autopilot.ingestion_runs.records_estimated is 'How many tickets the ticket system announced.';
comment on column autopilot.ingestion_runs.cursor is 'Where the run continues after a crash.';
comment on column autopilot.ingestion_runs.batches is 'How many batches were stored; a batch that comes again is ignored.';
comment on column autopilot.ingestion_runs.lease_token is 'Grows with each lease. A worker with an older one is refused.';
comment on column autopilot.ingestion_runs.envelope_id is
  'The sync_tickets message that asks a workflow to do this run. Null: our own worker does it.';

-- One open run per connection. Of several the newest stays open.
update autopilot.ingestion_runs as r
set status = 'failed', error_message = 'superseded', completed_at = now()
from (
  select o.organization_id, o.id, row_number() over (
    partition by o.organization_id, o.data_source_connection_id order by o.created_at desc, o.id
  ) as place
  from autopilot.ingestion_runs as o
  where o.status in ('pending', 'running') and o.data_source_connection_id is not null
) as ranked
where ranked.place > 1 and r.organization_id = ranked.organization_id and r.id = ranked.id;
create unique index uq_ingestion_runs_open on autopilot.ingestion_runs (organization_id, data_source_connection_id)
where status in ('pending', 'running') and data_source_connection_id is not null;
create unique index uq_ingestion_runs_rebuild on autopilot.ingestion_runs (organization_id)
where status in ('pending', 'running') and kind = 'rebuild_model';
create index idx_ingestion_runs_open on autopilot.ingestion_runs (created_at)
where status in ('pending', 'running');
create index idx_ingestion_runs_recent on autopilot.ingestion_runs (organization_id, created_at, id);

-- ---------------------------------------------------------------------------------------------------------------
-- Tickets
-- ---------------------------------------------------------------------------------------------------------------

alter table autopilot.tickets
  add column description text,
  add column priority text,
  add column requester text,
  add column assignee text,
  add column resolution text,
  add column source_created_at timestamptz,
  add column source_updated_at timestamptz,
  add column resolved_at timestamptz,
  add column content_hash bigint generated always as (
    hashtextextended(subject || E'\n' || coalesce(description, ''), 0)
  ) stored,
  add column classified_hash bigint,
  add column score double precision,
  add column response_state text,
  add column response_envelope_id uuid,
  add column verdict text,
  add column verdict_by text,
  add column verdict_at timestamptz,
  add column verdict_lineage_id uuid,
  add constraint tickets_score_check check (score >= 0),
  add constraint tickets_response_state_check
    check (response_state in ('queued', 'sent', 'failed', 'unknown', 'cancelled')),
  add constraint tickets_verdict_check check (verdict in ('trusted', 'wrong')),
  add constraint tickets_verdict_complete_check check (
    (verdict is null) = (verdict_at is null) and (verdict is null) = (verdict_lineage_id is null)
  );
comment on column autopilot.tickets.source_created_at is 'When the ticket was opened in its ticket system.';
comment on column autopilot.tickets.content_hash is 'A hash of subject and description. It changes with them.';
comment on column autopilot.tickets.classified_hash is
  'The content_hash at its last classification. If it differs from content_hash, the ticket is to be classified again.';
comment on column autopilot.tickets.score is 'The distance to the centre of its cluster: 0 is the centre.';
comment on column autopilot.tickets.response_state is 'What became of the automatic response. Null: there was none.';
comment on column autopilot.tickets.verdict is 'What a person said of the ticket''s cluster: trusted or wrong.';
comment on column autopilot.tickets.verdict_lineage_id is 'The lineage of the cluster of which the person said it.';
create index idx_tickets_recent on autopilot.tickets (organization_id, source_created_at, id);
create index idx_tickets_unclassified on autopilot.tickets (organization_id, id)
where cluster_id is null or classified_hash is distinct from content_hash;

create table autopilot.message_processing_failures (
  organization_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  source text not null,
  run_id uuid,
  external_id text,
  code text not null,
  detail text not null default '',
  payload jsonb,
  created_at timestamptz not null default now(),
  redriven_at timestamptz,
  redriven_by text,
  primary key (organization_id, id),
  constraint message_processing_failures_run_id_fkey foreign key (organization_id, run_id)
    references autopilot.ingestion_runs (organization_id, id) on delete set null (run_id),
  constraint message_processing_failures_source_check check (length(source) between 1 and 255),
  constraint message_processing_failures_external_id_check check (length(external_id) <= 1024),
  constraint message_processing_failures_code_check check (code ~ '^[a-z][a-z0-9_]{0,63}$'),
  constraint message_processing_failures_detail_check check (octet_length(detail) <= 16384),
  constraint message_processing_failures_payload_check check (octet_length(payload::text) <= 65536),
  constraint message_processing_failures_redriven_check check (redriven_at >= created_at)
);
comment on table autopilot.message_processing_failures is
  'Records and messages that could not be processed, each with the reason. All programs and workflows share it.';
comment on column autopilot.message_processing_failures.source is 'The queue or the connection that it came from.';
comment on column autopilot.message_processing_failures.redriven_at is 'When it was processed again.';
create index idx_message_processing_failures_run_id on autopilot.message_processing_failures (organization_id, run_id);
create index idx_message_processing_failures_recent
  on autopilot.message_processing_failures (organization_id, created_at, id);

-- ---------------------------------------------------------------------------------------------------------------
-- Settings and words
-- ---------------------------------------------------------------------------------------------------------------

create table autopilot.settings (
  organization_id uuid not null primary key references public.tenants (id),
  needed_tickets integer not null default 100,
  validation_target integer not null default 16,
  trusted_percent integer not null default 80,
  run_hours integer not null default 24,
  sync_tool_slug text,
  status_tool_slug text,
  cluster_tool_slug text,
  enrichment_tool_slug text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint settings_needed_tickets_check check (needed_tickets between 1 and 1000000),
  constraint settings_validation_target_check check (validation_target between 1 and 10000),
  constraint settings_trusted_percent_check check (trusted_percent between 1 and 100),
  constraint settings_run_hours_check check (run_hours between 1 and 720)
);
comment on table autopilot.settings is
  'How autopilot works for an organization. Without a row, the defaults of the columns hold.';
comment on column autopilot.settings.needed_tickets is 'With fewer tickets no model is made: tickets_below_threshold.';
comment on column autopilot.settings.validation_target is 'The target of new clusters.';
comment on column autopilot.settings.trusted_percent is 'The share of its target that a cluster needs for automation.';
comment on column autopilot.settings.run_hours is 'A run that has not ended after so many hours has failed: timed_out.';
comment on column autopilot.settings.sync_tool_slug is
  'The tool that asks a workflow to sync. Null: our own worker syncs.';
comment on column autopilot.settings.status_tool_slug is 'The tool that sends ticket_ingestion. Null: nothing is sent.';
comment on column autopilot.settings.cluster_tool_slug is 'The tool that sends cluster_notification.';
comment on column autopilot.settings.enrichment_tool_slug is 'The tool that sends enrichment_notification.';
create trigger set_settings_updated_at before update on autopilot.settings
  for each row execute function app_private.touch_updated_at();

create table autopilot.value_mappings (
  organization_id uuid not null references public.tenants (id),
  connection_type text not null,
  field text not null,
  source_value text not null,
  value text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (organization_id, connection_type, field, source_value),
  constraint value_mappings_connection_type_check check (connection_type in ('servicenow', 'jira', 'csv')),
  constraint value_mappings_source_value_check check (length(source_value) between 1 and 255),
  constraint value_mappings_value_check check (
    case field
      when 'status' then value in ('open', 'pending', 'resolved', 'closed')
      when 'priority' then value in ('critical', 'high', 'normal', 'low')
      else false
    end
  )
);
comment on table autopilot.value_mappings is
  'What a word of a ticket system means: a status or a priority. `source_value` is in lower case.';
create trigger set_value_mappings_updated_at before update on autopilot.value_mappings
  for each row execute function app_private.touch_updated_at();

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

grant insert on autopilot.message_processing_failures to workflow_rw;
