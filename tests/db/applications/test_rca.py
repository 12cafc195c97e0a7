"""Schema rca: full-text search, default values and the values that columns accept."""

import psycopg
import pytest
from psycopg import sql

from tests.db.applications.application import ACME, Application
from tests.db.applications.rca import RCA
from tests.db.roles import act_as


@pytest.fixture
def application() -> Application:
    return RCA


@pytest.mark.parametrize(("wanted", "found"), [("borrower", 2), ("tos", 2), ("invoice", 0)])
def test_full_text_search_uses_the_index_and_finds_words_of_the_definition(
    connection: psycopg.Connection, wanted: str, found: int
) -> None:
    query = """select from knowledge_terms
        where to_tsvector('english', term || ' ' || coalesce(definition, '')) @@ to_tsquery('english', %s)"""
    connection.execute("set local enable_seqscan = off")
    plan = connection.execute("explain " + query, [wanted]).fetchall()
    assert "idx_knowledge_terms_fts" in str(plan)
    assert connection.execute(query, [wanted]).rowcount == found


@pytest.mark.parametrize("role", ["app_rw", "service_role"])
def test_inserting_a_numbered_row_needs_no_right_to_the_sequence(connection: psycopg.Connection, role: str) -> None:
    act_as(connection, role)
    made = connection.execute("insert into time_rules (tenant_id, rule_type) values (%s, 'lateness')", [ACME])
    assert made.rowcount == 1


def test_a_tenant_cannot_add_a_term_twice(connection: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation, match="uq_knowledge_terms_term"):
        connection.execute("insert into knowledge_terms (tenant_id, term) values (%s, 'TOS')", [ACME])


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("business_labels.label_type", "system metric reconciliation_type entity label"),
        ("time_rules.rule_type", "as_of lateness date_alignment"),
        ("lineage_edges.edge_kind", "edge possible_join"),
        ("identity_mappings.mapping_kind", "canonical_key key_mapping"),
        ("exceptions.exception_kind", "exception policy"),
        ("knowledge_notes.kind", "table relationship"),
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
def test_a_column_accepts_only_its_listed_words(connection: psycopg.Connection, column: str, words: str) -> None:
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
def test_a_share_is_between_zero_and_one(connection: psycopg.Connection, column: str) -> None:
    table, _, name = column.partition(".")
    update = sql.SQL("update {} set {} = %s").format(sql.Identifier(table), sql.Identifier(name))
    assert {connection.execute(update, [share]).rowcount for share in (0.0, 1.0)} == {2}
    for share in (-0.01, 1.01, float("nan")):
        with pytest.raises(psycopg.errors.CheckViolation), connection.transaction():
            connection.execute(update, [share])


@pytest.mark.parametrize(
    "column",
    ["metrics.aliases", "lineage_edges.join_keys", "knowledge_notes.join_keys",
     "entities.grain", "entities.attributes", "tables.primary_key", "tables.columns", "tables.labels", "metrics.grain",
     "rules.labels", "exceptions.applies_to", "rca_results.classifications"],
)  # fmt: skip
def test_a_list_column_refuses_an_object(connection: psycopg.Connection, column: str) -> None:
    table, _, name = column.partition(".")
    update = sql.SQL("update {} set {} = %s").format(sql.Identifier(table), sql.Identifier(name))
    assert connection.execute(update, ['["a"]']).rowcount == 2
    with pytest.raises(psycopg.errors.CheckViolation, match=f"{table}_{name}_check"):
        connection.execute(update, ['{"a": 1}'])


def test_a_new_search_has_depth_zero_and_maximum_depth_ten(connection: psycopg.Connection) -> None:
    made = connection.execute(
        """insert into traversal_sessions (tenant_id, status) values (%s, 'active')
           returning root_cause_found, current_depth, max_depth""",
        [ACME],
    ).fetchall()
    assert made == [(False, 0, 10)]
