"""Schema rca: what systems mean, what was asked, how the search went, each tenant by itself."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from tests.db.applications import schemas
from tests.db.applications.schemas import ACME, BOREALIS, NO_TENANT, become
from tests.docs import pages

TABLES = schemas.one_line(
    {
        # metadata
        "entities": """tenant_id uuid, id text, name text, description text?, grain jsonb?, attributes jsonb?,
            created_at timestamptz, updated_at timestamptz""",
        "tables": """tenant_id uuid, name text, entity_id text?, primary_key jsonb?, time_column text?, system text,
            path text?, columns jsonb?, labels jsonb?, created_at timestamptz, updated_at timestamptz""",
        "metrics": """tenant_id uuid, id text, name text, description text?, grain jsonb?, precision integer?,
            null_policy text?, unit text?, versions jsonb?, created_at timestamptz, updated_at timestamptz""",
        "rules": """tenant_id uuid, id text, system text, metric_id text?, target_entity_id text?,
            target_grain jsonb?, description text?, formula text?, source_entities jsonb?, aggregation_grain jsonb?,
            filter_conditions jsonb?, source_table text?, note text?, labels jsonb?,
            created_at timestamptz, updated_at timestamptz""",
        "lineage_edges": """tenant_id uuid, id bigint, from_table text, to_table text, keys jsonb?,
            relationship text?, created_at timestamptz""",
        "business_labels": """tenant_id uuid, id bigint, label_type text, label text, aliases jsonb?,
            system_id text?, metric_id text?, created_at timestamptz""",
        "time_rules": """tenant_id uuid, id bigint, table_name text?, rule_type text, as_of_column text?,
            default_value text?, max_lateness_days integer?, action text?, created_at timestamptz""",
        "identity_mappings": """tenant_id uuid, id bigint, entity_id text?, canonical_key text?, system text?,
            key_name text?, mapping_table text?, confidence text?, created_at timestamptz""",
        "exceptions": """tenant_id uuid, id text, description text?, table_name text?, filter_condition text?,
            applies_to jsonb?, override_fields jsonb?, created_at timestamptz""",
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
            aliases jsonb?, created_at timestamptz, updated_at timestamptz""",
        "knowledge_relationships": """tenant_id uuid, id bigint, from_term_id bigint, to_term_id bigint,
            relationship_type text?, strength double precision?, created_at timestamptz""",
        "knowledge_table_mappings": """tenant_id uuid, id bigint, term_id bigint, table_name text,
            relevance_score double precision?, created_at timestamptz""",
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
)
REFERENCES = {
    "tables_entity_id_fkey": "entities",
    "rules_metric_id_fkey": "metrics",
    "rules_target_entity_id_fkey": "entities",
    "lineage_edges_from_table_fkey": "tables",
    "lineage_edges_to_table_fkey": "tables",
    "business_labels_metric_id_fkey": "metrics",
    "time_rules_table_name_fkey": "tables",
    "identity_mappings_entity_id_fkey": "entities",
    "exceptions_table_name_fkey": "tables",
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
    "knowledge_table_mappings_table_name_fkey": "tables",
    "clarification_questions_session_id_fkey": "clarification_sessions",
    "clarification_answers_question_id_fkey": "clarification_questions",
    "compiled_intents_session_id_fkey": "clarification_sessions",
}
"""Beside those to the tenant; what follows the table is what its deletion does."""

ROWS = """
insert into rca.entities (tenant_id, id, name) values (%(tenant)s, 'loan', 'Loan');
insert into rca.tables (tenant_id, name, entity_id, system) values (%(tenant)s, 'loans', 'loan', 'core');
insert into rca.metrics (tenant_id, id, name) values (%(tenant)s, 'tos', 'Total outstanding');
insert into rca.rules (tenant_id, id, system, metric_id, target_entity_id)
values (%(tenant)s, 'core_tos', 'core', 'tos', 'loan');
insert into rca.lineage_edges (tenant_id, from_table, to_table) values (%(tenant)s, 'loans', 'loans');
insert into rca.business_labels (tenant_id, label_type, label, metric_id)
values (%(tenant)s, 'metric', 'outstanding', 'tos');
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
BOTH, OWN, NONE = ({table: set(whose) for table in TABLES} for whose in ((ACME, BOREALIS), (ACME,), ()))
"""Whose rows are seen, in each table."""


@pytest.fixture(scope="module")
def filled_url(module_database_url: str) -> str:
    """A database with two tenants that use the same ids, names and terms."""
    schemas.fill(module_database_url, ROWS)
    return module_database_url


@pytest.fixture
def connection(filled_url: str) -> Iterator[psycopg.Connection]:
    with schemas.rolled_back(filled_url) as opened:
        opened.execute("set local search_path = rca, public")
        yield opened


def test_every_table_of_every_phase_has_its_columns(connection: psycopg.Connection) -> None:
    assert schemas.columns(connection, "rca") == TABLES


def test_the_reference_page_names_every_table() -> None:
    told = pages.table(pages.DOCS / "reference" / "schema.md", "Schema `rca`")
    assert {row[0] for row in told} == set(TABLES)


def test_the_index_for_full_text_search_covers_term_and_definition(connection: psycopg.Connection) -> None:
    assert schemas.indexes(connection, "rca")["idx_knowledge_terms_fts"] == (
        "gin (to_tsvector('english'::regconfig, ((term || ' '::text) || COALESCE(definition, ''::text))))"
    )


@pytest.mark.parametrize(("wanted", "found"), [("borrower", 2), ("tos", 2), ("invoice", 0)])
def test_full_text_search_finds_a_word_of_the_definition_by_its_index(
    connection: psycopg.Connection, wanted: str, found: int
) -> None:
    query = """select from knowledge_terms
        where to_tsvector('english', term || ' ' || coalesce(definition, '')) @@ to_tsquery('english', %s)"""
    connection.execute("set local enable_seqscan = off")
    plan = connection.execute("explain " + query, [wanted]).fetchall()
    assert "idx_knowledge_terms_fts" in str(plan)
    assert connection.execute(query, [wanted]).rowcount == found


def test_every_reference_leads_where_the_plan_says(connection: psycopg.Connection) -> None:
    assert schemas.references(connection, "rca") == REFERENCES


def test_nothing_crosses_tenants_and_every_reference_has_its_index(connection: psycopg.Connection) -> None:
    assert schemas.keys_across_tenants(connection, "rca") == []
    assert schemas.references_without_index(connection, "rca") == []
    assert schemas.doubled_indexes(connection, "rca") == []
    assert schemas.enums(connection, "rca") == []


def test_no_row_points_into_another_tenant(connection: psycopg.Connection) -> None:
    assert schemas.references_across_tenants(connection, "rca") == []


def test_every_update_moves_updated_at(connection: psycopg.Connection) -> None:
    assert schemas.untouched(connection, "rca") == set()


def test_a_tenant_reads_its_own_rows_and_nobody_elses(connection: psycopg.Connection) -> None:
    assert schemas.seen(connection, "rca", list(TABLES)) == BOTH
    become(connection, "authenticated", claim=str(ACME))
    assert schemas.seen(connection, "rca", list(TABLES)) == OWN


@pytest.mark.parametrize("claim", NO_TENANT)
def test_a_claim_that_names_no_tenant_reads_nothing(connection: psycopg.Connection, claim: str | None) -> None:
    become(connection, "authenticated", claim=claim)
    assert schemas.seen(connection, "rca", list(TABLES)) == NONE


@pytest.mark.parametrize("role", schemas.CALLERS)
def test_each_role_has_the_verbs_it_was_given(connection: psycopg.Connection, role: str) -> None:
    everything = {"select", "insert", "update", "delete"}
    allowed = {
        "authenticated": {"select"},
        "app_ro": {"select"},
        "app_rw": everything,
        "service_role": everything,
    }
    expected = dict.fromkeys(TABLES, allowed[role]) if role in allowed else {}
    assert schemas.rights(connection, "rca", role) == expected


@pytest.mark.parametrize("role", ["app_rw", "service_role"])
def test_whoever_may_write_needs_no_right_to_the_counters(connection: psycopg.Connection, role: str) -> None:
    become(connection, role)
    made = connection.execute("insert into time_rules (tenant_id, rule_type) values (%s, 'lateness')", [ACME])
    assert made.rowcount == 1


def test_a_term_stands_once_in_a_tenants_dictionary(connection: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation, match="uq_knowledge_terms_term"):
        connection.execute("insert into knowledge_terms (tenant_id, term) values (%s, 'TOS')", [ACME])


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("business_labels.label_type", "system metric reconciliation_type"),
        ("time_rules.rule_type", "as_of lateness"),
        ("rca_queries.status", "pending running completed failed"),
        ("rca_findings.finding_type", "root_cause anomaly mismatch"),
        ("rca_findings.severity", "high medium low"),
        ("traversal_sessions.status", "active completed paused"),
        ("traversal_nodes.node_type", "table rule join filter metric"),
        ("knowledge_terms.category", "business technical domain"),
        ("knowledge_relationships.relationship_type", "synonym related part_of"),
        ("clarification_sessions.status", "needs_clarification clarified compiled"),
    ],
)
def test_a_column_of_words_takes_its_words_and_no_other(
    connection: psycopg.Connection, column: str, words: str
) -> None:
    table, _, name = column.partition(".")
    update = sql.SQL("update {} set {} = %s").format(sql.Identifier(table), sql.Identifier(name))
    assert {connection.execute(update, [word]).rowcount for word in words.split()} == {2}
    with pytest.raises(psycopg.errors.CheckViolation, match=f"{table}_{name}_check"):
        connection.execute(update, ["something else"])


@pytest.mark.parametrize(
    "column",
    ["knowledge_relationships.strength", "knowledge_table_mappings.relevance_score", "traversal_findings.confidence",
     "clarification_sessions.confidence", "clarification_questions.confidence"],
)  # fmt: skip
def test_a_share_is_from_nought_to_one(connection: psycopg.Connection, column: str) -> None:
    table, _, name = column.partition(".")
    update = sql.SQL("update {} set {} = %s").format(sql.Identifier(table), sql.Identifier(name))
    assert {connection.execute(update, [share]).rowcount for share in (0.0, 1.0)} == {2}
    for share in (-0.01, 1.01, float("nan")):
        with pytest.raises(psycopg.errors.CheckViolation), connection.transaction():
            connection.execute(update, [share])


@pytest.mark.parametrize(
    "column",
    ["entities.grain", "entities.attributes", "tables.primary_key", "tables.columns", "tables.labels", "metrics.grain",
     "rules.labels", "exceptions.applies_to", "rca_results.classifications"],
)  # fmt: skip
def test_a_list_is_a_list(connection: psycopg.Connection, column: str) -> None:
    table, _, name = column.partition(".")
    update = sql.SQL("update {} set {} = %s").format(sql.Identifier(table), sql.Identifier(name))
    assert connection.execute(update, ['["a"]']).rowcount == 2
    with pytest.raises(psycopg.errors.CheckViolation, match=f"{table}_{name}_check"):
        connection.execute(update, ['{"a": 1}'])


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("update lineage_edges set keys = '[]'", "lineage_edges_keys_check"),
        ("update traversal_nodes set visit_count = -1", "traversal_nodes_visit_count_check"),
        ("update traversal_sessions set current_depth = -1", "traversal_sessions_depth_check"),
        ("update entities set id = repeat('x', 256)", "entities_id_check"),
        ("update tables set name = ''", "tables_name_check"),
        ("update metrics set id = ''", "metrics_id_check"),
        ("update rules set id = ''", "rules_id_check"),
        ("update exceptions set id = ''", "exceptions_id_check"),
        ("update knowledge_terms set term = ''", "knowledge_terms_term_check"),
    ],
)
def test_a_value_that_cannot_be_is_refused(connection: psycopg.Connection, statement: str, constraint: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match=constraint):
        connection.execute(statement.encode())


def test_a_search_starts_at_the_top_and_goes_ten_deep(connection: psycopg.Connection) -> None:
    made = connection.execute(
        """insert into traversal_sessions (tenant_id, status) values (%s, 'active')
           returning root_cause_found, current_depth, max_depth""",
        [ACME],
    ).fetchall()
    assert made == [(False, 0, 10)]
