"""Pauses of one tenant: whichever commits later has the later moment, by which workers see that there is a new one."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from services.guardrails import Policy
from tests.worker.world import AGAIN, World, eventually

START = "select (worker_api.start_pause(%s, 'tool', %s, null, null, 'olga') ->> 'changed_at')::timestamptz"
WAITS = "select count(*) from pg_locks where not granted"
PAUSE = "select (worker_api.pause_tenant(%s, 'olga') ->> 'paused_at')::timestamptz"


@pytest.fixture
def open_transaction(world: World) -> Iterator[psycopg.Connection]:
    """A transaction that began before everything in the test."""
    with psycopg.connect(world.url) as connection:
        connection.execute("select now()")
        yield connection


async def test_a_pause_in_a_transaction_that_began_earlier_has_the_later_moment(
    world: World, open_transaction: psycopg.Connection
) -> None:
    tenant = await world.add_tenant()
    [(committed_first,)] = world.sql(START, tenant, "A__b")
    [(one,)] = open_transaction.execute(START, [tenant, AGAIN])
    [(other,)] = open_transaction.execute(PAUSE, [tenant])
    open_transaction.commit()

    assert committed_first < one < other
    assert (await _policy(world, tenant)).last_paused_at == other


async def test_a_second_pause_waits_for_the_first_one_of_its_tenant_alone(
    world: World, open_transaction: psycopg.Connection
) -> None:
    tenant, neighbour = await world.add_tenant(), await world.add_tenant()
    [(first,)] = open_transaction.execute(START, [tenant, AGAIN])
    waiting = asyncio.create_task(asyncio.to_thread(world.sql, START, tenant, "A__b"))
    world.sql(START, neighbour, AGAIN)
    await eventually(lambda: world.sql(WAITS)[0][0] == 1)
    open_transaction.commit()

    [(second,)] = await waiting
    assert first < second


async def test_a_worker_sees_a_pause_that_committed_after_a_later_one(
    world: World, open_transaction: psycopg.Connection
) -> None:
    tenant = await world.add_tenant()
    world.sql(START, tenant, "A__b")
    async with world.working(policy_max_age=timedelta(hours=1)):
        await world.become("success", *await world.propose(tenant))
        open_transaction.execute(START, [tenant, AGAIN])
        open_transaction.commit()
        (held,) = await world.propose(tenant)
        await eventually(lambda: world.events_of(held)[-1] == "envelope.hold")
    assert len(world.stage.calls) == 1


async def _policy(world: World, tenant: UUID) -> Policy:
    [policy] = (await world.backends.guardrails.policies([tenant])).values()
    return policy
