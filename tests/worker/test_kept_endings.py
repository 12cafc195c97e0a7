"""A success is stored as a success, whatever errors the database has meanwhile, unless they are about the data."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from services.database.connect import connect
from services.errors import RefusedByDatabase
from tests.contract.sqlstates import NOT_ABOUT_THE_DATA
from tests.worker.world import World, eventually

PARTS = 4
BREAK = """
create sequence app_private.settle_calls;
create function app_private.fail() returns void language plpgsql security definer as $$
declare
  code text := ({codes}::text[])[nextval('app_private.settle_calls')];
begin
  if code is not null then
    raise exception using errcode = code, message = 'made to fail';
  end if;
end
$$;
"""
"""Fails with these codes one after the other, then succeeds."""


@pytest.fixture
def database_url(fresh_database_url: str) -> str:
    """A database of its own, because a function of it is made to fail."""
    return fresh_database_url


def calls(world: World) -> int:
    return int(world.sql("select last_value from app_private.settle_calls")[0][0])


@pytest.mark.parametrize("part", range(PARTS))
async def test_a_success_is_stored_as_a_success_after_any_temporary_database_error(world: World, part: int) -> None:
    codes_of_part = NOT_ABOUT_THE_DATA[part::PARTS]
    with connect(world.url) as connection:
        codes = "array[" + ", ".join(f"'{code}'" for code in codes_of_part) + "]"
        connection.execute(BREAK.replace("{codes}", codes).encode())
        settle = connection.execute("select pg_get_functiondef('worker_api.settle'::regproc)").fetchone()
        assert settle is not None
        connection.execute(str(settle[0]).replace("\nbegin\n", "\nbegin\n  perform app_private.fail();\n", 1).encode())
    (envelope,) = await world.propose(await world.add_tenant())
    async with world.working(poll_every=timedelta(milliseconds=10)):
        await eventually(lambda: calls(world) > len(codes_of_part))
        await world.become("success", envelope)
    assert (await world.get(envelope)).result == {"ok": True}
    assert world.stage.ids == [envelope]


async def test_a_settlement_refused_for_an_unrelated_reason_is_kept_and_others_are_written(world: World) -> None:
    (refused,) = await world.propose(await world.add_tenant("one"))
    sound = await world.propose(await world.add_tenant("two"), 3)
    settle, outbox = world.backends.outbox.settle, world.faulty()
    accepts = asyncio.Event()

    async def refuse(worker_id: str, settlements: Any) -> Any:
        if not accepts.is_set() and refused in {settlement.envelope_id for settlement in settlements}:
            raise RefusedByDatabase("database: a trigger of somebody's (P0001)")
        return await settle(worker_id, settlements)

    outbox.instead["settle"] = refuse
    async with world.working(poll_every=timedelta(milliseconds=10)):
        await world.become("success", *sound)
        assert await world.states(refused) == [("pending", 0)]
        more = await world.propose(world.tenant_of[sound[0]], 3)
        await world.become("success", *more)
        accepts.set()
        await world.become("success", refused)
    assert (await world.get(refused)).result == {"ok": True}
    assert world.stage.ids.count(refused) == 1
