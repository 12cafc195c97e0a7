"""How an agent that orders bolts is tested, without a database and without waiting."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.backends import Backends
from services.backends.open import memory_backends
from services.catalog import Tool
from services.clock import Clock, FakeClock
from services.envelope import Actor, ActorType, Status
from services.guardrails import Decision, GuardrailSettings
from services.outbox import Disposition, Settlement
from services.propose import ProposeResult, propose
from services.tenants import Tenant

TENANT = UUID("11111111-1111-4111-8111-111111111111")
MINUTE = timedelta(minutes=1)
TESTER = Actor(type=ActorType.OPERATOR, id="test")


async def order_bolts(backends: Backends, clock: Clock, *, order: str, quantity: int) -> ProposeResult:
    """The agent: what you want to test."""
    request = {
        "tenant_id": str(TENANT),
        "tool_slug": "SHOP__order.create",
        "arguments": {"sku": "bolt", "quantity": quantity},
        "external_id": f"order-{order}",
    }
    return await propose(backends, request, actor=Actor(type=ActorType.AGENT, id="buyer"), clock=clock)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 11, 23, 23, 0, tzinfo=UTC))


@pytest.fixture
async def backends(clock: FakeClock) -> AsyncIterator[Backends]:
    """One tenant that may not be disturbed at night, with one tool."""
    async with memory_backends(clock=clock) as services:
        await services.tenants.save(Tenant(id=TENANT, name="Acme"), actor=TESTER)
        tool = Tool(tenant_id=TENANT, tool_slug="SHOP__order.create", version="1", provider="http")
        await services.catalog.save([tool], actor=TESTER)
        night = {"start": 22, "end": 6, "time_zone": "UTC"}
        await services.guardrails.save(GuardrailSettings(tenant_id=TENANT, quiet_hours=night), actor=TESTER)
        yield services


async def test_the_same_order_twice_is_one_envelope(backends: Backends, clock: FakeClock) -> None:
    first = await order_bolts(backends, clock, order="7", quantity=100)
    again = await order_bolts(backends, clock, order="7", quantity=100)
    assert (again.envelope.id, again.created) == (first.envelope.id, False)


async def test_an_order_at_night_is_held_until_the_morning(backends: Backends, clock: FakeClock) -> None:
    held = await order_bolts(backends, clock, order="7", quantity=100)
    clock.advance(hours=8)
    morning = await order_bolts(backends, clock, order="8", quantity=100)
    decisions = [{verdict.decision for verdict in proposed.verdicts} for proposed in (held, morning)]
    assert decisions == [{Decision.ALLOW, Decision.HOLD}, {Decision.ALLOW}]


async def test_an_order_without_an_answer_waits_for_a_person(backends: Backends, clock: FakeClock) -> None:
    await order_bolts(backends, clock, order="7", quantity=100)
    [claimed] = await backends.outbox.claim("test", limit=1, lease_for=MINUTE)  # what a worker does
    ending = Settlement(lease=claimed.lease, envelope_id=claimed.envelope.id, to=Disposition.UNKNOWN)
    await backends.outbox.settle("test", [ending])

    again = await order_bolts(backends, clock, order="7", quantity=100)

    assert again.envelope.status is Status.UNKNOWN
    assert await backends.outbox.claim("test", limit=1, lease_for=MINUTE) == []
