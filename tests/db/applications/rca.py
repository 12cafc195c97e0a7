"""The expected schema `rca`: the metadata of systems, the queries, and the traversals."""

from tests.db.applications.application import Application

TABLES = {
    # metadata
    "metadata_sets": """tenant_id uuid, name text, version integer, created_at timestamptz, updated_at timestamptz""",
    "metadata_versions": """tenant_id uuid, set_name text, version integer, files_sha256 text, fingerprints jsonb,
            counts jsonb, report jsonb, imported_by text, created_at timestamptz""",
    "metadata_files": "tenant_id uuid, set_name text, version integer, path text, content text",
    "entities": """tenant_id uuid, id text, name text, description text?, grain jsonb?, attributes jsonb?,
            created_at timestamptz, updated_at timestamptz,
            set_name text, file text?, source_path text?, source jsonb?, is_derived boolean,
            canonical_columns jsonb?""",
    "tables": """tenant_id uuid, name text, entity_id text?, primary_key jsonb?, time_column text?, system text,
            path text?, columns jsonb?, labels jsonb?, created_at timestamptz, updated_at timestamptz,
            set_name text, file text?, source_path text?, source jsonb?, is_derived boolean""",
    "metrics": """tenant_id uuid, id text, name text, description text?, grain jsonb?, precision integer?,
            null_policy text?, unit text?, versions jsonb?, created_at timestamptz, updated_at timestamptz,
            set_name text, file text?, source_path text?, source jsonb?, is_derived boolean,
            aliases jsonb?""",
    "rules": """tenant_id uuid, id text, system text, metric_id text?, target_entity_id text?,
            target_grain jsonb?, description text?, formula text?, source_entities jsonb?, aggregation_grain jsonb?,
            filter_conditions jsonb?, source_table text?, note text?, labels jsonb?,
            created_at timestamptz, updated_at timestamptz,
            set_name text, file text?, source_path text?, source jsonb?, is_derived boolean,
            attributes_needed jsonb?""",
    "lineage_edges": """tenant_id uuid, id bigint, from_table text, to_table text, keys jsonb?,
            relationship text?, created_at timestamptz,
            set_name text, file text?, source_path text?, source jsonb?, is_derived boolean,
            edge_kind text, join_keys jsonb?, join_type text?""",
    "business_labels": """tenant_id uuid, id bigint, label_type text, label text, aliases jsonb?,
            system_id text?, metric_id text?, created_at timestamptz,
            set_name text, file text?, source_path text?, source jsonb?, is_derived boolean,
            entity_id text?""",
    "time_rules": """tenant_id uuid, id bigint, table_name text?, rule_type text, as_of_column text?,
            default_value text?, max_lateness_days integer?, action text?, created_at timestamptz,
            set_name text, file text?, source_path text?, source jsonb?, is_derived boolean,
            details jsonb?""",
    "identity_mappings": """tenant_id uuid, id bigint, entity_id text?, canonical_key text?, system text?,
            key_name text?, mapping_table text?, confidence text?, created_at timestamptz,
            set_name text, file text?, source_path text?, source jsonb?, is_derived boolean,
            mapping_kind text?, mapping_type text?, from_system text?, from_key text?,
            to_system text?, to_key text?, details jsonb?""",
    "exceptions": """tenant_id uuid, id text, description text?, table_name text?, filter_condition text?,
            applies_to jsonb?, override_fields jsonb?, created_at timestamptz,
            set_name text, file text?, source_path text?, source jsonb?, is_derived boolean,
            exception_kind text, tolerance text?, details jsonb?""",
    # queries
    "rca_queries": """tenant_id uuid, id uuid, query_text text, user_id text?, status text,
            created_at timestamptz, completed_at timestamptz?, error_message text?""",
    "rca_results": """tenant_id uuid, id uuid, query_id uuid, system_a text, system_b text, metric text,
            as_of_date date?, root_cause_found boolean?, classifications jsonb?, comparison_stats jsonb?,
            mismatch_details jsonb?, created_at timestamptz""",
    "rca_findings": """tenant_id uuid, id uuid, result_id uuid, finding_type text, description text?,
            severity text?, evidence jsonb?, created_at timestamptz""",
    # traversal
    "traversal_sessions": """tenant_id uuid, id uuid, query_id uuid?, current_hypothesis text?,
            root_cause_found boolean, current_depth integer, max_depth integer, status text,
            created_at timestamptz, updated_at timestamptz""",
    "traversal_nodes": """tenant_id uuid, id uuid, session_id uuid, node_id text, node_type text,
            visited boolean, visit_count integer, score double precision?, probe_result jsonb?, metadata jsonb?,
            visited_at timestamptz?, created_at timestamptz""",
    "traversal_findings": """tenant_id uuid, id uuid, session_id uuid, finding_text text,
            confidence double precision?, evidence jsonb?, created_at timestamptz""",
    "traversal_path": """tenant_id uuid, id uuid, session_id uuid, from_node_id uuid?, to_node_id uuid?,
            reason text?, created_at timestamptz""",
    # knowledge
    "knowledge_terms": """tenant_id uuid, id bigint, term text, definition text?, category text?,
            aliases jsonb?, created_at timestamptz, updated_at timestamptz,
            set_name text, file text?, source_path text?, source jsonb?, is_derived boolean,
            business_meaning text?, filters jsonb?, valid_values jsonb?, use_cases jsonb?, words tsvector?""",
    "knowledge_relationships": """tenant_id uuid, id bigint, from_term_id bigint, to_term_id bigint,
            relationship_type text?, strength double precision?, created_at timestamptz,
            set_name text, file text?, source_path text?, source jsonb?, is_derived boolean""",
    "knowledge_table_mappings": """tenant_id uuid, id bigint, term_id bigint, table_name text,
            relevance_score double precision?, created_at timestamptz,
            set_name text, file text?, source_path text?, source jsonb?, is_derived boolean""",
    "knowledge_notes": """tenant_id uuid, set_name text, kind text, name text, relationship text?, join_keys jsonb?,
            details jsonb?, created_at timestamptz, file text?, source_path text?, source jsonb?,
            is_derived boolean""",
    # clarification
    "clarification_sessions": """tenant_id uuid, id uuid, original_query text, status text,
            confidence double precision?, created_at timestamptz, resolved_at timestamptz?""",
    "clarification_questions": """tenant_id uuid, id uuid, session_id uuid, question_text text,
            missing_pieces jsonb?, confidence double precision?, partial_understanding jsonb?, response_hints jsonb?,
            question_order integer?, created_at timestamptz""",
    "clarification_answers": """tenant_id uuid, id uuid, question_id uuid, answer_text text,
            created_at timestamptz""",
    "compiled_intents": "tenant_id uuid, id uuid, session_id uuid, intent jsonb, created_at timestamptz",
}
INDEXES = {
    "idx_knowledge_terms_fts": (
        "gin (to_tsvector('english'::regconfig, ((term || ' '::text) || COALESCE(definition, ''::text))))"
    ),
    "idx_knowledge_terms_words": "gin (words)",
    "tables_pkey": "btree (tenant_id, set_name, name, system)",
}
REFERENCES = {
    "metadata_versions_set_name_fkey": "metadata_sets",
    "metadata_files_version_fkey": "metadata_versions",
    "tables_entity_id_fkey": "entities",
    "rules_metric_id_fkey": "metrics",
    "rules_target_entity_id_fkey": "entities",
    "business_labels_metric_id_fkey": "metrics",
    "business_labels_entity_id_fkey": "entities",
    "identity_mappings_entity_id_fkey": "entities",
    "rca_results_query_id_fkey": "rca_queries",
    "rca_findings_result_id_fkey": "rca_results",
    "traversal_sessions_query_id_fkey": "rca_queries",
    "traversal_nodes_session_id_fkey": "traversal_sessions",
    "traversal_findings_session_id_fkey": "traversal_sessions",
    "traversal_path_session_id_fkey": "traversal_sessions",
    "traversal_path_from_node_id_fkey": "traversal_nodes",
    "traversal_path_to_node_id_fkey": "traversal_nodes",
    "knowledge_relationships_from_term_id_fkey": "knowledge_terms",
    "knowledge_relationships_to_term_id_fkey": "knowledge_terms",
    "knowledge_table_mappings_term_id_fkey": "knowledge_terms",
    "clarification_questions_session_id_fkey": "clarification_sessions",
    "clarification_answers_question_id_fkey": "clarification_questions",
    "compiled_intents_session_id_fkey": "clarification_sessions",
}
ROWS = """
insert into rca.metadata_sets (tenant_id, name, version) values (%(tenant)s, 'default', 1);
insert into rca.metadata_versions (
  tenant_id, set_name, version, files_sha256, fingerprints, counts, report, imported_by
) values (%(tenant)s, 'default', 1, repeat('0', 64), '{}', '{}', '{}', 'maria');
insert into rca.metadata_files (tenant_id, set_name, version, path, content)
values (%(tenant)s, 'default', 1, 'tables.json', '[]');
insert into rca.knowledge_notes (tenant_id, kind, name) values (%(tenant)s, 'table', 'loans');
insert into rca.entities (tenant_id, id, name) values (%(tenant)s, 'loan', 'Loan');
insert into rca.tables (tenant_id, name, entity_id, system) values (%(tenant)s, 'loans', 'loan', 'core');
insert into rca.metrics (tenant_id, id, name) values (%(tenant)s, 'tos', 'Total outstanding');
insert into rca.rules (tenant_id, id, system, metric_id, target_entity_id)
values (%(tenant)s, 'core_tos', 'core', 'tos', 'loan');
insert into rca.lineage_edges (tenant_id, from_table, to_table) values (%(tenant)s, 'loans', 'loans');
insert into rca.business_labels (tenant_id, label_type, label, metric_id, entity_id)
values (%(tenant)s, 'metric', 'outstanding', 'tos', 'loan');
insert into rca.time_rules (tenant_id, table_name, rule_type) values (%(tenant)s, 'loans', 'as_of');
insert into rca.identity_mappings (tenant_id, entity_id) values (%(tenant)s, 'loan');
insert into rca.exceptions (tenant_id, id, table_name) values (%(tenant)s, 'tolerance', 'loans');

insert into rca.rca_queries (tenant_id, id, query_text, status)
values (%(tenant)s, '00000000-0000-4000-8000-000000000001', 'Why do core and ledger differ?', 'completed');
insert into rca.rca_results (tenant_id, id, query_id, system_a, system_b, metric)
values (%(tenant)s, '00000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-000000000001',
  'core', 'ledger', 'tos');
insert into rca.rca_findings (tenant_id, result_id, finding_type)
values (%(tenant)s, '00000000-0000-4000-8000-000000000002', 'root_cause');

insert into rca.traversal_sessions (tenant_id, id, query_id, status)
values (%(tenant)s, '00000000-0000-4000-8000-000000000003', '00000000-0000-4000-8000-000000000001', 'active');
insert into rca.traversal_nodes (tenant_id, id, session_id, node_id, node_type)
values (%(tenant)s, '00000000-0000-4000-8000-000000000004', '00000000-0000-4000-8000-000000000003', 'loans', 'table');
insert into rca.traversal_findings (tenant_id, session_id, finding_text)
values (%(tenant)s, '00000000-0000-4000-8000-000000000003', 'A filter differs.');
insert into rca.traversal_path (tenant_id, session_id, from_node_id, to_node_id)
values (%(tenant)s, '00000000-0000-4000-8000-000000000003', '00000000-0000-4000-8000-000000000004',
  '00000000-0000-4000-8000-000000000004');

with term as (
  insert into rca.knowledge_terms (tenant_id, term, definition)
  values (%(tenant)s, 'TOS', 'What borrowers still owe') returning id
), related as (
  insert into rca.knowledge_relationships (tenant_id, from_term_id, to_term_id) select %(tenant)s, id, id from term
)
insert into rca.knowledge_table_mappings (tenant_id, term_id, table_name) select %(tenant)s, id, 'loans' from term;

insert into rca.clarification_sessions (tenant_id, id, original_query, status)
values (%(tenant)s, '00000000-0000-4000-8000-000000000005', 'Why?', 'needs_clarification');
insert into rca.clarification_questions (tenant_id, id, session_id, question_text)
values (%(tenant)s, '00000000-0000-4000-8000-000000000006', '00000000-0000-4000-8000-000000000005', 'Which metric?');
insert into rca.clarification_answers (tenant_id, question_id, answer_text)
values (%(tenant)s, '00000000-0000-4000-8000-000000000006', 'Outstanding.');
insert into rca.compiled_intents (tenant_id, session_id, intent)
values (%(tenant)s, '00000000-0000-4000-8000-000000000005', '{}');
"""
REFUSED_UPDATES = (
    ("update lineage_edges set keys = '[]'", "lineage_edges_keys_check"),
    ("update traversal_nodes set visit_count = -1", "traversal_nodes_visit_count_check"),
    ("update traversal_sessions set current_depth = -1", "traversal_sessions_depth_check"),
    ("update entities set id = repeat('x', 256)", "entities_id_check"),
    ("update tables set name = ''", "tables_name_check"),
    ("update metrics set id = ''", "metrics_id_check"),
    ("update rules set id = ''", "rules_id_check"),
    ("update exceptions set id = ''", "exceptions_id_check"),
    ("update knowledge_terms set term = ''", "knowledge_terms_term_check"),
    ("update tables set system = ''", "tables_system_check"),
    ("update metadata_sets set name = '../x'", "metadata_sets_name_check"),
    ("update metadata_files set path = '../x.json'", "metadata_files_path_check"),
    ("update rules set set_name = ''", "rules_set_name_check"),
    ("update lineage_edges set join_keys = '{}'", "lineage_edges_join_keys_check"),
)

RCA = Application(
    schema="rca",
    tables=TABLES,
    indexes=INDEXES,
    references=REFERENCES,
    rows=ROWS,
    refused_updates=REFUSED_UPDATES,
)
