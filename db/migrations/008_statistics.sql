-- PostgREST tells a client how many rows the planner expects (`Prefer: count=planned`), and the planner reckons with
-- what is common in a column over all tenants: one tenant could ask whether another's values exist. So the planner keeps
-- no statistics of columns that tenants may read, but for the tenant's own; every query of ours comes by an index anyway.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

do $$
declare
  kept record;
begin
  for kept in
    select a.attrelid::regclass as name, a.attname
    from pg_catalog.pg_attribute as a
    where a.attrelid = any (array[
        'public.approvals', 'public.audit_log', 'public.connected_accounts', 'public.guardrails', 'public.objectives',
        'public.outbox', 'public.outbox_dlq', 'public.tenants', 'public.tool_catalog', 'public.verdict_sets',
        'autopilot.analytics_cluster_daily', 'autopilot.clusters', 'autopilot.data_source_connections',
        'autopilot.ingestion_runs', 'autopilot.knowledge_articles', 'autopilot.ml_models', 'autopilot.tickets',
        'drafts.attachments', 'drafts.channels', 'drafts.conversations', 'drafts.draft_actions', 'drafts.drafts',
        'drafts.job_runs', 'drafts.learning_samples', 'drafts.messages', 'drafts.notifications',
        'drafts.source_documents', 'drafts.users', 'rca.business_labels', 'rca.clarification_answers',
        'rca.clarification_questions', 'rca.clarification_sessions', 'rca.compiled_intents', 'rca.entities',
        'rca.exceptions', 'rca.identity_mappings', 'rca.knowledge_relationships', 'rca.knowledge_table_mappings',
        'rca.knowledge_terms', 'rca.lineage_edges', 'rca.metrics', 'rca.rca_findings', 'rca.rca_queries',
        'rca.rca_results', 'rca.rules', 'rca.tables', 'rca.time_rules', 'rca.traversal_findings',
        'rca.traversal_nodes', 'rca.traversal_path', 'rca.traversal_sessions'
      ]::regclass[])
      and a.attnum > 0
      and not a.attisdropped
      and a.attname not in ('tenant_id', 'organization_id')
  loop
    execute format('alter table %s alter column %I set statistics 0', kept.name, kept.attname);
  end loop;
end
$$;
