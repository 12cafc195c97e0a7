"""Every type of event, as it is sent after the real change, is what the OpenAPI description says."""

import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from control_plane.api.app import create_app
from control_plane.auth import make_local_verifier
from services.approvals import ApprovalDecision
from services.backends import Access, Backends
from services.backends.open import memory_backends
from services.deliver_events import deliver_events
from services.envelope import Envelope
from services.guardrails import GuardrailSettings
from services.outbox import Disposition, Resolution
from services.subscriptions import SubscriptionKey
from services.subscriptions.events import EventType
from services.tools import Failed
from services.tools.http.events import EventSender
from tests.builders import HOUR, MINUTE, NOW, operator, system
from tests.clock import FakeClock
from tests.contract.builders import a_dead_letter, an_envelope_to_approve, because, put_one, run_one
from tests.contract.test_subscriptions import deliveries, subscribe, tool_of
from tests.control_plane.api.conftest import KEYS, WEBHOOK_KEY
from tests.control_plane.api.test_description import event_validator
from tests.tools.builders import a_call

OLGA = operator("olga")


@pytest.fixture(scope="module")
async def document() -> dict[str, Any]:
    async with memory_backends() as backends:
        access = Access(operator=backends, as_tenant=lambda *_caller: backends)
        return create_app(access, make_local_verifier(KEYS)).openapi()


class World:
    """What happens to one envelope of a tenant."""

    def __init__(self, backends: Backends, tenant: Any, clock: FakeClock) -> None:
        self.backends, self.tenant, self.clock = backends, tenant, clock
        self.outbox = backends.outbox

    async def propose(self) -> None:
        await put_one(self.outbox, self.tenant)

    async def end(self, disposition: Disposition, **detail: Any) -> Envelope:
        await put_one(self.outbox, self.tenant)
        return await run_one(self.outbox, disposition, **detail)

    async def ask(self, **guardrails: Any) -> Envelope:
        settings = GuardrailSettings(tenant_id=self.tenant, **guardrails)
        await self.backends.guardrails.save(settings, actor=OLGA)
        return await an_envelope_to_approve(self.outbox, self.tenant)

    async def decide(self, decision: ApprovalDecision, **guardrails: Any) -> None:
        asked = await self.ask(**guardrails)
        await self.backends.approvals.decide(
            self.tenant, asked.id, decision=decision, digest="d1", actor=OLGA, reason="as agreed",
            code=because(decision),
        )  # fmt: skip

    async def remind(self, **step: Any) -> None:
        await self.ask(approval_reminders={"default": [{"after_seconds": 60, **step}]})
        self.clock.advance(minutes=2)
        await self.backends.approvals.remind(actor=system("approval_reminders"))

    async def expire(self) -> None:
        await put_one(self.outbox, self.tenant, must_run_before=NOW + MINUTE)
        self.clock.advance(minutes=2)
        await self.outbox.expire(actor=system("retention"))

    async def cancel(self) -> None:
        envelope = await put_one(self.outbox, self.tenant)
        await self.outbox.cancel(self.tenant, envelope.id, actor=OLGA, reason="not needed")

    async def resolve(self) -> None:
        unknown = await self.end(Disposition.UNKNOWN, error="no answer")
        await self.outbox.resolve(
            self.tenant, unknown.id, decision=Resolution.SUCCESS, actor=OLGA, reason="it is there"
        )

    async def requeue(self) -> None:
        dead = await a_dead_letter(self.outbox, self.tenant)
        await self.outbox.requeue(tenant=self.tenant, envelopes=[dead.id], limit=1, actor=OLGA)

    async def edit(self) -> None:
        dead = await a_dead_letter(self.outbox, self.tenant)
        await self.outbox.requeue_edited(
            self.tenant, dead.id, arguments={"channel": "#other"}, actor=OLGA, reason="wrong channel"
        )

    async def discard(self) -> None:
        dead = await a_dead_letter(self.outbox, self.tenant)
        await self.outbox.discard(self.tenant, dead.id, actor=OLGA, reason="not needed")


LATER = NOW + HOUR
CAUSES: dict[EventType, Callable[[World], Awaitable[object]]] = {
    EventType.ENVELOPE_PROPOSED: World.propose,
    EventType.ENVELOPE_HOLD: lambda w: w.end(Disposition.HOLD, reason="quiet hours", next_run_at=LATER),
    EventType.ENVELOPE_RETRY: lambda w: w.end(Disposition.RETRY, error="HTTP 500", next_run_at=LATER),
    EventType.ENVELOPE_SUCCESS: lambda w: w.end(Disposition.SUCCESS, result={"ok": True}, digest="d1"),
    EventType.ENVELOPE_CONFLICT: lambda w: w.end(Disposition.CONFLICT, error="HTTP 409"),
    EventType.ENVELOPE_UNKNOWN: lambda w: w.end(Disposition.UNKNOWN, error="no answer"),
    EventType.ENVELOPE_FAILED: lambda w: w.end(Disposition.FAILED, error="HTTP 404"),
    EventType.ENVELOPE_DENIED: lambda w: w.end(Disposition.DENIED, reason="not in the catalog"),
    EventType.ENVELOPE_EXPIRED: World.expire,
    EventType.ENVELOPE_CANCELLED: World.cancel,
    EventType.ENVELOPE_RESOLVED: World.resolve,
    EventType.ENVELOPE_REQUEUED: World.requeue,
    EventType.ENVELOPE_EDITED: World.edit,
    EventType.ENVELOPE_DISCARDED: World.discard,
    EventType.APPROVAL_REQUESTED: World.ask,
    EventType.APPROVAL_REMINDED: World.remind,
    EventType.APPROVAL_ESCALATED: lambda w: w.remind(escalate_to="owner"),
    EventType.APPROVAL_APPROVED_ONCE: lambda w: w.decide(
        ApprovalDecision.APPROVED, approval_rules={"two_people": ["low"]}
    ),
    EventType.APPROVAL_APPROVED: lambda w: w.decide(ApprovalDecision.APPROVED),
    EventType.APPROVAL_REJECTED: lambda w: w.decide(ApprovalDecision.REJECTED),
}


def sent_body(key: SubscriptionKey, delivery: Envelope, tool: Any) -> dict[str, Any]:
    """The body of the request that delivers it."""
    call = a_call(tool, arguments=delivery.arguments)
    request = EventSender(webhook_key=WEBHOOK_KEY).request(call, key.id, NOW)
    assert not isinstance(request, Failed), request.error
    headers, body = request
    event: dict[str, Any] = json.loads(body)
    assert headers["webhook-id"] == event["id"]
    return event


@pytest.mark.parametrize("event_type", EventType)
async def test_an_event_is_sent_as_it_is_described(
    backends: Backends, tenant: Any, clock: FakeClock, document: dict[str, Any], event_type: EventType
) -> None:
    key = await subscribe(backends, tenant, event_type)
    await CAUSES[event_type](World(backends, tenant, clock))
    assert await deliver_events(backends, key) == 1
    [delivery] = await deliveries(backends, key)
    event = sent_body(key, delivery, await tool_of(backends, key))
    event_validator(document).validate(event)
    assert (event["type"], event["data"]["tenant_id"]) == (event_type, str(tenant))
    assert event["data"]["envelope_id"] == str(UUID(event["data"]["envelope_id"]))
