"""Tools that raise, and answers that cannot be stored."""

from typing import Any

import pytest

from services.errors import InvalidInput
from services.tools import Failed, Outcome, Success, ToolCall
from tests.worker.world import AGAIN, ONCE, Answers, World


@pytest.mark.parametrize(("slug", "state"), [(AGAIN, ("failed", 3)), (ONCE, ("unknown", 1))])
async def test_an_exception_of_a_provider_is_an_unknown_outcome_and_its_text_is_not_stored(
    world: World, slug: str, state: tuple[str, int]
) -> None:
    def broken(call: ToolCall) -> Outcome:
        if call.envelope_id == envelope:
            raise RuntimeError("s3cret words")
        return Success()

    tenant = await world.add_tenant()
    (envelope,) = await world.propose(tenant, slug=slug)
    (neighbour,) = await world.propose(tenant)
    world.stage.play = broken
    async with world.working():
        await world.become(state[0], envelope)
        await world.become("success", neighbour)
    assert await world.states(envelope) == [state]
    error = (await world.get(envelope)).last_error or ""
    assert "RuntimeError" in error
    assert "s3cret" not in error


@pytest.mark.parametrize("result", [{"text": "a\x00b"}, {"n": 2**70}, {1, 2}, "\ud800", {("a", 1): 2}])
async def test_a_result_that_cannot_be_stored_is_a_success_marked_unstorable(world: World, result: Any) -> None:
    tenant = await world.add_tenant()
    strange, *sound = await world.propose(tenant, 5)
    world.stage.play = lambda call: Success(result=result if call.envelope_id == strange else {"ok": True})
    async with world.working():
        await world.become("success", strange, *sound)
    assert list((await world.get(strange)).result) == ["unstorable"]
    assert {str((await world.get(each)).result) for each in sound} == {"{'ok': True}"}
    assert len(world.stage.calls) == 5


async def test_an_error_that_cannot_be_stored_still_ends_its_envelope(world: World) -> None:
    tenant = await world.add_tenant()
    (envelope,) = await world.propose(tenant)
    world.stage.play = Answers(Failed(error="a\x00b", retryable=False))
    async with world.working():
        await world.become("failed", envelope)
    assert ((await world.get(envelope)).last_error or "").startswith("unstorable: ")
    assert world.leased_lanes() == 0


async def test_a_settlement_that_the_database_rejects_leaves_its_envelope_to_the_next_worker_and_affects_no_other(
    world: World,
) -> None:
    tenant, other = await world.add_tenant("one"), await world.add_tenant("two")
    (cursed,) = await world.propose(tenant)
    sound = await world.propose(other, 3)
    settle = world.backends.outbox.settle

    async def refuse(worker_id: str, settlements: Any) -> Any:
        if cursed in {settlement.envelope_id for settlement in settlements}:
            raise InvalidInput("result", "no")
        return await settle(worker_id, settlements)

    world.faulty().instead["settle"] = refuse
    async with world.working():
        await world.become("success", *sound)
    assert await world.states(cursed) == [("pending", 0)]
    assert world.take_over("next") == [cursed]
