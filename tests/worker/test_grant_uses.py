"""A call that a grant allows: its use is on record before the call leaves, and a revocation in between stops it."""

from uuid import UUID, uuid4

import psycopg
import pytest

from services.catalog import Tool
from services.envelope import Status
from services.grants import MAX_GRANT_TIME, Grant
from services.guardrails import GuardrailSettings
from services.pauses import PauseKind
from tests.builders import operator
from tests.worker.world import AGAIN, ONCE, World, eventually
from worker.attempts import Attempts

OLGA = operator("olga")


async def asking_tenant(world: World) -> UUID:
    """A tenant all of whose calls need an approval."""
    tenant = await world.add_tenant()
    await world.backends.guardrails.save(GuardrailSettings(tenant_id=tenant, trust_threshold=1), actor=OLGA)
    return tenant


async def issue(world: World, tenant: UUID, tools: str = "STAGE__*") -> Grant:
    return await world.backends.grants.issue(
        tenant, uuid4(), tools=tools, account_id=None, arguments=[], reason=None, lasts_for=MAX_GRANT_TIME, actor=OLGA
    )


async def uses(world: World, tenant: UUID) -> int:
    return sum(grant.use_count for grant in await world.backends.grants.list_grants(tenant, ended=True))


@pytest.mark.parametrize("slug", [AGAIN, ONCE])
async def test_a_granted_call_goes_once_and_its_use_is_on_record_before_it(world: World, slug: str) -> None:
    tenant = await asking_tenant(world)
    await issue(world, tenant)
    world.stage.curtain.clear()
    [envelope] = await world.propose(tenant, slug=slug)
    async with world.working():
        await world.stage.called(1)
        assert world.events_of(envelope)[-1] == "envelope.granted"
        world.stage.curtain.set()
        await world.become("success", envelope)
    assert (world.stage.ids, await uses(world, tenant)) == ([envelope], 1)


@pytest.mark.parametrize("slug", [AGAIN, ONCE])
async def test_a_grant_that_is_revoked_while_the_call_waits_for_a_slot_lets_nothing_go(
    world: World, slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Attempts, "capacity", lambda attempts: 0 if len(attempts) else 2)
    tenant = await asking_tenant(world)
    grant = await issue(world, tenant)
    world.stage.curtain.clear()
    first, second = await world.propose(tenant, 2, slug=slug)
    async with world.working(concurrency=1):
        await world.stage.called(1)
        await world.backends.grants.revoke(tenant, grant.id, actor=OLGA, reason=None)
        world.stage.curtain.set()
        await world.become("success", first)
        await world.become("awaiting_approval", second)
    assert world.stage.ids == [first]
    assert (await uses(world, tenant), "envelope.granted" in world.events_of(second)) == (1, False)


async def test_a_new_grant_is_found_although_the_policy_is_cached(world: World) -> None:
    tenant = await asking_tenant(world)
    async with world.working():
        [asked] = await world.propose(tenant)
        await world.become("awaiting_approval", asked)
        await issue(world, tenant)
        [granted] = await world.propose(tenant)
        await world.become("success", granted)
    assert (await world.get(asked)).status is Status.AWAITING_APPROVAL


async def test_a_locked_grant_delays_its_calls_and_no_others(world: World) -> None:
    tenant, other = await asking_tenant(world), await world.add_tenant()
    await issue(world, tenant, AGAIN)
    async with world.working():
        with psycopg.connect(world.url) as connection:
            connection.execute("select from public.grants for update")
            [granted], [free] = await world.propose(tenant), await world.propose(other)
            await world.become("success", free)
            assert granted not in world.stage.ids
        await world.become("success", granted)
    assert await uses(world, tenant) == 1


async def test_a_pause_stops_a_granted_call(world: World) -> None:
    tenant = await asking_tenant(world)
    await issue(world, tenant)
    await world.backends.pauses.start(tenant, PauseKind.TOOL, AGAIN, reason=None, ends_at=None, actor=OLGA)
    [envelope] = await world.propose(tenant)
    async with world.working():
        await eventually(lambda: "envelope.hold" in world.events_of(envelope))
    assert (world.stage.calls, await uses(world, tenant)) == ([], 0)


async def test_a_grant_for_another_tool_lets_nothing_go(world: World) -> None:
    tenant = await asking_tenant(world)
    await world.backends.catalog.save(
        [Tool(tenant_id=tenant, tool_slug="OTHER__do", version="1", provider="http")], actor=OLGA
    )
    await issue(world, tenant, "OTHER__*")
    [envelope] = await world.propose(tenant)
    async with world.working():
        await world.become("awaiting_approval", envelope)
    assert await uses(world, tenant) == 0
