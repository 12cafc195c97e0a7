-- squawk-ignore-file adding-field-with-default, constraint-missing-not-valid, require-concurrent-index-creation
-- squawk-ignore-file ban-drop-constraint
--
-- Autopilot: what the worker that syncs needs: attempts without progress, tickets that vanished in their ticket system,
-- and failures that are processed again or dismissed. docs/decisions/066-how-a-sync-goes-on.md says why.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

alter table autopilot.ingestion_runs
  drop constraint ingestion_runs_cursor_check,
  add column attempts integer not null default 0,
  add constraint ingestion_runs_cursor_check
    check (jsonb_typeof(cursor) = 'object' and octet_length(cursor::text) <= 524288),
  add constraint ingestion_runs_attempts_check check (attempts >= 0);
comment on column autopilot.ingestion_runs.attempts is 'Leases since the last batch that was stored.';
create index idx_ingestion_runs_of_connection
  on autopilot.ingestion_runs (organization_id, data_source_connection_id, created_at, id);

alter table autopilot.data_source_connections
  drop constraint data_source_connections_cursor_check,
  add column ids_listed_at timestamptz,
  add constraint data_source_connections_cursor_check
    check (jsonb_typeof(cursor) = 'object' and octet_length(cursor::text) <= 524288);
comment on column autopilot.data_source_connections.ids_listed_at is
  'When all ticket numbers of the ticket system were last compared with the stored ones.';

alter table autopilot.tickets add column vanished_at timestamptz;
comment on column autopilot.tickets.vanished_at is
  'Since when the ticket system no longer has the ticket, or hides it from the login. Null: it has it.';

alter table autopilot.message_processing_failures
  add column redrive_requested_at timestamptz,
  add column redrive_requested_by text,
  add column dismissed_at timestamptz,
  add column dismissed_by text;
comment on column autopilot.message_processing_failures.redrive_requested_at is
  'Since when it waits to be processed again. Null: nobody asked, or it failed again.';
comment on column autopilot.message_processing_failures.dismissed_at is 'When a person said that nothing is to be done.';
create index idx_message_processing_failures_open
  on autopilot.message_processing_failures (organization_id, created_at, id)
  where redriven_at is null and dismissed_at is null;
create index idx_message_processing_failures_same
  on autopilot.message_processing_failures (organization_id, source, left(external_id, 255))
  where redriven_at is null;
create index idx_message_processing_failures_requested
  on autopilot.message_processing_failures (source, redrive_requested_at)
  where redriven_at is null and redrive_requested_at is not null;

-- ---------------------------------------------------------------------------------------------------------------
-- New columns follow the rules of the others: who reads them, bounded, and without statistics over all tenants
-- ---------------------------------------------------------------------------------------------------------------

do $$
declare
  new_column record;
begin
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
