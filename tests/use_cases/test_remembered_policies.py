"""What a process remembers for proposals is read again when it has changed, and after a minute."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.backends import Backends
from services.backends.open import memory_backends, postgres_access
from services.envelope import Actor, ActorType, Door
from services.errors import ControlPlaneError
from services.guardrails import Decision, GuardrailSettings
from services.guardrails.remembered import MAX_KEPT, TRUST_STAMPS_FOR, RememberedPolicies
from services.propose import ProposeResult, propose
from services.tenants import Tenant
from tests.builders import a_tool, operator

OLGA = operator("olga")
AGENT = Actor(type=ActorType.AGENT, id="planner")
TOOL = "ORDERS__create"
ACME = UUID(int=1)


@dataclass
class Spy:
    """Passes calls on to a service, and notes which ones."""

    service: Any
    calls: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.service, name)
        if name in {"policies", "stamps", "find"}:
            self.calls.append(name)
        return method


@dataclass
class Shop:
    """A tenant with one tool, whose proposals remember what was read before."""

    tenant: UUID
    backends: Backends
    calls: list[str]
    now: list[float]

    async def reads(self, **changes: Any) -> list[str]:
        """What the next proposal reads."""
        self.calls.clear()
        await self.ask(**changes)
        return list(self.calls)

    async def ask(self, **changes: Any) -> ProposeResult:
        document = {"tool_slug": TOOL, "arguments": {}, "external_id": str(uuid4()), **changes}
        return await propose(self.backends, {"tenant_id": str(self.tenant), **document}, actor=AGENT)

    async def set_threshold(self, threshold: float) -> None:
        settings = GuardrailSettings(tenant_id=self.tenant, trust_threshold=threshold)
        await self.backends.guardrails.save(settings, actor=OLGA)

    async def save_tool(self, version: str, schema: dict[str, Any]) -> None:
        tool = a_tool(tenant_id=self.tenant, tool_slug=TOOL, version=version, schema=schema)
        await self.backends.catalog.save([tool], actor=OLGA)


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with memory_backends() as backends:
        guardrails = Spy(backends.guardrails)
        catalog = Spy(backends.catalog, guardrails.calls)
        now = [0.0]
        remembered = RememberedPolicies(clock=lambda: now[0])
        spied = replace(backends, guardrails=guardrails, catalog=catalog, remembered=remembered)
        shop = Shop(uuid4(), spied, guardrails.calls, now)
        await backends.tenants.save(Tenant(id=shop.tenant, name="acme"), actor=OLGA)
        await shop.save_tool("1", {})
        yield shop


async def test_a_second_proposal_reads_nothing_and_a_refused_one_the_stamps(shop: Shop) -> None:
    assert await shop.reads() == ["policies", "find"]
    assert await shop.reads() == []
    with pytest.raises(ControlPlaneError, match="arguments"):
        await shop.reads(arguments={"deep": float("inf")})
    assert shop.calls == ["stamps"]
    assert await shop.reads(tool_version="1") == ["stamps", "find"]


async def test_a_changed_policy_is_read_again_and_judges(shop: Shop) -> None:
    await shop.ask(trust_context={"score": 0.5})
    await shop.set_threshold(0.9)
    verdicts = (await shop.ask(trust_context={"score": 0.5})).verdicts
    assert [verdict.guardrail for verdict in verdicts if verdict.decision is not Decision.ALLOW] == ["trust"]
    assert shop.calls == ["policies", "find", "stamps", "policies"]


@pytest.mark.parametrize("version", ["1", "2"])
async def test_a_changed_tool_is_read_again_and_checks_the_arguments(shop: Shop, version: str) -> None:
    await shop.ask()
    await shop.save_tool(version, {"type": "object", "required": ["sku"]})
    with pytest.raises(ControlPlaneError, match="sku"):
        await shop.ask()
    assert shop.calls == ["policies", "find", "stamps", "find"]


async def test_nobody_is_refused_because_of_a_remembered_tool(shop: Shop) -> None:
    await shop.save_tool("1", {"type": "object", "required": ["sku"]})
    await shop.ask(arguments={"sku": "bolt"})
    await shop.save_tool("1", {})
    assert (await shop.ask()).created


async def test_everything_is_read_again_after_a_minute(shop: Shop) -> None:
    await shop.ask()
    shop.now[0] = TRUST_STAMPS_FOR - 1
    assert await shop.reads() == []
    shop.now[0] = TRUST_STAMPS_FOR
    assert await shop.reads() == ["policies", "find"]


async def test_what_does_not_exist_is_looked_for_each_time(shop: Shop) -> None:
    for reads in (["policies", "find"], ["stamps", "find"]):
        with pytest.raises(ControlPlaneError, match="tool_slug"):
            await shop.reads(tool_slug="ORDERS__cancel")
        assert shop.calls == reads


async def test_only_so_many_are_remembered(shop: Shop) -> None:
    for number in range(MAX_KEPT + 1):
        await shop.backends.tenants.save(Tenant(id=UUID(int=number + 1), name="t"), actor=OLGA)
    remembered = shop.backends.remembered
    assert remembered is not None

    async def read(tenant: UUID) -> list[str]:
        shop.calls.clear()
        await remembered.read(shop.backends.guardrails, shop.backends.catalog, tenant, [])
        return list(shop.calls)

    for number in range(MAX_KEPT + 1):
        assert await read(UUID(int=number + 1)) == ["policies"]
    assert [await read(UUID(int=2)), await read(UUID(int=1))] == [["stamps"], ["policies"]]


async def test_agents_and_people_of_a_tenant_share_nothing(database_url: str) -> None:
    async with postgres_access(database_url, pool_size=1) as access:
        owner, member, agent, other_agent = (
            access.as_tenant(ACME, {"tenant_id": str(ACME), "tenant_role": role}, Door.API, None).remembered
            for role in ("owner", "member", "agent", "agent")
        )
    assert access.operator.remembered is None
    assert owner is member
    assert agent is other_agent
    assert agent is not owner
