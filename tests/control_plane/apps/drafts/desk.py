"""A tenant that answers mail: a channel with a tool that sends replies, and a drafter that the test plays."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg

from control_plane.apps.drafts.decide_draft import decide_draft
from control_plane.apps.drafts.drafter import Abstained, CitedSource, DraftedReply, DraftRequest
from control_plane.apps.drafts.inbound import InboundMessage
from control_plane.apps.drafts.receive_message import receive_message
from control_plane.apps.drafts.request_drafts import TaskResult, request_drafts
from control_plane.apps.drafts.store import channels, drafts, functions_of, messages
from control_plane.apps.drafts.tenant_values import Channel
from control_plane.apps.drafts.values import (
    DecidedDraft,
    Draft,
    DraftDecision,
    ReceivedMessage,
    RejectionCode,
    Timeline,
)
from services.backends import Access, Backends
from services.backends.functions import Functions
from services.envelope import Actor, ActorType, Door
from services.tenants import Tenant
from tests.builders import NOW, a_tool, operator, system

INBOX = "desk@acme.example"
KIM = "kim@customer.example"
SEND = "EMAIL__desk.send"
OLGA = operator("olga")
DRAFTER = system("drafting")
PIPELINE = Actor(type=ActorType.SYSTEM, id="mailbox", door=Door.JOB)


def a_message(**overrides: Any) -> InboundMessage:
    """A mail of a customer that begins a conversation."""
    id_ = overrides.pop("external_id", f"<{uuid4()}@customer.example>")
    fields: dict[str, Any] = {
        "channel_external_id": INBOX, "conversation_keys": (), "conversation_external_id": id_, "external_id": id_,
        "subject": "My order", "text": "Where is my order?", "sent_at": NOW, "customer_email": KIM,
        "customer_name": "Kim", **overrides,
    }  # fmt: skip
    return InboundMessage(**fields)


def a_reply(**overrides: Any) -> DraftedReply:
    """What a drafter wrote."""
    fields: dict[str, Any] = {
        "text": "It is on its way.",
        "sources": (CitedSource(title="Shipping", url="https://acme.example/s", score=0.9),),
        "confidence": 0.9, "language": "en", "model_key": "offline", "prompt_version": "1", **overrides,
    }  # fmt: skip
    return DraftedReply(**fields)


@dataclass
class Scribe:
    """A drafter that returns what the test says, and keeps what it was asked."""

    answer: DraftedReply | Abstained | Exception = field(default_factory=a_reply)
    requests: list[DraftRequest] = field(default_factory=list)

    async def draft(self, request: DraftRequest) -> DraftedReply | Abstained:
        self.requests.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@dataclass
class Desk:
    """A tenant's desk, through the doors of operators and users."""

    access: Access
    url: str
    tenant: UUID
    channel: Channel
    scribe: Scribe = field(default_factory=Scribe)

    @property
    def backends(self) -> Backends:
        return self.access.operator

    @property
    def functions(self) -> Functions:
        return functions_of(self.backends)

    def as_user(self, name: str = "rita", tenant_role: str = "reviewer", *, tenant: UUID | None = None) -> Backends:
        """The services as a user of the tenant has them."""
        of = tenant or self.tenant
        claims: Mapping[str, Any] = {
            "tenant_id": str(of), "sub": name, "role": "authenticated", "tenant_role": tenant_role,
            "email": f"{name}@acme.example",
        }  # fmt: skip
        return self.access.as_tenant(of, claims, Door.API, None)

    async def receive(self, message: InboundMessage | None = None, **options: Any) -> ReceivedMessage:
        """A message arrives."""
        return await receive_message(self.backends, self.tenant, message or a_message(), actor=PIPELINE, **options)

    async def draft(self, *, limit: int = 8) -> list[TaskResult]:
        """The quiet time of every conversation is over, and the drafts are written."""
        self.run("update drafts.conversations set draft_at = now() - interval '1 second' where draft_at is not null")
        return await request_drafts(self.backends, self.scribe, actor=DRAFTER, tenant=self.tenant, limit=limit)

    async def pending(self, message: InboundMessage | None = None) -> Draft:
        """A new message with its draft."""
        await self.receive(message)
        [written] = await self.draft()
        assert written.draft_id is not None
        return await self.read(written.draft_id)

    async def read(self, draft: UUID, *, backends: Backends | None = None) -> Draft:
        """The draft as a reviewer sees it."""
        found = await drafts.read_draft(functions_of(backends or self.backends), self.tenant, draft)
        assert found is not None
        return found

    async def timeline(self, conversation: UUID) -> Timeline:
        """The conversation."""
        found = await messages.read_conversation(self.functions, self.tenant, conversation)
        assert found is not None
        return found

    async def decide(
        self, draft: Draft, decision: DraftDecision = DraftDecision.APPROVE, *, by: str | None = None, **options: Any
    ) -> DecidedDraft:
        """A reviewer decides about what they were shown: `by` a user of the tenant, else an operator."""
        if decision is DraftDecision.REJECT:
            options.setdefault("code", RejectionCode.WRONG)
        options = {"version": draft.version, "digest": draft.digest, "actor": OLGA, **options}
        backends = self.backends if by is None else self.as_user(by)
        return await decide_draft(backends, self.tenant, draft.id, decision=decision, **options)

    def run(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of the database, or a change behind the application's back."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(query.encode(), values or None)
            return cursor.fetchall() if cursor.description else []

    def audit(self) -> list[str]:
        """The categories of the audit rows about drafts, the oldest first."""
        return [
            category
            for (category,) in self.run(
                "select category from audit_log where tenant_id = %s and category ~ '^(draft|message|conversation)\\.'"
                " order by seq",
                self.tenant,
            )
        ]


async def open_desk(access: Access, url: str, *, tenant: UUID | None = None) -> Desk:
    """A new tenant, or this one, with a channel for mail and the tool of that channel."""
    if tenant is None:
        tenant = uuid4()
        await access.operator.tenants.save(Tenant(id=tenant, name="Acme"), actor=OLGA)
    await access.operator.catalog.save([a_tool(tenant_id=tenant, tool_slug=SEND)], actor=OLGA)
    channel = await channels.save_channel(
        functions_of(access.operator), tenant, external_id=INBOX, name="Desk", kind="email", reply_tool_slug=SEND,
        actor=OLGA,
    )  # fmt: skip
    return Desk(access, url, tenant, channel)


def later(number: float, since: datetime = NOW) -> datetime:
    """So many minutes after NOW."""
    return since + timedelta(minutes=number)
