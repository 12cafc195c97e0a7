"""The worker executes envelopes and settles them."""

import asyncio
from datetime import timedelta

import pytest

from services.clock import utc_now
from services.tools import Conflict, Failed, Outcome, Success, ToolCall, Unknown
from tests.builders import HOUR, SECOND
from tests.worker.world import AGAIN, ONCE, WITHIN, Answers, World, eventually, metric


async def test_each_envelope_is_executed_once_and_its_result_stored(world: World) -> None:
    tenant = await world.add_tenant(lanes=4)
    ids = await world.propose(tenant, 20) + await world.propose(tenant, 20, slug=ONCE)
    async with world.working() as worker:
        await world.become("success", *ids)
    assert sorted(world.stage.ids) == sorted(ids)
    envelope = await world.get(ids[0])
    assert (envelope.attempts, envelope.result, envelope.last_error) == (1, {"ok": True}, None)
    assert {verdict["decision"] for verdict in envelope.verdicts} == {"allow"}
    assert world.events_of(ids[0]) == ["envelope.proposed", "envelope.success"]
    assert worker.settled == {"success": 40}
    assert world.leased_lanes() == 0


async def test_a_provider_gets_the_whole_call_and_nothing_else(world: World) -> None:
    tenant = await world.add_tenant()
    (envelope,) = await world.propose(
        tenant, arguments={"to": "Zoë", "n": 1.5}, metadata={"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}
    )
    async with world.working(tool_timeout=7 * SECOND):
        await world.become("success", envelope)
    (call,) = world.stage.calls
    (tool,) = [tool for tool in await world.backends.catalog.list_tools(tenant) if tool.tool_slug == AGAIN]
    assert call == ToolCall(
        envelope_id=envelope,
        tenant_id=tenant,
        tool=tool,
        arguments={"to": "Zoë", "n": 1.5},
        connected_account_id=None,
        timeout=7 * SECOND,
        traceparent=f"00-{'a' * 32}-{'b' * 16}-01",
    )


async def test_concurrent_calls_reach_the_limit_and_never_exceed_it(world: World) -> None:
    tenants = [await world.add_tenant(name, lanes=3) for name in ("one", "two", "three")]
    ids = [each for tenant in tenants for each in await world.propose(tenant, 15)]
    world.stage.curtain.clear()
    async with world.working(concurrency=5):
        await world.stage.called(5)
        await world.let_pass()
        assert world.stage.at_once == 5
        world.stage.curtain.set()
        await world.become("success", *ids)
    assert world.stage.most_at_once == 5
    assert sorted(world.stage.ids) == sorted(ids)


async def test_a_worker_stops_claiming_while_its_settlements_are_not_written(world: World) -> None:
    tenant = await world.add_tenant()
    ids = await world.propose(tenant, 20)
    outbox = world.faulty()
    outbox.held["settle"] = asyncio.Event()
    async with world.working(concurrency=3):
        await world.stage.called(6)
        await world.let_pass()
        assert len(world.stage.calls) == 6
        outbox.held["settle"].set()
        await world.become("success", *ids)


async def test_a_retry_repeats_the_same_call_until_it_succeeds(world: World) -> None:
    tenant = await world.add_tenant()
    world.stage.play = Answers(Failed(error="busy", retryable=True), Failed(error="busy", retryable=True), Success())
    (envelope,) = await world.propose(tenant, slug=ONCE)
    async with world.working() as worker:
        await world.become("success", envelope)
    assert world.stage.ids == [envelope] * 3
    assert len({str(call) for call in world.stage.calls}) == 1
    assert await world.states(envelope) == [("success", 3)]
    assert metric(worker, "outbox_retry_total", tenant=str(tenant)) == 2
    assert world.events_of(envelope) == ["envelope.proposed", "envelope.retry", "envelope.retry", "envelope.success"]


async def test_an_envelope_whose_attempts_are_used_up_becomes_a_dead_letter(world: World) -> None:
    tenant = await world.add_tenant()
    world.stage.play = Answers(Failed(error="busy", retryable=True))
    (envelope,) = await world.propose(tenant)
    async with world.working():
        await world.become("failed", envelope)
    letter = await world.get(envelope)
    assert (letter.attempts, letter.last_error) == (3, "busy (attempt 3 of 3)")
    assert letter.moved_at is not None
    assert len(world.stage.calls) == 3


async def test_a_retry_waits_for_the_retry_after_of_the_tool(world: World) -> None:
    tenant = await world.add_tenant()
    world.stage.play = Answers(Failed(error="busy", retryable=True, retry_after=HOUR))
    (envelope,) = await world.propose(tenant)
    async with world.working():
        await eventually(lambda: world.events_of(envelope)[-1] == "envelope.retry")
    waiting = await world.get(envelope)
    assert waiting.next_run_at is not None
    assert waiting.next_run_at - waiting.updated_at > HOUR - SECOND
    assert len(world.stage.calls) == 1


@pytest.mark.parametrize(
    ("outcome", "slug", "state"),
    [
        (Conflict(error="exists"), AGAIN, ("conflict", 1)),
        (Failed(error="no", retryable=False), AGAIN, ("failed", 1)),
        (Unknown(error="no answer"), ONCE, ("unknown", 1)),
        (Unknown(error="no answer"), AGAIN, ("failed", 3)),
    ],
)
async def test_each_outcome_leads_to_its_state(
    world: World, outcome: Outcome, slug: str, state: tuple[str, int]
) -> None:
    tenant = await world.add_tenant()
    world.stage.play = Answers(outcome)
    (envelope,) = await world.propose(tenant, slug=slug)
    async with world.working():
        await world.become(state[0], envelope)
    assert await world.states(envelope) == [state]
    assert len(world.stage.calls) == state[1]


async def test_run_once_executes_one_batch_and_ends(world: World) -> None:
    tenant = await world.add_tenant()
    ids = await world.propose(tenant, 5)
    async with asyncio.timeout(WITHIN):
        await world.worker(concurrency=3).run(once=True)
    assert await world.states(*ids) == [("success", 1)] * 3 + [("pending", 0)] * 2
    assert world.leased_lanes() == 0


async def test_run_once_ends_at_once_if_nothing_is_due(world: World) -> None:
    async with asyncio.timeout(WITHIN):
        await world.worker(poll_every=HOUR).run(once=True)


async def test_two_workers_never_execute_the_same_envelope(world: World) -> None:
    tenants = [await world.add_tenant(name, lanes=2) for name in ("one", "two", "three")]
    ids = [each for tenant in tenants for each in await world.propose(tenant, 30, slug=ONCE)]
    async with world.working(worker_id="w1", concurrency=4), world.working(worker_id="w2", concurrency=4):
        await world.become("success", *ids)
    assert sorted(world.stage.ids) == sorted(ids)


async def test_a_retry_expires_if_its_deadline_comes_first(world: World) -> None:
    world.stage.play = lambda _: Failed(error="busy", retryable=True, retry_after=HOUR)
    [envelope] = await world.propose(await world.add_tenant(), must_run_before=utc_now() + timedelta(seconds=1))
    async with world.working():
        await world.become("expired", envelope)
    assert world.events_of(envelope) == ["envelope.proposed", "envelope.retry", "envelope.expired"]
    assert len(world.stage.calls) == 1
