"""Schema drafts: default values, keys, sizes and deletions."""

import psycopg
import pytest
from psycopg import sql

from tests.db.applications import schemas
from tests.db.applications.application import ACME, BOREALIS, Application
from tests.db.applications.drafts import DRAFTS
from tests.db.roles import act_as


@pytest.fixture
def application() -> Application:
    return DRAFTS


def test_app_rw_updates_the_rows_of_every_tenant(connection: psycopg.Connection) -> None:
    act_as(connection, "app_rw")
    assert connection.execute("update conversations set status = 'closed'").rowcount == 2


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("users", "uq_users_email"),
        ("settings", "settings_pkey"),
        ("channels", "uq_channels_external_id"),
        ("conversations", "uq_conversations_external_id"),
        ("messages", "uq_messages_external_id"),
        ("drafts", "uq_drafts_trigger_message_id"),
        ("learning_samples", "uq_learning_samples_draft_id"),
        ("source_documents", "uq_source_documents_source_url"),
    ],
)
def test_a_tenant_cannot_use_a_key_twice(connection: psycopg.Connection, table: str, key: str) -> None:
    writable = connection.execute(
        "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and attgenerated = ''", [table]
    ).fetchall()
    columns = sql.SQL(", ").join(sql.Identifier(name) for (name,) in writable)
    with pytest.raises(psycopg.errors.UniqueViolation, match=key):
        connection.execute(COPY_EVERY_ROW.format(sql.Identifier(table), columns))


COPY_EVERY_ROW = sql.SQL(
    "with copies as (select (jsonb_populate_record(t, jsonb_build_object('id', gen_random_uuid()))).* from {0} as t)"
    " insert into {0} ({1}) select {1} from copies"
)
"""Copies every row of a table, with a new id."""


@pytest.mark.parametrize(
    "column",
    ["channels.metadata", "messages.metadata", "drafts.top_sources", "drafts.attachments", "draft_actions.diff_json",
     "learning_samples.diff_json", "learning_samples.embeddings_json", "job_runs.metrics", "source_documents.metadata",
     "notifications.payload"],
)  # fmt: skip
def test_a_json_document_has_at_most_64_kib(connection: psycopg.Connection, column: str) -> None:
    table, _, name = column.partition(".")
    shell = '["%s"]' if name in {"top_sources", "attachments"} else '{"x": "%s"}'
    update = sql.SQL("update {} set {} = %s").format(sql.Identifier(table), sql.Identifier(name))
    full = shell % ("y" * (65536 - len(shell % "")))
    assert connection.execute(update, [full]).rowcount >= 2
    with pytest.raises(psycopg.errors.CheckViolation, match=f"{table}_{name}_check"):
        connection.execute(update, [full.replace("y", "yy", 1)])


def test_a_new_conversation_is_open_a_new_draft_pending_and_a_new_job_queued(
    connection: psycopg.Connection,
) -> None:
    first = connection.execute(
        """select c.status, d.status, j.status, u.role, d.top_sources, m.metadata
           from conversations as c, drafts as d, job_runs as j, users as u, messages as m
           where c.tenant_id = %s""",
        [ACME],
    ).fetchone()
    assert first == ("open", "pending", "queued", "agent", [], {})


def test_deleting_users_and_messages_keeps_drafts_and_notifications(connection: psycopg.Connection) -> None:
    for table in ("learning_samples", "draft_actions", "attachments", "messages", "users"):
        connection.execute(sql.SQL("delete from {}").format(sql.Identifier(table)))
    left = connection.execute(
        """select distinct d.trigger_message_id, d.author_user_id, n.user_id
           from drafts as d join notifications as n using (tenant_id)"""
    ).fetchall()
    assert left == [(None, None, None)]
    assert schemas.readable_tenants(connection, DRAFTS, ["drafts", "notifications"]) == {
        "drafts": {ACME, BOREALIS},
        "notifications": {ACME, BOREALIS},
    }


def test_a_user_with_actions_cannot_be_deleted(connection: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="draft_actions_user_id_fkey"):
        connection.execute("delete from users")
