"""Schema autopilot: the contract that workflow teams write by, and what keeps them to their own organization."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import dict_row

from services.database.connect import connect
from services.database.schema.migrate import migrate, rollback
from tests.db.applications import schemas
from tests.db.applications.schemas import ACME, BOREALIS, NO_TENANT, become
from tests.docs import pages

TABLES = schemas.one_line(
    {
        "data_source_connections": """organization_id uuid, id uuid, connection_type text, latest_options jsonb,
            created_at timestamptz, updated_at timestamptz""",
        "ml_models": """organization_id uuid, id uuid, external_model_id text, model_name text,
            training_start_date date?, training_end_date date?, metadata jsonb, active boolean,
            created_at timestamptz, updated_at timestamptz""",
        "clusters": """organization_id uuid, id uuid, model_id uuid, name text, subcluster_name text?, config jsonb,
            kb_status text, validation_target integer?, validation_current integer,
            created_at timestamptz, updated_at timestamptz""",
        "tickets": """organization_id uuid, id uuid, cluster_id uuid?, data_source_connection_id uuid?,
            external_id text, subject text, external_status text, source_metadata jsonb,
            created_at timestamptz, updated_at timestamptz""",
        "analytics_cluster_daily": """organization_id uuid, cluster_id uuid, day date,
            total_tickets integer, automated_count integer, kb_gap_count integer,
            created_at timestamptz, updated_at timestamptz""",
        "ingestion_runs": """organization_id uuid, id uuid, data_source_connection_id uuid?, started_by text?,
            status text, records_processed integer, records_failed integer, error_message text?, error_detail jsonb?,
            completed_at timestamptz?, created_at timestamptz, updated_at timestamptz""",
        "knowledge_articles": """organization_id uuid, id uuid, cluster_id uuid?, external_id text, title text,
            url text?, relevance_score double precision?, status text,
            created_at timestamptz, updated_at timestamptz""",
    }
)
INDEXES = {
    "uq_clusters_org_model_name_subcluster": (
        "btree (organization_id, model_id, name, COALESCE(subcluster_name, ''::text))"
    ),
    "idx_clusters_model_id": "btree (model_id)",
    "idx_ml_models_active": "btree (organization_id, active) WHERE active",
    "uq_ml_models_external_id_org": "btree (organization_id, external_model_id)",
    "uq_tickets_external_id_org": "btree (organization_id, external_id)",
    "uq_knowledge_articles_external_id_org": "btree (organization_id, external_id)",
    "analytics_cluster_daily_pkey": "btree (organization_id, cluster_id, day)",
}
REFERENCES = {
    "clusters_model_id_fkey": "ml_models cascade",
    "tickets_cluster_id_fkey": "clusters set null",
    "tickets_data_source_connection_id_fkey": "data_source_connections set null",
    "analytics_cluster_daily_cluster_id_fkey": "clusters cascade",
    "ingestion_runs_data_source_connection_id_fkey": "data_source_connections set null",
    "knowledge_articles_cluster_id_fkey": "clusters set null",
}
"""Beside those to the tenant; what follows the table is what its deletion does."""

CONNECTION = UUID("cccccccc-0000-4000-8000-000000000000")
MODEL = UUID("eeeeeeee-0000-4000-8000-000000000000")
CLUSTER = UUID("dddddddd-0000-4000-8000-000000000000")
RUN = UUID("ffffffff-0000-4000-8000-000000000000")
ROWS = """
insert into autopilot.data_source_connections (organization_id, id, connection_type)
values (%(tenant)s, 'cccccccc-0000-4000-8000-000000000000', 'jira');
insert into autopilot.ml_models (organization_id, id, external_model_id, model_name, active)
values (%(tenant)s, 'eeeeeeee-0000-4000-8000-000000000000', 'm1', 'Model one', true);
insert into autopilot.clusters (organization_id, id, model_id, name)
values (%(tenant)s, 'dddddddd-0000-4000-8000-000000000000', 'eeeeeeee-0000-4000-8000-000000000000', 'Network');
insert into autopilot.tickets
  (organization_id, id, cluster_id, data_source_connection_id, external_id, subject, external_status)
values
  (%(tenant)s, 'aaaaaaaa-0000-4000-8000-000000000000', 'dddddddd-0000-4000-8000-000000000000',
   'cccccccc-0000-4000-8000-000000000000', 'INC-1', 'No network', 'open');
insert into autopilot.analytics_cluster_daily (organization_id, cluster_id, day, total_tickets)
values (%(tenant)s, 'dddddddd-0000-4000-8000-000000000000', '2026-01-05', 1);
insert into autopilot.ingestion_runs (organization_id, id, data_source_connection_id)
values (%(tenant)s, 'ffffffff-0000-4000-8000-000000000000', 'cccccccc-0000-4000-8000-000000000000');
insert into autopilot.knowledge_articles (organization_id, id, cluster_id, external_id, title)
values
  (%(tenant)s, 'bbbbbbbb-0000-4000-8000-000000000000', 'dddddddd-0000-4000-8000-000000000000',
   'KB-1', 'Is it plugged in?');
"""

BOTH, OWN, NONE = ({table: set(whose) for table in TABLES} for whose in ((ACME, BOREALIS), (ACME,), ()))
"""Whose rows are seen, in each table."""


@pytest.fixture(scope="module")
def filled_url(module_database_url: str) -> str:
    """A database with two organizations that use the same ids and the same keys in every table."""
    schemas.fill(module_database_url, ROWS)
    return module_database_url


@pytest.fixture
def connection(filled_url: str) -> Iterator[psycopg.Connection]:
    with schemas.rolled_back(filled_url) as opened:
        opened.execute("set local search_path = autopilot, public")
        yield opened


def test_every_table_has_the_columns_of_the_contract(connection: psycopg.Connection) -> None:
    assert schemas.columns(connection, "autopilot") == TABLES


def test_the_reference_page_names_every_table() -> None:
    told = pages.table(pages.DOCS / "reference" / "schema.md", "Schema `autopilot`")
    assert {row[0] for row in told} == set(TABLES) | {"organizations"}


def test_indexes_keep_the_names_and_columns_of_the_contract(connection: psycopg.Connection) -> None:
    there = schemas.indexes(connection, "autopilot")
    assert {name: there.get(name) for name in INDEXES} == INDEXES


def test_what_the_natural_key_replaced_is_gone(connection: psycopg.Connection) -> None:
    there = {*schemas.indexes(connection, "autopilot"), *TABLES["clusters"].split()}
    assert there & {"external_cluster_id", "idx_clusters_external_cluster_id", "uq_clusters_external_id_org"} == set()


def test_every_reference_leads_where_the_contract_says(connection: psycopg.Connection) -> None:
    assert schemas.references(connection, "autopilot") == REFERENCES


def test_nothing_crosses_organizations_and_every_reference_has_its_index(connection: psycopg.Connection) -> None:
    assert schemas.keys_across_tenants(connection, "autopilot") == []
    assert schemas.references_without_index(connection, "autopilot") == []
    assert schemas.doubled_indexes(connection, "autopilot") == []
    assert schemas.enums(connection, "autopilot") == []


def test_every_update_moves_updated_at(connection: psycopg.Connection) -> None:
    assert schemas.untouched(connection, "autopilot") == set()
    triggers = connection.execute(
        "select tgname from pg_trigger where tgrelid = 'analytics_cluster_daily'::regclass and not tgisinternal"
    ).fetchall()
    assert triggers == [("set_analytics_updated_at",)]


# ----------------------------------------------------------------------------------------------------------------
# The contract's own words. Statements stand as the workflow teams were given them.
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


def test_the_walk_through_of_the_natural_key_runs_as_written(database_url: str) -> None:
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
MEANT = {
    "tenant": ACME, "model": MODEL, "name": "Network", "sub": None, "kb_status": "GAP",
    "config": '{"auto_respond": true}', "cluster": CLUSTER, "ticket": "INC-1", "subject": "No network",
    "day": date(2026, 1, 5), "count": 4, "run": RUN, "article": "KB-1", "title": "Is it plugged in?",
    "url": "https://kb.example/1", "score": 0.5,
}  # fmt: skip


def test_what_the_workflow_teams_write_finds_its_row_and_makes_no_second(connection: psycopg.Connection) -> None:
    become(connection, "workflow_rw", organization=str(ACME))
    assert [connection.execute(statement, MEANT).rowcount for statement in UPSERTS] == [1] * len(UPSERTS)
    assert connection.execute(
        """select c.kb_status, c.config, d.total_tickets, r.status, r.records_processed, k.relevance_score
           from clusters as c, tickets, analytics_cluster_daily as d, ingestion_runs as r, knowledge_articles as k"""
    ).fetchall() == [("GAP", {"auto_respond": True}, 5, "completed", 4, 0.5)]


def test_what_the_workflow_teams_write_makes_what_is_not_there(connection: psycopg.Connection) -> None:
    become(connection, "workflow_rw", organization=str(ACME))
    other = {**MEANT, "sub": "VPN", "ticket": "INC-2", "day": date(2026, 1, 6), "article": "KB-2"}
    for statement in UPSERTS:
        connection.execute(statement, other)
    counts = connection.execute(
        """select (select count(*) from clusters), (select count(*) from tickets),
                  (select count(*) from analytics_cluster_daily), (select count(*) from knowledge_articles)"""
    ).fetchall()
    assert counts == [(2, 2, 2, 2)]


def test_a_workflow_reports_how_a_run_failed(connection: psycopg.Connection) -> None:
    become(connection, "workflow_rw", organization=str(ACME))
    failed = connection.execute(
        """UPDATE ingestion_runs
           SET status = 'failed', error_message = 'tickets_below_threshold', records_failed = 3,
             error_detail = '{"current_total_tickets": 3, "needed_total_tickets": 100}'
           WHERE id = %s AND organization_id = %s""",
        [RUN, ACME],
    )
    assert failed.rowcount == 1


# ----------------------------------------------------------------------------------------------------------------
# Each to their own organization
# ----------------------------------------------------------------------------------------------------------------


def test_a_workflow_reads_the_organization_its_session_names_and_no_other(connection: psycopg.Connection) -> None:
    assert schemas.seen(connection, "autopilot", list(TABLES)) == BOTH
    become(connection, "workflow_rw", organization=str(ACME))
    assert schemas.seen(connection, "autopilot", list(TABLES)) == OWN


@pytest.mark.parametrize("organization", NO_TENANT)
def test_a_workflow_that_names_no_organization_reads_and_changes_nothing(
    connection: psycopg.Connection, organization: str | None
) -> None:
    become(connection, "workflow_rw", organization=organization)
    assert schemas.seen(connection, "autopilot", list(TABLES)) == NONE
    assert connection.execute("update tickets set subject = 'mine'").rowcount == 0
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        connection.execute(UPSERTS[1], {**MEANT, "ticket": "INC-9", "cluster": None})


@pytest.mark.parametrize(
    "statement", [UPSERTS[number] for number in (0, 1, 2, 5)], ids=["cluster", "ticket", "day", "article"]
)
def test_a_workflow_writes_no_row_of_another_organization(connection: psycopg.Connection, statement: str) -> None:
    become(connection, "workflow_rw", organization=str(ACME))
    theirs = {**MEANT, "tenant": BOREALIS, "sub": "new", "ticket": "INC-9", "day": date(2026, 2, 1), "article": "KB-9"}
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        connection.execute(statement, theirs)


@pytest.mark.parametrize(
    "statement",
    [
        "update tickets set subject = 'mine' where organization_id = %(borealis)s",
        "update clusters set kb_status = 'GAP' where organization_id = %(borealis)s",
        "update ingestion_runs set status = 'failed' where organization_id = %(borealis)s",
        "update knowledge_articles set status = 'broken' where organization_id = %(borealis)s",
    ],
)
def test_a_workflow_changes_no_row_of_another_organization(connection: psycopg.Connection, statement: str) -> None:
    become(connection, "workflow_rw", organization=str(ACME))
    assert connection.execute(statement, {"borealis": BOREALIS}).rowcount == 0


def test_a_workflow_gives_no_row_away(connection: psycopg.Connection) -> None:
    become(connection, "workflow_rw", organization=str(ACME))
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
def test_a_workflow_does_what_its_tables_are_for_and_no_more(connection: psycopg.Connection, statement: str) -> None:
    become(connection, "workflow_rw", organization=str(ACME))
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
        connection.execute(statement, {"acme": ACME})


def test_a_tenant_reads_its_own_rows_and_the_anonymous_none(connection: psycopg.Connection) -> None:
    with connection.transaction():
        become(connection, "authenticated", claim=str(ACME))
        assert schemas.seen(connection, "autopilot", list(TABLES)) == OWN
        assert connection.execute("select name from organizations").fetchall() == [("Acme",)]
        connection.execute("reset role")
    become(connection, "anon", claim=str(ACME))
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("select from autopilot.tickets")


@pytest.mark.parametrize("claim", NO_TENANT)
def test_a_claim_that_names_no_tenant_reads_nothing(connection: psycopg.Connection, claim: str | None) -> None:
    become(connection, "authenticated", claim=claim, organization=str(ACME))
    assert schemas.seen(connection, "autopilot", list(TABLES)) == NONE


@pytest.mark.parametrize("role", schemas.CALLERS)
def test_each_role_has_the_verbs_it_was_given(connection: psycopg.Connection, role: str) -> None:
    everything = {"select", "insert", "update", "delete"}
    allowed = {
        "authenticated": {"select"},
        "app_ro": {"select"},
        "app_rw": everything,
        "service_role": everything,
        "workflow_rw": {"select", "insert", "update"},
    }
    expected = dict.fromkeys(TABLES, allowed[role]) if role in allowed else {}
    if role == "workflow_rw":  # of a run it updates some columns, see above
        expected |= {"data_source_connections": {"select"}, "ingestion_runs": {"select"}}
    elif role in allowed:  # whoever makes tenants by the view may also make them in the table
        expected["organizations"] = everything if role == "service_role" else {"select"}
    assert schemas.rights(connection, "autopilot", role) == expected


@pytest.mark.parametrize("role", ["authenticated", "app_rw", "app_ro", "workflow_rw", "anon"])
def test_only_our_own_servers_make_and_delete_tenants_by_the_view(connection: psycopg.Connection, role: str) -> None:
    become(connection, role, claim=str(ACME), organization=str(ACME))
    for statement in ("insert into organizations (name) values ('x')", "delete from autopilot.organizations"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
            connection.execute(statement.replace("into organizations", "into autopilot.organizations"))


def test_no_row_points_into_another_organization(connection: psycopg.Connection) -> None:
    assert schemas.references_across_tenants(connection, "autopilot") == []


# ----------------------------------------------------------------------------------------------------------------
# What a row may hold
# ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("update clusters set kb_status = 'MAYBE'", "clusters_kb_status_check"),
        ("update clusters set kb_status = 'found'", "clusters_kb_status_check"),
        ("update clusters set name = ''", "clusters_name_check"),
        ("update clusters set name = repeat('é', 256)", "clusters_name_check"),
        ("update clusters set subcluster_name = repeat('é', 256)", "clusters_subcluster_name_check"),
        ("update clusters set config = '[]'", "clusters_config_check"),
        ("update clusters set config = jsonb_build_object('x', repeat('y', 65536))", "clusters_config_check"),
        ("update clusters set validation_target = -1", "clusters_validation_target_check"),
        ("update clusters set validation_current = -1", "clusters_validation_current_check"),
        ("update tickets set external_id = ''", "tickets_external_id_check"),
        ("update tickets set source_metadata = '[]'", "tickets_source_metadata_check"),
        (
            "update tickets set source_metadata = jsonb_build_object('x', repeat('y', 1048576))",
            "tickets_source_metadata_check",
        ),
        ("update ml_models set external_model_id = repeat('x', 256)", "ml_models_external_model_id_check"),
        ("update ml_models set metadata = '3'", "ml_models_metadata_check"),
        (
            "update ml_models set training_start_date = '2026-02-01', training_end_date = '2026-01-01'",
            "ml_models_training_check",
        ),
        ("update ingestion_runs set status = 'done'", "ingestion_runs_status_check"),
        ("update ingestion_runs set completed_at = now()", "ingestion_runs_completed_check"),
        ("update ingestion_runs set records_failed = -1", "ingestion_runs_records_check"),
        ("update ingestion_runs set error_detail = '[]'", "ingestion_runs_error_detail_check"),
        ("update knowledge_articles set relevance_score = 1.01", "knowledge_articles_relevance_score_check"),
        ("update knowledge_articles set relevance_score = 'NaN'", "knowledge_articles_relevance_score_check"),
        ("update knowledge_articles set status = 'gone'", "knowledge_articles_status_check"),
        ("update knowledge_articles set external_id = ''", "knowledge_articles_external_id_check"),
        (
            "update data_source_connections set connection_type = 'zendesk'",
            "data_source_connections_connection_type_check",
        ),
        ("update data_source_connections set latest_options = '[]'", "data_source_connections_latest_options_check"),
        ("update analytics_cluster_daily set automated_count = -1", "analytics_cluster_daily_counts_check"),
    ],
)
def test_a_value_that_cannot_be_is_refused(connection: psycopg.Connection, statement: str, constraint: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        connection.execute(statement.encode())
    assert refused.value.diag.constraint_name == constraint


def test_the_longest_names_still_fit_into_the_natural_key(connection: psycopg.Connection) -> None:
    noise = "select string_agg(chr(127744 + (random() * 500)::int), '') from generate_series(1, 255)"
    named = f"update clusters set name = ({noise}), subcluster_name = ({noise})"  # noqa: S608  # our own words
    assert connection.execute(named.encode()).rowcount == 2


def test_a_cluster_starts_pending_with_no_target_and_nothing_validated(connection: psycopg.Connection) -> None:
    made = connection.execute(
        """insert into clusters (organization_id, model_id, name) values (%s, %s, 'New')
           returning kb_status, validation_target, validation_current, config""",
        [ACME, MODEL],
    ).fetchall()
    assert made == [("PENDING", None, 0, {})]


def test_an_empty_subcluster_is_the_parent_itself(connection: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation):
        connection.execute(
            "insert into clusters (organization_id, model_id, name, subcluster_name) values (%s, %s, 'Network', '')",
            [ACME, MODEL],
        )


def test_an_organization_has_one_active_model_at_most(filled_url: str) -> None:
    second = """insert into autopilot.ml_models (organization_id, external_model_id, model_name, active)
        values (%s, 'm2', 'Two', true)"""
    with connect(filled_url) as session:
        with pytest.raises(psycopg.errors.ExclusionViolation, match="idx_ml_models_active"):
            session.execute(second, [ACME])
        assert session.execute("select count(*) from autopilot.ml_models where active").fetchone() == (2,)  # one each


def test_one_model_follows_another_in_any_order_within_a_transaction(connection: psycopg.Connection) -> None:
    connection.execute(
        """insert into ml_models (organization_id, external_model_id, model_name, active)
           values (%s, 'm2', 'Two', true)""",
        [ACME],
    )
    connection.execute("update ml_models set active = (external_model_id = 'm2') where organization_id = %s", [ACME])
    connection.execute("set constraints all immediate")
    active = "select external_model_id from ml_models where active and organization_id = %s"
    assert connection.execute(active, [ACME]).fetchall() == [("m2",)]


def test_a_deleted_model_takes_clusters_and_figures_and_leaves_tickets_and_articles(
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
    assert schemas.seen(connection, "autopilot", ["clusters", "analytics_cluster_daily"]) == {
        "clusters": {BOREALIS},
        "analytics_cluster_daily": {BOREALIS},
    }


def test_a_run_that_a_clock_started_names_nobody(connection: psycopg.Connection) -> None:
    made = connection.execute(
        "insert into ingestion_runs (organization_id) values (%s) returning status, started_by", [ACME]
    ).fetchall()
    assert made == [("pending", None)]


def test_rolling_back_leaves_nothing_of_the_three_schemas(database_url: str) -> None:
    rollback(database_url, say=lambda _: None, to="002")
    with connect(database_url) as session:
        left = session.execute(
            "select nspname from pg_namespace where nspname in ('autopilot', 'drafts', 'rca')"
        ).fetchall()
    assert left == []
    again = migrate(database_url, say=lambda _: None)
    assert {"migrations/003_autopilot.sql", "migrations/004_drafts.sql", "migrations/005_rca.sql"} <= set(again)
