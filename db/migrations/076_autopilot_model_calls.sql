-- squawk-ignore-file require-concurrent-index-creation
--
-- Autopilot: the calls of a language model that names clusters and writes articles.
-- docs/decisions/074-a-model-for-names-and-articles.md says why.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

create table autopilot.model_calls (
  organization_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  purpose text not null,
  model_key text not null,
  input_tokens integer not null,
  output_tokens integer not null,
  cost_usd numeric(12, 6) not null,
  failure text,
  created_at timestamptz not null default now(),
  primary key (organization_id, id),
  constraint model_calls_purpose_check check (purpose in ('article', 'cluster_names')),
  constraint model_calls_tokens_check check (input_tokens >= 0 and output_tokens >= 0),
  constraint model_calls_cost_usd_check check (cost_usd >= 0)
);
comment on table autopilot.model_calls is 'The calls of a language model, with their tokens and costs.';
comment on column autopilot.model_calls.failure is
  'Why the answer was not used; null if it was. The text of the answer is not stored.';
create index idx_model_calls_created on autopilot.model_calls (organization_id, created_at, id);

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
