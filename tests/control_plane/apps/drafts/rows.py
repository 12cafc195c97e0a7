"""Rows of conversations, drafts and decisions, written straight into the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg.types.json import Jsonb

from control_plane.apps.drafts.learning.edits import describe_edit
from services.database.connect import connect

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SOURCES = [{"title": "Returns", "url": "https://shop.example/returns", "score": 0.9}]


@dataclass(frozen=True, slots=True)
class Rows:
    """A tenant with a mail channel, one agent, and the application itself as a user."""

    connection: psycopg.Connection
    tenant: UUID
    channel: UUID
    agent: UUID
    system: UUID

    def conversation(
        self,
        question: str = "How long may I return it?",
        *,
        at: datetime = NOW,
        email: str | None = "maria@example.com",
        name: str | None = "Maria Lopez",
    ) -> tuple[UUID, UUID]:
        """A conversation with one message of the customer: the ids of both."""
        conversation, message = uuid4(), uuid4()
        self.insert(
            "conversations", id=conversation, channel_id=self.channel, external_id=str(conversation), subject="Return",
            customer_email=email, customer_name=name, unanswered_id=message, created_at=at,
        )  # fmt: skip
        self.insert(
            "messages", id=message, conversation_id=conversation, external_id=f"<{message}@example.com>",
            direction="inbound", subject="Return", body_text=question, sent_at=at, from_address=email,
        )  # fmt: skip
        return conversation, message

    def draft(self, text: str = "You have 30 days.", *, at: datetime = NOW, **columns: Any) -> UUID:
        """A pending draft that answers a new conversation, or that of the given columns."""
        draft = uuid4()
        if "conversation_id" not in columns:
            columns["conversation_id"], columns["trigger_message_id"] = self.conversation(at=at)
        given = {"model_key": "m1", "prompt_version": "v1", "topic": "returns", "confidence": 0.9, **columns}
        self.insert(
            "drafts", id=draft, suggested_text=text, top_sources=Jsonb(SOURCES), created_at=at, due_at=at, **given
        )  # fmt: skip
        return draft

    def decide(
        self,
        draft: UUID,
        *,
        final: str | None = None,
        code: str | None = None,
        at: datetime = NOW,
        user: UUID | None = None,
    ) -> UUID:
        """Approve the draft, edit it to `final`, or reject it with `code`. Returns the action."""
        row = self.connection.execute(
            "select suggested_text from drafts.drafts where tenant_id = %s and id = %s", [self.tenant, draft]
        ).fetchone()
        assert row is not None
        action, text = uuid4(), row[0]
        kind = "reject" if code else "approve" if final is None else "edit"
        diff = None if final is None else Jsonb(describe_edit(text, final))
        self.insert(
            "draft_actions", id=action, draft_id=draft, user_id=user or self.agent, type=kind, code=code,
            final_text=None if code else final or text, diff_json=diff, created_at=at,
        )  # fmt: skip
        if diff is not None:
            self.insert("learning_samples", draft_id=draft, action_id=action, diff_json=diff, created_at=at)
        self.connection.execute(
            "update drafts.drafts set status = %s where tenant_id = %s and id = %s",
            ["archived" if code else "sent", self.tenant, draft],
        )
        return action

    def insert(self, table: str, **columns: Any) -> None:
        """One row of schema drafts."""
        names = ", ".join(["tenant_id", *columns])
        places = ", ".join(["%s"] * (len(columns) + 1))
        statement = f"insert into drafts.{table} ({names}) values ({places})"  # noqa: S608  # names of ours
        self.connection.execute(statement.encode(), [self.tenant, *columns.values()])


@contextmanager
def rows_of(url: str, name: str = "acme") -> Iterator[Rows]:
    """The rows of a new tenant. Each row is committed at once."""
    with connect(url) as connection:
        connection.autocommit = True
        tenant, channel, agent, system = uuid4(), uuid4(), uuid4(), uuid4()
        connection.execute("insert into public.tenants (id, name) values (%s, %s)", [tenant, name])
        rows = Rows(connection, tenant, channel, agent, system)
        rows.insert("channels", id=channel, type="email", external_id=f"help@{name}.example", name="Help")
        for user, provider in ((agent, "oidc"), (system, "system")):
            rows.insert(
                "users", id=user, email=f"{provider}@{name}.example", display_name=provider, auth_provider=provider,
                auth_subject=provider,
            )  # fmt: skip
        yield rows


def hours(number: float) -> timedelta:
    return timedelta(hours=number)
