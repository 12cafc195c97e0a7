"""Schema drafts: from the customer's message to the answer a person let go, each tenant by itself."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from tests.db.applications import schemas
from tests.db.applications.schemas import ACME, BOREALIS, NO_TENANT, become
from tests.docs import pages

TABLES = schemas.one_line(
    {
        "users": """tenant_id uuid, id uuid, email text, display_name text, role text, auth_provider text,
            auth_subject text, created_at timestamptz, updated_at timestamptz""",
        "channels": """tenant_id uuid, id uuid, type text, external_id text, name text, metadata jsonb,
            created_at timestamptz, updated_at timestamptz""",
        "conversations": """tenant_id uuid, id uuid, channel_id uuid, external_id text, subject text?, status text,
            customer_email text?, customer_name text?, created_at timestamptz, updated_at timestamptz""",
        "messages": """tenant_id uuid, id uuid, conversation_id uuid, external_id text?, direction text,
            subject text?, body_text text, body_html text?, sent_at timestamptz, metadata jsonb""",
        "drafts": """tenant_id uuid, id uuid, conversation_id uuid, trigger_message_id uuid?, author_user_id uuid?,
            model_key text, prompt_version text, status text, suggested_text text, suggested_html text?,
            top_sources jsonb, created_at timestamptz, updated_at timestamptz""",
        "draft_actions": """tenant_id uuid, id uuid, draft_id uuid, user_id uuid, type text, final_text text?,
            final_html text?, sent_msg_id text?, notes text?, diff_json jsonb?, created_at timestamptz,
            message_id uuid?""",
        "learning_samples": """tenant_id uuid, id uuid, draft_id uuid, action_id uuid, diff_json jsonb,
            embeddings_json jsonb?, created_at timestamptz""",
        "attachments": """tenant_id uuid, id uuid, message_id uuid, file_name text, mime_type text,
            size_bytes integer, file_url text, created_at timestamptz""",
        "job_runs": """tenant_id uuid, id uuid, type text, status text, started_at timestamptz?,
            finished_at timestamptz?, error text?, metrics jsonb?, created_at timestamptz""",
        "source_documents": """tenant_id uuid, id uuid, source_url text, title text?, hash text?,
            indexed_at timestamptz, next_refresh_at timestamptz?, metadata jsonb""",
        "notifications": """tenant_id uuid, id uuid, user_id uuid?, type text, payload jsonb,
            read_at timestamptz?, created_at timestamptz""",
    }
)
INDEXES = {
    "idx_channel_account_type": "btree (tenant_id, type)",
    "idx_conversation_account_status": "btree (tenant_id, status)",
    "idx_conversation_channel_created": "btree (tenant_id, channel_id, created_at)",
    "idx_message_conversation_sent": "btree (tenant_id, conversation_id, sent_at)",
    "idx_draft_conversation_status": "btree (tenant_id, conversation_id, status)",
    "idx_draft_status_created": "btree (tenant_id, status, created_at)",
    "idx_action_draft": "btree (tenant_id, draft_id)",
    "idx_action_user_created": "btree (tenant_id, user_id, created_at)",
    "uq_learning_samples_action_id": "btree (tenant_id, action_id)",
    "idx_attachment_message": "btree (tenant_id, message_id)",
    "idx_jobrun_account_type_created": "btree (tenant_id, type, created_at)",
    "idx_notification_account_created": "btree (tenant_id, created_at)",
    "idx_notification_user_created": "btree (tenant_id, user_id, created_at)",
}
REFERENCES = {
    "conversations_channel_id_fkey": "channels",
    "messages_conversation_id_fkey": "conversations",
    "drafts_conversation_id_fkey": "conversations",
    "drafts_trigger_message_id_fkey": "messages set null",
    "drafts_author_user_id_fkey": "users set null",
    "draft_actions_draft_id_fkey": "drafts",
    "draft_actions_user_id_fkey": "users",
    "draft_actions_message_id_fkey": "messages set null",
    "learning_samples_draft_id_fkey": "drafts",
    "learning_samples_action_id_fkey": "draft_actions",
    "attachments_message_id_fkey": "messages",
    "notifications_user_id_fkey": "users set null",
}
"""Beside those to the tenant; what follows the table is what its deletion does."""

ROWS = """
insert into drafts.users (tenant_id, id, email, display_name, auth_provider, auth_subject)
values (%(tenant)s, '00000000-0000-4000-8000-000000000001', 'kim@example.com', 'Kim', 'oidc', 'kim');
insert into drafts.channels (tenant_id, id, type, external_id, name)
values (%(tenant)s, '00000000-0000-4000-8000-000000000002', 'email', 'inbox', 'Inbox');
insert into drafts.conversations (tenant_id, id, channel_id, external_id)
values (%(tenant)s, '00000000-0000-4000-8000-000000000003', '00000000-0000-4000-8000-000000000002', 'T-1');
insert into drafts.messages (tenant_id, id, conversation_id, external_id, direction, body_text)
values (%(tenant)s, '00000000-0000-4000-8000-000000000004', '00000000-0000-4000-8000-000000000003', 'M-1', 'inbound',
  'Where is my order?');
insert into drafts.drafts
  (tenant_id, id, conversation_id, trigger_message_id, author_user_id, model_key, prompt_version, suggested_text)
values (%(tenant)s, '00000000-0000-4000-8000-000000000005', '00000000-0000-4000-8000-000000000003',
  '00000000-0000-4000-8000-000000000004', '00000000-0000-4000-8000-000000000001', 'model', '1', 'On its way.');
insert into drafts.draft_actions (tenant_id, id, draft_id, user_id, type, diff_json, message_id)
values (%(tenant)s, '00000000-0000-4000-8000-000000000006', '00000000-0000-4000-8000-000000000005',
  '00000000-0000-4000-8000-000000000001', 'edit', '{"operations": []}', '00000000-0000-4000-8000-000000000004');
insert into drafts.learning_samples (tenant_id, id, draft_id, action_id, diff_json)
values (%(tenant)s, '00000000-0000-4000-8000-000000000007', '00000000-0000-4000-8000-000000000005',
  '00000000-0000-4000-8000-000000000006', '{"operations": []}');
insert into drafts.attachments (tenant_id, message_id, file_name, mime_type, size_bytes, file_url)
values (%(tenant)s, '00000000-0000-4000-8000-000000000004', 'a.png', 'image/png', 1, 'https://files.example/a');
insert into drafts.job_runs (tenant_id, type) values (%(tenant)s, 'crawl');
insert into drafts.source_documents (tenant_id, source_url, indexed_at)
values (%(tenant)s, 'https://docs.example/1', '2026-01-05T09:00:00Z');
insert into drafts.notifications (tenant_id, user_id, type)
values (%(tenant)s, '00000000-0000-4000-8000-000000000001', 'Draft ready');
"""
BOTH, OWN, NONE = ({table: set(whose) for table in TABLES} for whose in ((ACME, BOREALIS), (ACME,), ()))
"""Whose rows are seen, in each table."""


@pytest.fixture(scope="module")
def filled_url(module_database_url: str) -> str:
    """A database with two tenants that use the same ids and the same keys in every table."""
    schemas.fill(module_database_url, ROWS)
    return module_database_url


@pytest.fixture
def connection(filled_url: str) -> Iterator[psycopg.Connection]:
    with schemas.rolled_back(filled_url) as opened:
        opened.execute("set local search_path = drafts, public")
        yield opened


def test_every_table_has_the_columns_of_the_model(connection: psycopg.Connection) -> None:
    assert schemas.columns(connection, "drafts") == TABLES


def test_the_reference_page_names_every_table() -> None:
    told = pages.table(pages.DOCS / "reference" / "schema.md", "Schema `drafts`")
    assert {row[0] for row in told} == set(TABLES)


def test_indexes_keep_their_names_and_lead_with_the_tenant(connection: psycopg.Connection) -> None:
    there = schemas.indexes(connection, "drafts")
    assert {name: there.get(name) for name in INDEXES} == INDEXES


def test_every_reference_leads_where_the_model_says(connection: psycopg.Connection) -> None:
    assert schemas.references(connection, "drafts") == REFERENCES


def test_nothing_crosses_tenants_and_every_reference_has_its_index(connection: psycopg.Connection) -> None:
    assert schemas.keys_across_tenants(connection, "drafts") == []
    assert schemas.references_without_index(connection, "drafts") == []
    assert schemas.doubled_indexes(connection, "drafts") == []
    assert schemas.enums(connection, "drafts") == []


def test_every_update_moves_updated_at(connection: psycopg.Connection) -> None:
    assert schemas.untouched(connection, "drafts") == set()


def test_a_tenant_reads_its_own_rows_and_nobody_elses(connection: psycopg.Connection) -> None:
    assert schemas.seen(connection, "drafts", list(TABLES)) == BOTH
    become(connection, "authenticated", claim=str(ACME))
    assert schemas.seen(connection, "drafts", list(TABLES)) == OWN


@pytest.mark.parametrize("claim", NO_TENANT)
def test_a_claim_that_names_no_tenant_reads_nothing(connection: psycopg.Connection, claim: str | None) -> None:
    become(connection, "authenticated", claim=claim)
    assert schemas.seen(connection, "drafts", list(TABLES)) == NONE


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
    assert schemas.rights(connection, "drafts", role) == expected


def test_operators_write_for_every_tenant(connection: psycopg.Connection) -> None:
    become(connection, "app_rw")
    assert connection.execute("update conversations set status = 'closed'").rowcount == 2


def test_no_row_points_into_another_tenant(connection: psycopg.Connection) -> None:
    assert schemas.references_across_tenants(connection, "drafts") == []


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("users", "uq_users_email"),
        ("channels", "uq_channels_external_id"),
        ("conversations", "uq_conversations_external_id"),
        ("messages", "uq_messages_external_id"),
        ("drafts", "uq_drafts_trigger_message_id"),
        ("learning_samples", "uq_learning_samples_draft_id"),
        ("source_documents", "uq_source_documents_source_url"),
    ],
)
def test_a_key_is_used_once_within_a_tenant(connection: psycopg.Connection, table: str, key: str) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation, match=key):
        connection.execute(ANOTHER.format(sql.Identifier(table)))


ANOTHER = sql.SQL(
    "insert into {0} select (jsonb_populate_record(t, jsonb_build_object('id', gen_random_uuid()))).* from {0} as t"
)
"""Every row once more under a new id."""


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("update channels set type = 'fax'", "channels_type_check"),
        ("update channels set external_id = ''", "channels_external_id_check"),
        ("update conversations set external_id = repeat('x', 256)", "conversations_external_id_check"),
        ("update conversations set status = ''", "conversations_status_check"),
        ("update users set email = ''", "users_email_check"),
        ("update messages set direction = 'sideways'", "messages_direction_check"),
        ("update messages set external_id = repeat('é', 500)", "messages_external_id_check"),
        ("update drafts set status = 'approved'", "drafts_status_check"),
        ("update drafts set top_sources = '{}'", "drafts_top_sources_check"),
        ("update draft_actions set type = 'ignore'", "draft_actions_type_check"),
        ("update draft_actions set diff_json = '[]'", "draft_actions_diff_json_check"),
        ("update learning_samples set diff_json = '[]'", "learning_samples_diff_json_check"),
        ("update attachments set size_bytes = -1", "attachments_size_bytes_check"),
        ("update job_runs set type = 'sweep'", "job_runs_type_check"),
        ("update job_runs set status = 'done'", "job_runs_status_check"),
        ("update job_runs set metrics = '3'", "job_runs_metrics_check"),
        ("update source_documents set source_url = repeat('é', 1025)", "source_documents_source_url_check"),
        ("update source_documents set metadata = '[]'", "source_documents_metadata_check"),
        ("update notifications set payload = '[]'", "notifications_payload_check"),
    ],
)
def test_a_value_that_cannot_be_is_refused(connection: psycopg.Connection, statement: str, constraint: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        connection.execute(statement.encode())
    assert refused.value.diag.constraint_name == constraint


@pytest.mark.parametrize(
    "column",
    ["channels.metadata", "messages.metadata", "drafts.top_sources", "draft_actions.diff_json",
     "learning_samples.diff_json", "learning_samples.embeddings_json", "job_runs.metrics", "source_documents.metadata",
     "notifications.payload"],
)  # fmt: skip
def test_a_document_holds_64_kib_and_no_more(connection: psycopg.Connection, column: str) -> None:
    table, _, name = column.partition(".")
    shell = '["%s"]' if name == "top_sources" else '{"x": "%s"}'
    update = sql.SQL("update {} set {} = %s").format(sql.Identifier(table), sql.Identifier(name))
    full = shell % ("y" * (65536 - len(shell % "")))
    assert connection.execute(update, [full]).rowcount == 2
    with pytest.raises(psycopg.errors.CheckViolation, match=f"{table}_{name}_check"):
        connection.execute(update, [full.replace("y", "yy", 1)])


def test_a_conversation_is_open_a_draft_pending_and_a_job_queued_until_said_otherwise(
    connection: psycopg.Connection,
) -> None:
    first = connection.execute(
        """select c.status, d.status, j.status, u.role, d.top_sources, m.metadata
           from conversations as c, drafts as d, job_runs as j, users as u, messages as m
           where c.tenant_id = %s""",
        [ACME],
    ).fetchone()
    assert first == ("open", "pending", "queued", "agent", [], {})


def test_a_user_or_message_that_goes_leaves_what_may_do_without_it(connection: psycopg.Connection) -> None:
    for table in ("learning_samples", "draft_actions", "attachments", "messages", "users"):
        connection.execute(sql.SQL("delete from {}").format(sql.Identifier(table)))
    left = connection.execute(
        """select distinct d.trigger_message_id, d.author_user_id, n.user_id
           from drafts as d join notifications as n using (tenant_id)"""
    ).fetchall()
    assert left == [(None, None, None)]
    assert schemas.seen(connection, "drafts", ["drafts", "notifications"]) == {
        "drafts": {ACME, BOREALIS},
        "notifications": {ACME, BOREALIS},
    }


def test_a_user_who_acted_stays(connection: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="draft_actions_user_id_fkey"):
        connection.execute("delete from users")
