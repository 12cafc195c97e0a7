"""Migration 050 on a database with rows of drafts: people who share a login are kept apart, and nothing is lost."""

from typing import Any

from services.database.connect import connect
from services.database.schema.migrate import migrate, rollback
from tests.clusters import hush
from tests.db.applications.application import ACME

BEFORE = """
insert into public.tenants (id, name) values (%(tenant)s, 'Acme');
insert into drafts.users (tenant_id, id, email, display_name, auth_provider, auth_subject, created_at) values
  (%(tenant)s, '00000000-0000-4000-8000-000000000001', 'kim@example.com', 'Kim', 'oidc', 'kim', '2026-01-02Z'),
  (%(tenant)s, '00000000-0000-4000-8000-000000000002', 'Kim@example.com', 'Kim', 'oidc', 'kim', '2026-01-01Z'),
  (%(tenant)s, '00000000-0000-4000-8000-000000000003', 'kim@other.example', 'Kim', 'ldap', 'kim', '2026-01-03Z'),
  (%(tenant)s, '00000000-0000-4000-8000-000000000004', 'sam@example.com', 'Sam', 'oidc', repeat('s', 2000), now());
insert into drafts.channels (tenant_id, id, type, external_id, name) values
  (%(tenant)s, '00000000-0000-4000-8000-00000000000a', 'chat', 'left', 'Left'),
  (%(tenant)s, '00000000-0000-4000-8000-00000000000b', 'chat', 'right', 'Right');
insert into drafts.conversations (tenant_id, id, channel_id, external_id, customer_email) values
  (%(tenant)s, '00000000-0000-4000-8000-000000000005', '00000000-0000-4000-8000-00000000000a', '123',
   'Ann@Example.com');
insert into drafts.messages (tenant_id, conversation_id, direction, body_text, sent_at) values
  (%(tenant)s, '00000000-0000-4000-8000-000000000005', 'inbound', 'Hello', '2026-01-05T09:00:00Z');
"""


def test_rows_from_before_are_kept_and_told_apart(database_url: str) -> None:
    rollback(database_url, say=hush, to="048")
    with connect(database_url) as connection:
        connection.execute(BEFORE.replace("%(tenant)s", f"'{ACME}'").encode())
    migrate(database_url, say=hush)

    def rows(query: str) -> list[tuple[Any, ...]]:
        with connect(database_url) as connection:
            return connection.execute(query.encode()).fetchall()

    assert rows("select right(id::text, 1), auth_provider, auth_subject from drafts.users order by 1") == [
        ("1", "oidc", "unlinked:00000000-0000-4000-8000-000000000001"),
        ("2", "oidc", "kim"),
        ("3", "ldap", "kim"),
        ("4", "oidc", "unlinked:00000000-0000-4000-8000-000000000004"),
    ]
    assert rows("select customer_key, last_message_at::date::text, unanswered_id from drafts.conversations") == [
        ("ann@example.com", "2026-01-05", None)
    ]
    assert rows(
        "insert into drafts.conversations (tenant_id, channel_id, external_id)"
        " select tenant_id, id, '123' from drafts.channels where external_id = 'right' returning external_id"
    ) == [("123",)]
