-- squawk-ignore-file adding-field-with-default, constraint-missing-not-valid
--
-- Autopilot: gaps in knowledge, and the articles that close them. docs/decisions/068-gaps-are-closed.md says why.

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
