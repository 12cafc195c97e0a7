-- squawk-ignore-file adding-required-field, adding-field-with-default, ban-drop-column, constraint-missing-not-valid
-- squawk-ignore-file renaming-column, transaction-nesting
--
-- What one tenant writes never touches another. Documents, texts, lists and numbers are checked before they land; no
-- value that a tenant reads counts what others do; and what the planner expects of a tenant's query says nothing of
-- others' rows. docs/decisions/019 has the figures. audit_log is written anew: run it while the workers are stopped.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

-- ---------------------------------------------------------------------------------------------------------------
-- What fits into a column: each says true, or refuses with the field and the rule
-- ---------------------------------------------------------------------------------------------------------------

-- A JSON document that every reader can read: JSON parsers break at some depth, and at numbers that no double holds.
create or replace function app_private.fits(field text, document jsonb, at_most integer default 1048576)
returns boolean language plpgsql immutable strict set search_path = pg_catalog, pg_temp as $$
declare
  written constant text := document::text;
begin
  if octet_length(written) > at_most then
    raise exception '%: is % bytes as JSON; at most % fit', field, octet_length(written), at_most
      using errcode = 'PT400';
  elsif octet_length(written) > 200 and jsonb_path_exists(document, '$.**{101}') then
    raise exception '%: is nested more than 100 deep', field using errcode = 'PT400';
  elsif octet_length(written) > 308 and written ~ '[0-9]{200}[0-9]{109}' and jsonb_path_exists(   -- digits may stand in a string
    document, '$.** ? (@.type() == "number" && (@ > 1.7976931348623157e308 || @ < -1.7976931348623157e308))'
  ) then
    raise exception '%: has a number beyond 1.8e308, which readers take for infinity; send it as a string', field
      using errcode = 'PT400';
  end if;
  return true;
end
$$;

create or replace function app_private.fits(field text, words text, at_most integer default 1048576)
returns boolean language plpgsql immutable strict set search_path = pg_catalog, pg_temp as $$
begin
  if octet_length(words) > at_most then
    raise exception '%: is % bytes; at most % fit', field, octet_length(words), at_most using errcode = 'PT400';
  end if;
  return true;
end
$$;

-- A plain list of names: no list of lists, nothing missing in it.
create or replace function app_private.fits(field text, names text[], at_most integer default 65536)
returns boolean language plpgsql immutable strict set search_path = pg_catalog, pg_temp as $$
begin
  if array_ndims(names) > 1 then
    raise exception '%: must be a plain list, not a list of lists', field using errcode = 'PT400';
  elsif array_position(names, null) is not null or '' = any (names) then
    raise exception '%: has an empty entry; leave it out', field using errcode = 'PT400';
  elsif octet_length(names::text) > at_most then
    raise exception '%: is % bytes; at most % fit', field, octet_length(names::text), at_most using errcode = 'PT400';
  end if;
  return true;
end
$$;

create or replace function app_private.fits(field text, number numeric)
returns boolean language plpgsql immutable strict set search_path = pg_catalog, pg_temp as $$
begin
  if number in ('NaN', 'Infinity', '-Infinity') then
    raise exception '%: must be a finite number', field using errcode = 'PT400';
  elsif octet_length(number::text) > 100 then
    raise exception '%: has more than 100 digits', field using errcode = 'PT400';
  end if;
  return true;
end
$$;

create or replace function app_private.fits(field text, number double precision)
returns boolean language plpgsql immutable strict set search_path = pg_catalog, pg_temp as $$
begin
  if number in ('NaN', 'Infinity', '-Infinity') then
    raise exception '%: must be a finite number', field using errcode = 'PT400';
  end if;
  return true;
end
$$;

create or replace function app_private.fits(field text, moment timestamptz)
returns boolean language plpgsql immutable strict set search_path = pg_catalog, pg_temp as $$
begin
  if moment not between '0001-01-02 00:00:00+00' and '9999-12-30 00:00:00+00' then
    raise exception '%: must lie between the years 1 and 9999', field using errcode = 'PT400';
  end if;
  return true;
end
$$;

create or replace function app_private.fits(field text, day date)
returns boolean language plpgsql immutable strict set search_path = pg_catalog, pg_temp as $$
begin
  if day not between '0001-01-01' and '9999-12-31' then
    raise exception '%: must lie between the years 1 and 9999', field using errcode = 'PT400';
  end if;
  return true;
end
$$;

-- A check is made in the name of whoever writes.
do $$
declare
  one regprocedure;
begin
  for one in select p.oid from pg_catalog.pg_proc as p
    where p.pronamespace = 'app_private'::regnamespace and p.proname = 'fits'
  loop
    execute format('revoke all on function %s from public', one);
    execute format('grant execute on function %s to service_role, app_rw, workflow_rw', one);
  end loop;
end
$$;

-- ---------------------------------------------------------------------------------------------------------------
-- Numbers that a tenant reads count what is its own
-- ---------------------------------------------------------------------------------------------------------------

-- A row's place in its tenant's chain is its number, whoever writes it.
alter table public.audit_log drop column id;
alter table public.audit_log add column id bigint generated always as (seq) stored;

-- Trigger: a row without a number gets the tenant's next one. One writer of a tenant's at a time.
create or replace function app_private.number_row()
returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if tg_table_schema not in ('public', 'rca') then
    raise exception 'number_row serves tables of schemas public and rca' using errcode = 'PT409';
  end if;
  perform pg_advisory_xact_lock(hashtextextended(format('%s %s', new.tenant_id, tg_relid), 12));
  execute format('select coalesce(max(id), 0) + 1 from %I.%I where tenant_id = $1', tg_table_schema, tg_table_name)
  into new.id using new.tenant_id;
  return new;
end
$$;
revoke all on function app_private.number_row() from public;

do $$
declare
  t regclass;
begin
  foreach t in array array[
    'public.tool_catalog', 'rca.lineage_edges', 'rca.business_labels', 'rca.time_rules', 'rca.identity_mappings',
    'rca.knowledge_terms', 'rca.knowledge_relationships', 'rca.knowledge_table_mappings'
  ]::regclass[] loop
    if t = 'public.tool_catalog'::regclass then
      alter table public.tool_catalog alter column id drop default;
      drop sequence public.tool_catalog_id_seq;
    else
      execute format('alter table %s alter column id drop identity', t);
    end if;
  end loop;
end
$$;

-- Numbered anew, in their old order. Nothing of ours refers to a catalog entry by its number.
alter table public.tool_catalog disable trigger user;
update public.tool_catalog as c set id = -n.place
from (select t.tenant_id, t.id, row_number() over (partition by t.tenant_id order by t.id) as place
      from public.tool_catalog as t) as n
where c.tenant_id = n.tenant_id and c.id = n.id;
update public.tool_catalog set id = -id;
alter table public.tool_catalog enable trigger user;

do $$
declare
  t regclass;
begin
  foreach t in array array[
    'public.tool_catalog', 'rca.lineage_edges', 'rca.business_labels', 'rca.time_rules', 'rca.identity_mappings',
    'rca.knowledge_terms', 'rca.knowledge_relationships', 'rca.knowledge_table_mappings'
  ]::regclass[] loop
    execute format(
      'create trigger number_row before insert on %s for each row when (new.id is null)
         execute function app_private.number_row()', t
    );
  end loop;
end
$$;

-- ---------------------------------------------------------------------------------------------------------------
-- Tenants read columns, not tables: xmin and ctid count everybody's transactions and rows. And what PostgREST's
-- `count=planned` tells is one row, whatever there is: the policy's second half lets no row through that the first does
-- not, yet the planner, which knows nothing of the expression, takes it for nearly never true. `n_distinct` keeps it
-- reading by the index that has the order asked for.
-- ---------------------------------------------------------------------------------------------------------------

do $$
declare
  of_applications constant regclass[] := array[
    'autopilot.analytics_cluster_daily', 'autopilot.clusters', 'autopilot.data_source_connections',
    'autopilot.ingestion_runs', 'autopilot.knowledge_articles', 'autopilot.ml_models', 'autopilot.tickets',
    'drafts.attachments', 'drafts.channels', 'drafts.conversations', 'drafts.draft_actions', 'drafts.drafts',
    'drafts.job_runs', 'drafts.learning_samples', 'drafts.messages', 'drafts.notifications',
    'drafts.source_documents', 'drafts.users', 'rca.business_labels', 'rca.clarification_answers',
    'rca.clarification_questions', 'rca.clarification_sessions', 'rca.compiled_intents', 'rca.entities',
    'rca.exceptions', 'rca.identity_mappings', 'rca.knowledge_relationships', 'rca.knowledge_table_mappings',
    'rca.knowledge_terms', 'rca.lineage_edges', 'rca.metrics', 'rca.rca_findings', 'rca.rca_queries',
    'rca.rca_results', 'rca.rules', 'rca.tables', 'rca.time_rules', 'rca.traversal_findings', 'rca.traversal_nodes',
    'rca.traversal_path', 'rca.traversal_sessions'
  ];
  bounded record;
  readable record;
begin
  -- Every column of the applications that can hold something unreadable. Rows from before stay as they are. The core's
  -- tables have triggers, which let a column be that nobody changes: db/functions/app_private/check_*.sql.
  for bounded in
    select format('%I.%I', n.nspname, c.relname) as name, c.relname, a.attname
    from pg_catalog.pg_attribute as a
    join pg_catalog.pg_class as c on c.oid = a.attrelid
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where c.oid = any (of_applications)
      and a.attnum > 0
      and not a.attisdropped
      and a.attgenerated = ''
      and a.atttypid in (
        'jsonb'::regtype, 'text'::regtype, 'text[]'::regtype, 'numeric'::regtype, 'double precision'::regtype,
        'timestamptz'::regtype, 'date'::regtype
      )
  loop
    execute format(
      'alter table %s add constraint %I check (app_private.fits(%L, %I)) not valid',
      bounded.name, left(bounded.relname || '_' || bounded.attname, 58) || '_fits', bounded.attname, bounded.attname
    );
  end loop;

  for readable in
    select c.oid::regclass as name, string_agg(format('%I', a.attname), ', ' order by a.attnum) as columns,
      max(a.attname) filter (where a.attname in ('tenant_id', 'organization_id')) as tenant,
      (
        select p.polname from pg_catalog.pg_policy as p
        where p.polrelid = c.oid and p.polcmd = 'r' and p.polroles = array['authenticated'::regrole::oid]
      ) as policy
    from pg_catalog.pg_class as c
    join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.oid = any (of_applications || array[
      'public.tenants', 'public.objectives', 'public.guardrails', 'public.connected_accounts', 'public.tool_catalog',
      'public.outbox', 'public.outbox_dlq', 'public.approvals', 'public.audit_log', 'public.verdict_sets',
      'public.evidence', 'public.signals'
    ]::regclass[])
    group by c.oid
  loop
    execute format('revoke select on %s from authenticated', readable.name);
    execute format('grant select (%s) on %s to authenticated', readable.columns, readable.name);
    continue when readable.tenant is null;
    execute format(
      'alter policy %1$I on %2$s using (
         %3$I = (select app_private.current_tenant_id_uuid())
         and greatest(%3$I, %3$I) = all ((select array[app_private.current_tenant_id_uuid()])::uuid[])
       )', readable.policy, readable.name, readable.tenant
    );
    execute format(
      'alter table %1$s alter column %2$I set (n_distinct = -0.5), alter column %2$I set statistics 1',
      readable.name, readable.tenant
    );
  end loop;
end
$$;
alter table public.audit_log alter column id set statistics 0;
