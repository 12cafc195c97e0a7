do $$
declare
  made record;
begin
  for made in
    select c.oid::regclass as name, max(a.attname) filter (where a.attname in ('tenant_id', 'organization_id')) as tenant,
      string_agg(format('%I', a.attname), ', ') as columns,
      (
        select p.polname from pg_catalog.pg_policy as p
        where p.polrelid = c.oid and p.polcmd = 'r' and p.polroles = array['authenticated'::regrole::oid]
      ) as policy
    from pg_catalog.pg_class as c
    join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.oid = any (array[
      'public.tenants', 'public.objectives', 'public.guardrails', 'public.connected_accounts', 'public.tool_catalog',
      'public.outbox', 'public.outbox_dlq', 'public.approvals', 'public.audit_log', 'public.verdict_sets',
      'public.evidence', 'public.signals',
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
    ]::regclass[])
    group by c.oid
  loop
    execute format('revoke select (%s) on %s from authenticated', made.columns, made.name);
    execute format('grant select on %s to authenticated', made.name);
    continue when made.tenant is null;
    execute format(
      'alter policy %I on %s using (%I = (select app_private.current_tenant_id_uuid()))',
      made.policy, made.name, made.tenant
    );
    execute format(
      'alter table %1$s alter column %2$I reset (n_distinct), alter column %2$I set statistics -1', made.name, made.tenant
    );
  end loop;
end
$$;

do $$
declare
  t regclass;
begin
  foreach t in array array[
    'public.tool_catalog', 'rca.lineage_edges', 'rca.business_labels', 'rca.time_rules', 'rca.identity_mappings',
    'rca.knowledge_terms', 'rca.knowledge_relationships', 'rca.knowledge_table_mappings'
  ]::regclass[] loop
    execute format('drop trigger number_row on %s', t);
    if t <> 'public.tool_catalog'::regclass then
      execute format('alter table %s alter column id add generated always as identity', t);
      execute format(
        'select setval(pg_get_serial_sequence(%L, ''id''), (select coalesce(max(id), 0) + 1 from %s), false)', t, t
      );
    end if;
  end loop;
end
$$;
-- Numbered over all tenants again: the key of 001 is the number alone.
alter table public.tool_catalog disable trigger user;
update public.tool_catalog as c set id = -n.place
from (select t.tenant_id, t.id, row_number() over (order by t.tenant_id, t.id) as place from public.tool_catalog as t) as n
where c.tenant_id = n.tenant_id and c.id = n.id;
update public.tool_catalog set id = -id;
alter table public.tool_catalog enable trigger user;
create sequence public.tool_catalog_id_seq;
alter sequence public.tool_catalog_id_seq owner to app_owner;
alter sequence public.tool_catalog_id_seq owned by public.tool_catalog.id;
revoke all on sequence public.tool_catalog_id_seq from anon, authenticated, service_role;
grant usage on sequence public.tool_catalog_id_seq to service_role;
select setval('public.tool_catalog_id_seq', (select coalesce(max(id), 0) + 1 from public.tool_catalog), false);
alter table public.tool_catalog alter column id set default nextval('public.tool_catalog_id_seq');
alter table public.audit_log drop column id;
alter table public.audit_log add column id bigint generated always as identity;
alter table public.audit_log alter column id set statistics 0;

do $$
declare
  bound record;
begin
  for bound in
    select k.conrelid::regclass as name, k.conname
    from pg_catalog.pg_constraint as k
    where k.contype = 'c' and pg_catalog.pg_get_constraintdef(k.oid) like '%app_private.fits(%'
  loop
    execute format('alter table %s drop constraint %I', bound.name, bound.conname);
  end loop;
end
$$;
drop trigger if exists tenants_checked on public.tenants;
drop trigger if exists objectives_checked on public.objectives;
drop trigger if exists tool_catalog_checked on public.tool_catalog;
drop function if exists app_private.check_tenant, app_private.check_objective, app_private.check_tool,
  app_private.check_quiet_hours, app_private.check_rate_limits, app_private.check_scopes, app_private.minutes_of,
  app_private.readable;
drop function app_private.number_row();
drop function app_private.fits(text, jsonb, integer), app_private.fits(text, text, integer),
  app_private.fits(text, text[], integer), app_private.fits(text, numeric), app_private.fits(text, double precision),
  app_private.fits(text, timestamptz), app_private.fits(text, date);
