"""Schema autopilot: workflow teams read and write it as the contract says, and only for their own organization."""

from datetime import date
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import dict_row

from services.database.connect import connect
from tests.db.applications import schemas
from tests.db.applications.application import ACME, BOREALIS, NO_TENANT, Application
from tests.db.applications.autopilot import AUTOPILOT
from tests.db.roles import act_as

MODEL = UUID("eeeeeeee-0000-4000-8000-000000000000")
CLUSTER = UUID("dddddddd-0000-4000-8000-000000000000")
RUN = UUID("ffffffff-0000-4000-8000-000000000000")


@pytest.fixture
def application() -> Application:
    return AUTOPILOT


def test_columns_and_indexes_before_the_natural_key_are_removed(connection: psycopg.Connection) -> None:
    names = {*schemas.indexes(connection, AUTOPILOT), *AUTOPILOT.tables["clusters"].split()}
    assert names & {"external_cluster_id", "idx_clusters_external_cluster_id", "uq_clusters_external_id_org"} == set()


def test_the_trigger_of_the_daily_figures_has_the_name_in_the_contract(connection: psycopg.Connection) -> None:
    triggers = connection.execute(
        "select tgname from pg_trigger where tgrelid = 'analytics_cluster_daily'::regclass and not tgisinternal"
    ).fetchall()
    assert triggers == [("set_analytics_updated_at",)]


# ----------------------------------------------------------------------------------------------------------------
# The statements of the contract, exactly as workflow teams received them
# ----------------------------------------------------------------------------------------------------------------

MAKE_AN_ORGANIZATION_AND_ITS_MODEL = """
INSERT INTO organizations (id, name) VALUES ('11111111-1111-1111-1111-111111111111', 'Test Org');
INSERT INTO ml_models (id, organization_id, external_model_id, model_name, active)
VALUES ('22222222-2222-2222-2222-222222222222', '11111111-1111-1111-1111-111111111111', 'ext-model-1', 'Model v1', true);
"""  # noqa: E501  # as written
PARENT = """
INSERT INTO clusters (organization_id, model_id, name, subcluster_name)
VALUES ('11111111-1111-1111-1111-111111111111', '22222222-2222-2222-2222-222222222222', 'Network', NULL);
"""
SUBCLUSTER = """
INSERT INTO clusters (organization_id, model_id, name, subcluster_name)
VALUES ('11111111-1111-1111-1111-111111111111', '22222222-2222-2222-2222-222222222222', 'Network', 'VPN Issues');
"""
UPSERT = """
INSERT INTO clusters (organization_id, model_id, name, subcluster_name, kb_status)
VALUES ('11111111-1111-1111-1111-111111111111', '22222222-2222-2222-2222-222222222222', 'Network', NULL, 'FOUND')
ON CONFLICT (organization_id, model_id, name, COALESCE(subcluster_name, ''))
DO UPDATE SET kb_status = EXCLUDED.kb_status, updated_at = NOW();
"""
FOUND = "SELECT * FROM clusters WHERE name = 'Network' AND subcluster_name IS NULL;"
DELETE_THE_MODEL = "DELETE FROM ml_models WHERE id = '22222222-2222-2222-2222-222222222222';"
LEFT = "SELECT * FROM clusters WHERE model_id = '22222222-2222-2222-2222-222222222222';"
CLEAN_UP = "DELETE FROM organizations WHERE id = '11111111-1111-1111-1111-111111111111';"


def test_the_contracts_example_of_the_natural_key_runs_as_written(database_url: str) -> None:
    with connect(database_url) as session:
        session.execute("set search_path = autopilot, public")
        session.execute(MAKE_AN_ORGANIZATION_AND_ITS_MODEL)
        session.execute(PARENT)
        session.execute(SUBCLUSTER)
        with pytest.raises(psycopg.Error, match="duplicate key value violates unique constraint"):
            session.execute(PARENT)

        session.execute(UPSERT)
        found = session.cursor(row_factory=dict_row).execute(FOUND).fetchall()
        assert [row["kb_status"] for row in found] == ["FOUND"]

        session.execute(DELETE_THE_MODEL)
        assert session.execute(LEFT).fetchall() == []
        assert session.execute(CLEAN_UP).rowcount == 1
        assert session.execute("select from public.tenants").fetchall() == []


UPSERTS = (
    """INSERT INTO clusters (organization_id, model_id, name, subcluster_name, kb_status, config)
    VALUES (%(tenant)s, %(model)s, %(name)s, %(sub)s, %(kb_status)s, %(config)s)
    ON CONFLICT (organization_id, model_id, name, COALESCE(subcluster_name, ''))
    DO UPDATE SET
      kb_status = EXCLUDED.kb_status,
      config = EXCLUDED.config,
      updated_at = NOW()""",
    """INSERT INTO tickets (organization_id, cluster_id, external_id, subject, external_status)
    VALUES (%(tenant)s, %(cluster)s, %(ticket)s, %(subject)s, 'open')
    ON CONFLICT (organization_id, external_id) DO UPDATE SET cluster_id = EXCLUDED.cluster_id""",
    # the contract leaves out which total_tickets it adds to, which PostgreSQL refuses as ambiguous
    """INSERT INTO analytics_cluster_daily (organization_id, cluster_id, day, total_tickets)
    VALUES (%(tenant)s, %(cluster)s, %(day)s, %(count)s)
    ON CONFLICT (organization_id, cluster_id, day)
    DO UPDATE SET total_tickets = analytics_cluster_daily.total_tickets + EXCLUDED.total_tickets""",
    """UPDATE ingestion_runs
    SET status = 'completed', records_processed = %(count)s, completed_at = NOW()
    WHERE id = %(run)s AND organization_id = %(tenant)s""",
    """UPDATE clusters
    SET kb_status = %(kb_status)s, updated_at = NOW()
    WHERE id = %(cluster)s AND organization_id = %(tenant)s""",
    """INSERT INTO knowledge_articles (organization_id, cluster_id, external_id, title, url, relevance_score)
    VALUES (%(tenant)s, %(cluster)s, %(article)s, %(title)s, %(url)s, %(score)s)
    ON CONFLICT (organization_id, external_id) DO UPDATE SET
      cluster_id = EXCLUDED.cluster_id,
      relevance_score = EXCLUDED.relevance_score,
      updated_at = NOW()""",
)
VALUES = {
    "tenant": ACME, "model": MODEL, "name": "Network", "sub": None, "kb_status": "GAP",
    "config": '{"auto_respond": true}', "cluster": CLUSTER, "ticket": "INC-1", "subject": "No network",
    "day": date(2026, 1, 5), "count": 4, "run": RUN, "article": "KB-1", "title": "Is it plugged in?",
    "url": "https://kb.example/1", "score": 0.5,
}  # fmt: skip


def test_a_workflows_upserts_update_existing_rows(connection: psycopg.Connection) -> None:
    act_as(connection, "workflow_rw", organization=str(ACME))
    assert [connection.execute(statement, VALUES).rowcount for statement in UPSERTS] == [1] * len(UPSERTS)
    assert connection.execute(
        """select c.kb_status, c.config, d.total_tickets, r.status, r.records_processed, k.relevance_score
           from clusters as c, tickets, analytics_cluster_daily as d, ingestion_runs as r, knowledge_articles as k"""
    ).fetchall() == [("GAP", {"auto_respond": True}, 5, "completed", 4, 0.5)]


def test_a_workflows_upserts_insert_missing_rows(connection: psycopg.Connection) -> None:
    act_as(connection, "workflow_rw", organization=str(ACME))
    other = {**VALUES, "sub": "VPN", "ticket": "INC-2", "day": date(2026, 1, 6), "article": "KB-2"}
    for statement in UPSERTS:
        connection.execute(statement, other)
    counts = connection.execute(
        """select (select count(*) from clusters), (select count(*) from tickets),
                  (select count(*) from analytics_cluster_daily), (select count(*) from knowledge_articles)"""
    ).fetchall()
    assert counts == [(2, 2, 2, 2)]


def test_a_workflow_stores_why_a_run_failed(connection: psycopg.Connection) -> None:
    act_as(connection, "workflow_rw", organization=str(ACME))
    failed = connection.execute(
        """UPDATE ingestion_runs
           SET status = 'failed', error_message = 'tickets_below_threshold', records_failed = 3,
             error_detail = '{"current_total_tickets": 3, "needed_total_tickets": 100}'
           WHERE id = %s AND organization_id = %s""",
        [RUN, ACME],
    )
    assert failed.rowcount == 1


# ----------------------------------------------------------------------------------------------------------------
# A workflow and the rows of other organizations
# ----------------------------------------------------------------------------------------------------------------


def test_a_workflow_reads_only_the_organization_of_its_session(connection: psycopg.Connection) -> None:
    assert schemas.readable_tenants(connection, AUTOPILOT) == AUTOPILOT.owned_by(ACME, BOREALIS)
    act_as(connection, "workflow_rw", organization=str(ACME))
    assert schemas.readable_tenants(connection, AUTOPILOT) == AUTOPILOT.owned_by(ACME)


@pytest.mark.parametrize("organization", NO_TENANT)
def test_a_workflow_without_an_organization_reads_and_changes_nothing(
    connection: psycopg.Connection, organization: str | None
) -> None:
    act_as(connection, "workflow_rw", organization=organization)
    assert schemas.readable_tenants(connection, AUTOPILOT) == AUTOPILOT.owned_by()
    assert connection.execute("update tickets set subject = 'mine'").rowcount == 0
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        connection.execute(UPSERTS[1], {**VALUES, "ticket": "INC-9", "cluster": None})


@pytest.mark.parametrize(
    "statement", [UPSERTS[number] for number in (0, 1, 2, 5)], ids=["cluster", "ticket", "day", "article"]
)
def test_a_workflow_cannot_insert_a_row_for_another_organization(
    connection: psycopg.Connection, statement: str
) -> None:
    act_as(connection, "workflow_rw", organization=str(ACME))
    values = {**VALUES, "tenant": BOREALIS, "sub": "new", "ticket": "INC-9", "day": date(2026, 2, 1), "article": "KB-9"}
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        connection.execute(statement, values)


@pytest.mark.parametrize(
    "statement",
    [
        "update tickets set subject = 'mine' where organization_id = %(borealis)s",
        "update clusters set kb_status = 'GAP' where organization_id = %(borealis)s",
        "update ingestion_runs set status = 'failed' where organization_id = %(borealis)s",
        "update knowledge_articles set status = 'broken' where organization_id = %(borealis)s",
    ],
)
def test_a_workflow_cannot_update_a_row_of_another_organization(connection: psycopg.Connection, statement: str) -> None:
    act_as(connection, "workflow_rw", organization=str(ACME))
    assert connection.execute(statement, {"borealis": BOREALIS}).rowcount == 0


def test_a_workflow_cannot_move_a_row_to_another_organization(connection: psycopg.Connection) -> None:
    act_as(connection, "workflow_rw", organization=str(ACME))
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        connection.execute("update tickets set organization_id = %s", [BOREALIS])


@pytest.mark.parametrize(
    "statement",
    [
        "delete from tickets",
        "delete from ml_models",
        "truncate analytics_cluster_daily",
        "insert into ingestion_runs (organization_id) values (%(acme)s)",
        "update ingestion_runs set started_by = 'somebody'",
        "update ingestion_runs set organization_id = %(acme)s",
        "insert into data_source_connections (organization_id, connection_type) values (%(acme)s, 'jira')",
        "update data_source_connections set latest_options = '{}'",
        "select * from organizations",
        "select * from public.tenants",
        "select * from public.outbox",
        "select * from drafts.messages",
        "select * from rca.rca_queries",
        "select worker_api.queue_status()",
    ],
)
def test_a_workflow_has_no_right_to_other_statements_and_tables(connection: psycopg.Connection, statement: str) -> None:
    act_as(connection, "workflow_rw", organization=str(ACME))
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
        connection.execute(statement, {"acme": ACME})


def test_a_tenant_reads_only_its_own_organization(connection: psycopg.Connection) -> None:
    act_as(connection, "authenticated", {"tenant_id": str(ACME)})
    assert connection.execute("select name from organizations").fetchall() == [("Acme",)]


@pytest.mark.parametrize("role", ["authenticated", "app_rw", "app_ro", "workflow_rw", "anon"])
def test_only_service_role_adds_and_deletes_tenants_through_the_view(connection: psycopg.Connection, role: str) -> None:
    act_as(connection, role, {"tenant_id": str(ACME)}, organization=str(ACME))
    for statement in ("insert into autopilot.organizations (name) values ('x')", "delete from autopilot.organizations"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
            connection.execute(statement.encode())


# ----------------------------------------------------------------------------------------------------------------
# Values of a row
# ----------------------------------------------------------------------------------------------------------------


def test_the_natural_key_has_room_for_the_longest_names(connection: psycopg.Connection) -> None:
    noise = "select string_agg(chr(127744 + (random() * 500)::int), '') from generate_series(1, 255)"
    named = f"update clusters set name = ({noise}), subcluster_name = ({noise})"  # noqa: S608  # our own words
    assert connection.execute(named.encode()).rowcount == 2


def test_a_new_cluster_is_pending_and_has_no_target_and_no_validations(connection: psycopg.Connection) -> None:
    made = connection.execute(
        """insert into clusters (organization_id, model_id, name) values (%s, %s, 'New')
           returning kb_status, validation_target, validation_current, config""",
        [ACME, MODEL],
    ).fetchall()
    assert made == [("PENDING", None, 0, {})]


def test_an_empty_subcluster_name_means_the_parent_cluster(connection: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation):
        connection.execute(
            "insert into clusters (organization_id, model_id, name, subcluster_name) values (%s, %s, 'Network', '')",
            [ACME, MODEL],
        )


def test_an_organization_cannot_have_two_active_models(filled_url: str) -> None:
    second = """insert into autopilot.ml_models (organization_id, external_model_id, model_name, active)
        values (%s, 'm2', 'Two', true)"""
    with connect(filled_url) as session:
        with pytest.raises(psycopg.errors.ExclusionViolation, match="idx_ml_models_active"):
            session.execute(second, [ACME])
        assert session.execute("select count(*) from autopilot.ml_models where active").fetchone() == (2,)  # one each


def test_a_transaction_may_activate_a_model_before_it_deactivates_the_other(connection: psycopg.Connection) -> None:
    connection.execute(
        """insert into ml_models (organization_id, external_model_id, model_name, active)
           values (%s, 'm2', 'Two', true)""",
        [ACME],
    )
    connection.execute("update ml_models set active = (external_model_id = 'm2') where organization_id = %s", [ACME])
    connection.execute("set constraints all immediate")
    active = "select external_model_id from ml_models where active and organization_id = %s"
    assert connection.execute(active, [ACME]).fetchall() == [("m2",)]


def test_deleting_a_model_deletes_clusters_and_daily_figures_but_not_tickets_and_articles(
    connection: psycopg.Connection,
) -> None:
    connection.execute("delete from ml_models where organization_id = %s", [ACME])
    left = connection.execute(
        """select
             (select count(*) from clusters where organization_id = %(acme)s),
             (select count(*) from analytics_cluster_daily where organization_id = %(acme)s),
             (select array_agg(row(external_id, cluster_id)::text) from tickets where organization_id = %(acme)s),
             (select array_agg(row(external_id, cluster_id)::text) from knowledge_articles
              where organization_id = %(acme)s)""",
        {"acme": ACME},
    ).fetchall()
    assert left == [(0, 0, ["(INC-1,)"], ["(KB-1,)"])]
    assert schemas.readable_tenants(connection, AUTOPILOT, ["clusters", "analytics_cluster_daily"]) == {
        "clusters": {BOREALIS},
        "analytics_cluster_daily": {BOREALIS},
    }


def test_a_new_run_is_pending_and_its_starter_is_optional(connection: psycopg.Connection) -> None:
    made = connection.execute(
        "insert into ingestion_runs (organization_id) values (%s) returning status, started_by", [ACME]
    ).fetchall()
    assert made == [("pending", None)]
