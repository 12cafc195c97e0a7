"""The data of the questions: a tool that honours the idempotency key, and tenants with every kind of guardrail."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from uuid_utils.compat import uuid7

from services.backends import Backends
from services.catalog import Tool
from services.envelope import Actor, ActorType
from services.guardrails import GuardrailSettings
from services.outbox import Proposal
from services.tenants import Tenant
from tests.builders import operator

TENANTS = 50
TOOL = "ORDERS__create"
AGENT = Actor(type=ActorType.AGENT, id="bench")
BATCH = 1000
"""Proposed in one call."""


async def make_tenants(
    backends: Backends, count: int = TENANTS, *, provider: str = "http", config: Mapping[str, Any] | None = None
) -> list[UUID]:
    """Tenants with settings for every guardrail, which allow the envelopes of the bench."""
    tenants = [uuid4() for _ in range(count)]
    for tenant in tenants:
        await backends.tenants.save(Tenant(id=tenant, name=f"tenant {tenant}"), actor=operator("bench"))
        await backends.guardrails.save(
            GuardrailSettings(
                tenant_id=tenant,
                quiet_hours={
                    "time_zone": "Europe/Berlin",
                    "windows": [{"days": ["mon"], "start": "03:00", "end": "03:01"}],
                },
                trust_threshold=0.5,
                scopes={"allowed": ["ORDERS"]},
            ),
            actor=operator("bench"),
        )
    tools = [
        Tool(
            tenant_id=tenant, tool_slug=TOOL, version="1", provider=provider, config=config or {}, idempotent=True,
            schema={},
        )
        for tenant in tenants
    ]  # fmt: skip
    await backends.catalog.save(tools, actor=operator("bench"))
    return tenants


def a_proposal(tenant: UUID, *, at: datetime | None = None, **metadata: Any) -> Proposal:
    """About 200 bytes of arguments."""
    return Proposal(
        id=uuid7(),
        tenant_id=tenant,
        tool_slug=TOOL,
        tool_version="1",
        arguments={"sku": "bolt-m8", "quantity": 5, "note": "n" * 120},
        external_id=f"order-{uuid4()}",
        trust_context={"score": 0.9},
        metadata=metadata,
        next_run_at=at,
    )


async def fill(backends: Backends, tenants: Sequence[UUID], count: int) -> None:
    """So many envelopes that are due at once, of the tenants in turn."""
    for start in range(0, count, BATCH):
        some = range(start, min(start + BATCH, count))
        await backends.outbox.enqueue([a_proposal(tenants[n % len(tenants)]) for n in some], actor=AGENT)
