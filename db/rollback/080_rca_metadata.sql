-- Takes sets of metadata away, with every row that was imported. Rows that were written otherwise stay.
do $$
declare
  one regprocedure;
  kind text;
begin
  for one in select p.oid from pg_catalog.pg_proc as p where p.pronamespace = 'rca'::regnamespace loop
    execute format('drop function %s', one);
  end loop;
  foreach kind in array array[
    'knowledge_table_mappings', 'knowledge_relationships', 'knowledge_terms', 'exceptions', 'identity_mappings',
    'time_rules', 'business_labels', 'lineage_edges', 'rules', 'tables', 'metrics', 'entities'
  ] loop   -- what refers to another table comes first
    execute format('delete from rca.%I where file is not null or is_derived or set_name <> ''default''', kind);
  end loop;
end
$$;
drop table rca.knowledge_notes, rca.metadata_files, rca.metadata_versions, rca.metadata_sets;

alter table rca.tables drop constraint tables_entity_id_fkey;
alter table rca.rules drop constraint rules_metric_id_fkey, drop constraint rules_target_entity_id_fkey;
alter table rca.business_labels
  drop constraint business_labels_metric_id_fkey, drop constraint business_labels_entity_id_fkey;
alter table rca.identity_mappings drop constraint identity_mappings_entity_id_fkey;
drop index rca.idx_tables_entity, rca.idx_rules_metric, rca.idx_rules_target_entity, rca.idx_business_labels_metric;
drop index rca.idx_business_labels_entity, rca.idx_identity_mappings_entity, rca.idx_lineage_edges_from;
drop index rca.idx_lineage_edges_to, rca.idx_time_rules_table, rca.idx_exceptions_table;
drop index rca.idx_knowledge_table_mappings_table;

alter table rca.entities drop constraint entities_pkey, add primary key (tenant_id, id), drop column canonical_columns;
alter table rca.metrics drop constraint metrics_pkey, add primary key (tenant_id, id), drop column aliases;
alter table rca.tables
  drop constraint tables_pkey,
  add primary key (tenant_id, name),
  drop constraint tables_system_check,
  add constraint tables_entity_id_fkey foreign key (tenant_id, entity_id) references rca.entities (tenant_id, id);
alter table rca.rules
  drop constraint rules_pkey,
  add primary key (tenant_id, id),
  drop column attributes_needed,
  add constraint rules_metric_id_fkey foreign key (tenant_id, metric_id) references rca.metrics (tenant_id, id),
  add constraint rules_target_entity_id_fkey foreign key (tenant_id, target_entity_id)
    references rca.entities (tenant_id, id);
alter table rca.lineage_edges
  drop column edge_kind, drop column join_keys, drop column join_type,
  add constraint lineage_edges_from_table_fkey foreign key (tenant_id, from_table)
    references rca.tables (tenant_id, name),
  add constraint lineage_edges_to_table_fkey foreign key (tenant_id, to_table) references rca.tables (tenant_id, name);
alter table rca.business_labels
  drop column entity_id,
  drop constraint business_labels_label_type_check,
  add constraint business_labels_label_type_check check (label_type in ('system', 'metric', 'reconciliation_type')),
  add constraint business_labels_metric_id_fkey foreign key (tenant_id, metric_id)
    references rca.metrics (tenant_id, id);
alter table rca.time_rules
  drop column details,
  drop constraint time_rules_rule_type_check,
  add constraint time_rules_rule_type_check check (rule_type in ('as_of', 'lateness')),
  add constraint time_rules_table_name_fkey foreign key (tenant_id, table_name)
    references rca.tables (tenant_id, name);
alter table rca.identity_mappings
  drop column mapping_kind, drop column mapping_type, drop column from_system, drop column from_key,
  drop column to_system, drop column to_key, drop column details,
  add constraint identity_mappings_entity_id_fkey foreign key (tenant_id, entity_id)
    references rca.entities (tenant_id, id);
alter table rca.exceptions
  drop constraint exceptions_pkey,
  add primary key (tenant_id, id),
  drop column exception_kind, drop column tolerance, drop column details,
  add constraint exceptions_table_name_fkey foreign key (tenant_id, table_name)
    references rca.tables (tenant_id, name);
alter table rca.knowledge_terms
  drop column words, drop column business_meaning, drop column filters, drop column valid_values,
  drop column use_cases,
  drop constraint uq_knowledge_terms_term,
  add constraint uq_knowledge_terms_term unique (tenant_id, term);
alter table rca.knowledge_table_mappings
  add constraint knowledge_table_mappings_table_name_fkey foreign key (tenant_id, table_name)
    references rca.tables (tenant_id, name);

create index idx_tables_entity on rca.tables (tenant_id, entity_id);
create index idx_rules_metric on rca.rules (tenant_id, metric_id);
create index idx_rules_target_entity on rca.rules (tenant_id, target_entity_id);
create index idx_business_labels_metric on rca.business_labels (tenant_id, metric_id);
create index idx_identity_mappings_entity on rca.identity_mappings (tenant_id, entity_id);
create index idx_lineage_edges_from on rca.lineage_edges (tenant_id, from_table);
create index idx_lineage_edges_to on rca.lineage_edges (tenant_id, to_table);
create index idx_time_rules_table on rca.time_rules (tenant_id, table_name);
create index idx_exceptions_table on rca.exceptions (tenant_id, table_name);
create index idx_knowledge_table_mappings_table on rca.knowledge_table_mappings (tenant_id, table_name);

do $$
declare
  kind text;
begin
  foreach kind in array array[
    'business_labels', 'entities', 'exceptions', 'identity_mappings', 'knowledge_relationships',
    'knowledge_table_mappings', 'knowledge_terms', 'lineage_edges', 'metrics', 'rules', 'tables', 'time_rules'
  ] loop
    execute format(
      'alter table rca.%I drop column set_name, drop column file, drop column source_path, drop column source,
         drop column is_derived', kind
    );
  end loop;
end
$$;
