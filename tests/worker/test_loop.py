"""The worker at work: what it executes, how often, and how it stops."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from services.approvals import ApprovalDecision
from services.approvals.digest import call_digest
from services.backends.database.outbox import DatabaseOutbox
from services.backends.database.transport.listener import Listener
from services.backends.database.transport.pool import postgres_functions
from services.clock import utc_now
from services.errors import ControlPlaneError, InvalidInput, NotReady
from services.guardrails import GuardrailSettings
from services.outbox import Claimed, Marked, Proposal, Settlement, Unsettled
from services.tools import Conflict, Failed, Outcome, Success, ToolCall, Unknown
from tests.builders import operator
from tests.worker.builders import HOUR, SECOND, worker_options
from tests.worker.world import AGAIN, AGENT, AWAY, ONCE, WITHIN, Faulty, World, at_work, eventually, metric
from worker.attempts import Attempts
from worker.loop import PAUSE_AFTER_FAILED_READS, Worker

BEAT = timedelta(milliseconds=30)


class Answers:
    """Outcomes in the order of an envelope's attempts; the last one repeats."""

    def __init__(self, *outcomes: Outcome) -> None:
        self._outcomes = outcomes
        self._given: dict[UUID, int] = {}

    def __call__(self, call: ToolCall) -> Outcome:
        attempt = self._given[call.envelope_id] = self._given.get(call.envelope_id, 0) + 1
        return self._outcomes[min(attempt, len(self._outcomes)) - 1]


async def beaten(outbox: Faulty, times: int) -> None:
    """So many heartbeats were tried."""
    await eventually(lambda: outbox.calls["heartbeat"] >= times)


async def ended(run: "asyncio.Task[None]") -> None:
    async with asyncio.timeout(WITHIN):
        await run


# -- execute and settle -------------------------------------------------------------------------------------------


async def test_each_envelope_is_executed_once_and_its_answer_kept(world: World) -> None:
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
    assert world.lanes_held() == 0


async def test_a_tool_is_told_everything_about_the_call_and_nothing_else(world: World) -> None:
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


async def test_never_more_calls_at_once_than_allowed_and_as_many_if_there_is_work(world: World) -> None:
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


async def test_endings_the_database_cannot_take_yet_hold_claiming_back(world: World) -> None:
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


async def test_a_retry_is_the_same_call_again_until_it_succeeds(world: World) -> None:
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


async def test_a_retry_waits_as_long_as_the_tool_asked(world: World) -> None:
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
async def test_each_outcome_ends_where_it_should(
    world: World, outcome: Outcome, slug: str, state: tuple[str, int]
) -> None:
    tenant = await world.add_tenant()
    world.stage.play = Answers(outcome)
    (envelope,) = await world.propose(tenant, slug=slug)
    async with world.working():
        await world.become(state[0], envelope)
    assert await world.states(envelope) == [state]
    assert len(world.stage.calls) == state[1]


async def test_once_works_off_one_batch_and_leaves(world: World) -> None:
    tenant = await world.add_tenant()
    ids = await world.propose(tenant, 5)
    async with asyncio.timeout(WITHIN):
        await world.worker(concurrency=3).run(once=True)
    assert await world.states(*ids) == [("success", 1)] * 3 + [("pending", 0)] * 2
    assert world.lanes_held() == 0


async def test_once_leaves_at_once_when_nothing_is_due(world: World) -> None:
    async with asyncio.timeout(WITHIN):
        await world.worker(poll_every=HOUR).run(once=True)


# -- guardrails ---------------------------------------------------------------------------------------------------


async def test_a_paused_tenant_is_held_without_an_attempt_and_goes_on_when_it_is_resumed(world: World) -> None:
    tenant = await world.add_tenant()
    await world.backends.tenants.pause(tenant, actor=operator("ops"), reason="audit")
    (envelope,) = await world.propose(tenant)
    async with world.working() as worker:
        await eventually(lambda: world.events_of(envelope)[-1] == "envelope.hold")
        assert await world.states(envelope) == [("pending", 0)]
        assert world.stage.calls == []
        await world.backends.tenants.resume(tenant, actor=operator("ops"))
        await world.become("success", envelope)
    assert await world.states(envelope) == [("success", 1)]
    assert metric(worker, "outbox_held_total", tenant=str(tenant), guardrail="paused") == 1


async def test_what_needs_approval_waits_for_a_person_and_is_executed_once_approved(world: World) -> None:
    tenant = await world.add_tenant()
    await world.backends.guardrails.save(
        GuardrailSettings(tenant_id=tenant, trust_threshold=0.5), actor=operator("ops")
    )
    approved, rejected = await world.propose(tenant, 2)
    approvals = world.backends.approvals
    async with world.working():
        await world.become("awaiting_approval", approved, rejected)
        assert world.stage.calls == []
        tool = (await world.backends.catalog.list_tools(tenant))[0]
        digest = call_digest(await world.get(approved), tool)
        await approvals.decide(
            tenant, approved, decision=ApprovalDecision.APPROVED, digest=digest, actor=operator("ada")
        )
        digest = call_digest(await world.get(rejected), tool)
        await approvals.decide(
            tenant, rejected, decision=ApprovalDecision.REJECTED, digest=digest, actor=operator("ada")
        )
        await world.become("success", approved)
    assert world.stage.ids == [approved]
    assert await world.states(approved, rejected) == [("success", 1), ("rejected", 0)]


async def test_what_a_guardrail_denies_is_never_executed(world: World) -> None:
    tenant = await world.add_tenant()
    await world.backends.guardrails.save(
        GuardrailSettings(tenant_id=tenant, require_evidence=True), actor=operator("ops")
    )
    (bare,) = await world.propose(tenant)
    (proven,) = await world.propose(tenant, trust_context={"evidence": ["ticket 7"]})
    async with world.working():
        await world.become("denied", bare)
        await world.become("success", proven)
    assert world.stage.ids == [proven]
    assert await world.states(bare) == [("denied", 0)]
    assert ((await world.get(bare)).last_error or "").startswith("evidence: ")


async def test_an_envelope_that_cannot_be_judged_does_not_take_its_neighbours_along(world: World) -> None:
    tenant = await world.add_tenant()
    sound = await world.propose(tenant, 2)
    (poison,) = await world.propose(tenant, slug="STAGE__poison.do")
    sound += await world.propose(tenant, 2)
    find = world.backends.catalog.find

    async def stumble(keys: Any) -> Any:
        asked = list(keys)
        if any("poison" in key.tool_slug for key in asked):
            raise ValueError
        return await find(asked)

    world.faulty("catalog").instead["find"] = stumble
    async with world.working():
        await world.become("success", *sound)
        await world.become("failed", poison)
    assert sorted(world.stage.ids) == sorted(sound)


# -- tools that misbehave -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("slug", "state"), [(AGAIN, ("failed", 3)), (ONCE, ("unknown", 1))])
async def test_a_provider_that_raises_leaves_its_call_unanswered_and_its_words_untold(
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
async def test_a_result_that_cannot_be_stored_is_a_success_that_says_so(world: World, result: Any) -> None:
    tenant = await world.add_tenant()
    strange, *sound = await world.propose(tenant, 5)
    world.stage.play = lambda call: Success(result=result if call.envelope_id == strange else {"ok": True})
    async with world.working():
        await world.become("success", strange, *sound)
    assert list((await world.get(strange)).result) == ["unstorable"]
    assert {str((await world.get(each)).result) for each in sound} == {"{'ok': True}"}
    assert len(world.stage.calls) == 5


async def test_an_error_that_cannot_be_stored_ends_its_envelope_all_the_same(world: World) -> None:
    tenant = await world.add_tenant()
    (envelope,) = await world.propose(tenant)
    world.stage.play = Answers(Failed(error="a\x00b", retryable=False))
    async with world.working():
        await world.become("failed", envelope)
    assert ((await world.get(envelope)).last_error or "").startswith("unstorable: ")
    assert world.lanes_held() == 0


async def test_an_ending_the_database_will_never_take_goes_to_the_next_worker_and_harms_nobody_else(
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


# -- waking up ----------------------------------------------------------------------------------------------------


async def test_a_notification_wakes_an_idle_worker(world: World) -> None:
    tenant = await world.add_tenant()
    outbox = world.faulty()
    async with world.working(poll_every=HOUR):
        await eventually(lambda: outbox.calls["wait_for_work"] == 2)  # the first returns as soon as it listens
        ids = await world.propose(tenant, 2)
        await world.become("success", *ids)


async def test_an_idle_worker_wakes_when_a_retry_is_due(world: World) -> None:
    tenant = await world.add_tenant()
    world.stage.play = Answers(Failed(error="busy", retryable=True, retry_after=timedelta(milliseconds=200)), Success())
    (envelope,) = await world.propose(tenant)
    async with world.working(poll_every=HOUR):
        await world.become("success", envelope)
    assert await world.states(envelope) == [("success", 2)]


async def test_where_listening_is_not_possible_polling_finds_the_work(world: World) -> None:
    tenant = await world.add_tenant()
    async with postgres_functions(world.url, size=2) as pool:
        listener = Listener("postgresql://nobody@127.0.0.1:1/none")
        world.backends = replace(world.backends, outbox=DatabaseOutbox(pool, listener))
        outbox = world.faulty()
        async with world.working():
            await eventually(lambda: outbox.calls["wait_for_work"] == 2)
            ids = await world.propose(tenant, 2)
            await world.become("success", *ids)
        await listener.close()


async def test_an_idle_worker_does_not_spin(world: World) -> None:
    outbox = world.faulty()
    async with world.working(poll_every=HOUR):
        await eventually(lambda: outbox.calls["wait_for_work"] == 2)
        await world.let_pass()
        assert outbox.calls["claim"] == 2


async def test_a_worker_that_cannot_learn_when_work_is_due_polls_and_does_not_spin(world: World) -> None:
    outbox = world.faulty()
    outbox.broken["due_in"] = AWAY
    async with world.working(poll_every=HOUR):
        await eventually(lambda: outbox.calls["wait_for_work"] == 2)
        await asyncio.gather(*[world.backends.tenants.list_tenants() for _ in range(30)])
        assert outbox.calls["claim"] == 2


@pytest.mark.parametrize("concurrency", [1, 8])
async def test_a_worker_that_rests_long_between_polls_or_waits_for_a_slot_is_healthy(
    world: World, concurrency: int
) -> None:
    (envelope,) = await world.propose(await world.add_tenant())
    world.stage.curtain.clear()
    async with world.working(poll_every=HOUR, concurrency=concurrency) as worker:
        await world.stage.called(1)
        now = worker.health.last_iteration_at
        worker.health.monotonic = lambda: now + HOUR.total_seconds()
        assert worker.health.problems() == []
        worker.health.monotonic = lambda: now + HOUR.total_seconds() + 60
        assert worker.health.problems() == ["the main loop has not run for 3660 s"]
        world.stage.curtain.set()
        await world.become("success", envelope)


async def test_a_tool_that_asks_for_a_rest_gets_it_from_the_envelopes_behind(world: World) -> None:
    tenant = await world.add_tenant(rate_bucket="stage.minute")
    limits = {"stage.minute": {"limit": 100, "per_seconds": 60}}
    await world.backends.guardrails.save(GuardrailSettings(tenant_id=tenant, rate_limits=limits), actor=operator("ops"))
    world.stage.play = Answers(Failed(error="busy", retryable=True, retry_after=HOUR))
    ids = await world.propose(tenant, 3)

    async def are_held() -> bool:
        return [(await world.get(id_)).next_run_at > soon for id_ in ids] == [True] * 3  # type: ignore[operator]

    soon = datetime.now(UTC) + HOUR / 2
    async with world.working(concurrency=1):
        await eventually(are_held)
    assert len(world.stage.calls) == 1
    assert [attempts for _, attempts in await world.states(*ids)] == [1, 0, 0]


async def test_what_waited_too_long_behind_others_is_given_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.attempt_runner.QUEUE_TIME_LIMIT", -HOUR)  # everything has
    ids = await world.propose(await world.add_tenant(), 3, slug=ONCE)
    async with world.working() as worker:
        await eventually(lambda: worker.settled.get("release", 0) > len(ids))
        assert world.stage.calls == []
        monkeypatch.undo()
        await world.become("success", *ids)
    assert [attempts for _, attempts in await world.states(*ids)] == [1, 1, 1]


@pytest.fixture
def one_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker claims two, whatever its concurrency, while it has none."""
    monkeypatch.setattr(Attempts, "capacity", lambda attempts: 0 if len(attempts) else 2)


def noted(world: World) -> int:
    return int(world.sql("select count(*) from app_private.lanes cross join unnest(sent)")[0][0])


@pytest.mark.usefixtures("one_waits")
async def test_what_waits_for_a_slot_is_noted_as_sent_when_it_leaves(world: World) -> None:
    ids = await world.propose(await world.add_tenant(), 2, slug=ONCE)
    world.stage.curtain.clear()
    async with world.working(concurrency=1):
        await world.stage.called(1)
        assert noted(world) == 1
        world.stage.curtain.set()
        await world.become("success", *ids)
    assert sorted(world.stage.ids) == sorted(ids)


async def test_calls_that_leave_together_are_noted_as_sent_together(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A statement for each would keep every connection to the database busy, and heartbeats waiting."""
    monkeypatch.setattr(Attempts, "capacity", lambda attempts: 0 if len(attempts) else 40)
    ids = await world.propose(await world.add_tenant(), 40, slug=ONCE)
    mark_sent, statements, goes_on = world.backends.outbox.mark_sent, list[int](), asyncio.Event()

    async def slow_mark_sent(worker_id: str, calls: Sequence[Claimed]) -> Marked:
        statements.append(len(calls))
        await goes_on.wait()
        return await mark_sent(worker_id, calls)

    monkeypatch.setattr(world.backends.outbox, "mark_sent", slow_mark_sent)
    world.stage.curtain.clear()
    async with world.working(concurrency=20) as worker:
        waiting = worker._sent_marks._queue  # noqa: SLF001
        await eventually(lambda: sum(statements) + waiting.qsize() == 20)
        goes_on.set()
        await world.stage.called(20)
        assert sum(statements[:2]) == 20
        world.stage.curtain.set()
        await world.become("success", *ids)


@pytest.mark.usefixtures("one_waits")
async def test_what_cannot_be_noted_as_sent_does_not_leave(world: World) -> None:
    ids = await world.propose(await world.add_tenant(), 2, slug=ONCE)
    outbox = world.faulty()
    world.stage.curtain.clear()
    async with world.working(concurrency=1) as worker:
        await world.stage.called(1)
        outbox.broken["mark_sent"] = NotReady("database: does not answer")
        world.stage.curtain.set()
        await eventually(lambda: worker.settled.get("release", 0) > 0)
        assert len(world.stage.calls) == 1
        outbox.broken.clear()
        await world.become("success", *ids)
    assert [attempts for _, attempts in await world.states(*ids)] == [1, 1]


@pytest.mark.usefixtures("one_waits")
async def test_what_is_called_off_while_it_is_noted_as_sent_goes_back(world: World) -> None:
    ids = await world.propose(await world.add_tenant(), 2, slug=ONCE)
    outbox = world.faulty()
    world.stage.curtain.clear()
    async with world.working(concurrency=1) as worker:
        await world.stage.called(1)
        outbox.held["mark_sent"] = asyncio.Event()
        world.stage.curtain.set()
        await eventually(lambda: outbox.calls["mark_sent"] == 2)
    assert worker.settled == {"success": 1, "release": 1}
    assert sorted(await world.states(*ids)) == [("pending", 0), ("success", 1)]


@pytest.mark.usefixtures("one_waits")
async def test_what_lost_its_lease_while_it_waited_does_not_leave(world: World) -> None:
    tenant = await world.add_tenant()
    ids = await world.propose(tenant, 2, slug=ONCE)
    world.stage.curtain.clear()
    async with world.working(concurrency=1) as worker:
        await world.stage.called(1)
        world.sql("update app_private.lanes set worker_id = 'another'")
        world.stage.curtain.set()
        await eventually(lambda: metric(worker, "outbox_conflict_total", tenant=str(tenant), kind="lease") == 2)
    assert len(world.stage.calls) == 1
    assert set(world.stage.ids) < set(ids)


# -- two tenants, one id ------------------------------------------------------------------------------------------


async def twins(world: World) -> tuple[UUID, tuple[UUID, UUID]]:
    """An envelope of one id for each of two tenants, though proposals must bring random ones."""
    one, two, id_ = await world.add_tenant("one"), await world.add_tenant("two"), uuid7()
    proposals = [
        Proposal(id=id_, tenant_id=tenant, tool_slug=AGAIN, external_id="x", arguments={}) for tenant in (one, two)
    ]
    await world.backends.outbox.enqueue(proposals, actor=AGENT)
    return id_, (one, two)


async def test_one_id_at_two_tenants_is_two_envelopes_and_each_is_settled(world: World) -> None:
    id_, tenants = await twins(world)

    async def are_done() -> bool:
        return {(await world.backends.outbox.get(tenant, id_)).status for tenant in tenants} == {"success"}

    async with world.working() as worker:
        await eventually(are_done)
    assert (world.stage.ids, worker.settled) == ([id_, id_], {"success": 2})
    assert world.lanes_held() == 0


async def test_one_id_at_two_tenants_is_two_dead_letters_and_the_named_one_goes_back(world: World) -> None:
    id_, tenants = await twins(world)
    world.stage.play = lambda _: Failed(error="no", retryable=False)

    async def are_dead() -> bool:
        return {(await world.backends.outbox.get(tenant, id_)).status for tenant in tenants} == {"failed"}

    async with world.working():
        await eventually(are_dead)
    back = await world.backends.outbox.requeue(tenant=tenants[0], envelopes=[id_], limit=10, actor=operator("olga"))
    assert [envelope.tenant_id for envelope in back] == [tenants[0]]
    assert (await world.backends.outbox.get(tenants[1], id_)).status == "failed"


# -- fairness -----------------------------------------------------------------------------------------------------


async def test_the_flood_of_one_tenant_does_not_delay_another(world: World) -> None:
    noisy, quiet = await world.add_tenant("noisy"), await world.add_tenant("quiet")
    flood = await world.propose(noisy, 200)
    world.stage.curtain.clear()
    async with world.working(concurrency=4):
        await world.stage.called(4)
        (envelope,) = await world.propose(quiet)
        world.stage.curtain.set()
        await world.become("success", envelope, *flood[:1])
        ids = await world.stage.called(16)
    assert ids.index(envelope) < 4 + 4 + 4  # under way, held ready, and one round of claims


async def test_a_worker_for_one_tenant_serves_no_other(world: World) -> None:
    mine, other = await world.add_tenant("mine"), await world.add_tenant("other")
    theirs = await world.propose(other, 3)
    ours = await world.propose(mine, 3)
    async with world.working(tenant=mine):
        await world.become("success", *ours)
        ours += await world.propose(mine)
        await world.become("success", *ours)
    assert sorted(world.stage.ids) == sorted(ours)
    assert await world.states(*theirs) == [("pending", 0)] * 3


# -- stopping -----------------------------------------------------------------------------------------------------


async def test_stop_claims_no_more_and_lets_attempts_finish(world: World) -> None:
    tenant = await world.add_tenant()
    ids = await world.propose(tenant, 5)
    world.stage.curtain.clear()
    worker = world.worker(concurrency=2)
    run = asyncio.create_task(worker.run())
    await world.stage.called(2)
    worker.stop()
    assert worker.health.stopping
    world.stage.curtain.set()
    await ended(run)
    assert await world.states(*ids) == [("success", 1)] * 2 + [("pending", 0)] * 3
    assert len(world.stage.calls) == 2
    assert world.lanes_held() == 0


async def test_stopping_an_idle_worker_ends_it_at_once(world: World) -> None:
    outbox = world.faulty()
    worker = world.worker(poll_every=HOUR, drain_for=HOUR)
    run = asyncio.create_task(worker.run())
    await eventually(lambda: outbox.calls["wait_for_work"] == 2)
    worker.stop()
    await ended(run)


@pytest.mark.parametrize("hurry", [True, False])
async def test_the_second_strength_cancels_and_each_tool_gets_what_its_kind_deserves(world: World, hurry: bool) -> None:
    tenant = await world.add_tenant()
    (again,) = await world.propose(tenant, slug=AGAIN)
    (once,) = await world.propose(tenant, slug=ONCE)
    world.stage.curtain.clear()
    worker = world.worker(drain_for=HOUR if hurry else timedelta(milliseconds=500))
    run = asyncio.create_task(worker.run())
    await world.stage.called(2)
    (worker.stop_now if hurry else worker.stop)()
    await ended(run)
    assert sorted(world.stage.cancelled) == sorted([again, once])
    assert await world.states(again, once) == [("pending", 1), ("unknown", 1)]
    assert world.lanes_held() == 0


async def test_a_second_stop_hurries_the_first(world: World) -> None:
    tenant = await world.add_tenant()
    (envelope,) = await world.propose(tenant)
    world.stage.curtain.clear()
    worker = world.worker(drain_for=HOUR)
    run = asyncio.create_task(worker.run())
    await world.stage.called(1)
    worker.stop()
    await asyncio.wait([run], timeout=0.02)
    assert world.stage.cancelled == []
    worker.stop_now()
    await ended(run)
    assert world.stage.cancelled == [envelope]


@pytest.mark.parametrize("finishes", [True, False])
async def test_it_may_be_hurried_at_any_moment_and_as_often_as_one_likes(world: World, finishes: bool) -> None:
    tenant = await world.add_tenant()
    (envelope,) = await world.propose(tenant)
    world.stage.curtain.clear()
    outbox = world.faulty()
    outbox.held["settle"] = asyncio.Event()
    worker = world.worker()
    run = asyncio.create_task(worker.run())
    await world.stage.called(1)
    if finishes:
        worker.stop()
        await world.let_pass()
        world.stage.curtain.set()
        await eventually(lambda: outbox.calls["settle"] == 1)
    for turn in range(50):
        if turn % 2 == 0:
            worker.stop_now()
        await asyncio.sleep(0)  # one turn of the event loop
    outbox.held["settle"].set()
    await ended(run)
    assert await world.states(envelope) == [("success", 1) if finishes else ("pending", 1)]


@pytest.mark.parametrize("strength", ["stop", "stop_now"])
async def test_what_has_not_started_when_it_stops_is_given_back_without_an_attempt(world: World, strength: str) -> None:
    tenant = await world.add_tenant()
    ids = await world.propose(tenant, 2, slug=ONCE) + await world.propose(tenant)
    outbox = world.faulty()
    outbox.held["mark_sent"] = asyncio.Event()
    worker = world.worker()
    run = asyncio.create_task(worker.run())
    await eventually(lambda: outbox.calls["mark_sent"] == 1)
    getattr(worker, strength)()
    outbox.held["mark_sent"].set()
    await ended(run)
    assert world.stage.calls == []
    assert await world.states(*ids) == [("pending", 0)] * 3
    assert world.lanes_held() == 0
    assert world.events_of(ids[0]) == ["envelope.proposed"]


async def test_a_worker_leaves_within_its_time_when_the_database_does_not_come_back(world: World) -> None:
    tenant = await world.add_tenant()
    (envelope,) = await world.propose(tenant)
    outbox = world.faulty()
    outbox.broken["settle"] = AWAY
    worker = world.worker(drain_for=timedelta(milliseconds=50))
    run = asyncio.create_task(worker.run())
    await eventually(lambda: outbox.calls["settle"] > 0)
    worker.stop()
    await ended(run)
    assert await world.states(envelope) == [("pending", 0)]
    assert world.take_over("next") == [envelope]


# -- leases -------------------------------------------------------------------------------------------------------


async def test_heartbeats_keep_the_lease_of_a_long_call(world: World) -> None:
    tenant = await world.add_tenant()
    (envelope,) = await world.propose(tenant)
    outbox = world.faulty()
    world.stage.curtain.clear()

    def runs_out_at() -> Any:
        return world.sql("select ready_at from app_private.lanes")[0][0]

    async with world.working(heartbeat_every=BEAT):
        await world.stage.called(1)
        first = runs_out_at()
        await beaten(outbox, 5)
        assert runs_out_at() >= first + 3 * BEAT
        world.stage.curtain.set()
        await world.become("success", envelope)
    assert len(world.stage.calls) == 1


async def test_an_ending_that_comes_after_the_lease_was_lost_is_refused_and_counted(world: World) -> None:
    tenant = await world.add_tenant()
    (envelope,) = await world.propose(tenant, slug=ONCE)
    world.stage.curtain.clear()
    async with world.working() as worker:
        await world.stage.called(1)
        assert world.take_over("next") == [envelope]
        world.stage.curtain.set()
        await eventually(lambda: metric(worker, "outbox_conflict_total", tenant=str(tenant), kind="lease") == 1)
    assert await world.states(envelope) == [("pending", 0)]
    assert world.sql("select worker_id, cardinality(in_flight) from app_private.lanes") == [("next", 1)]
    assert worker.settled == {}
    assert metric(worker, "outbox_processed_total", tenant=str(tenant), status="success") == 0


async def test_a_heartbeat_that_finds_the_lease_gone_cancels_the_attempt_and_settles_nothing(world: World) -> None:
    tenant, other = await world.add_tenant("one"), await world.add_tenant("two")
    (lost,) = await world.propose(tenant)
    settle, outbox, sent = world.backends.outbox.settle, world.faulty(), set[UUID]()

    async def noting(worker_id: str, settlements: Sequence[Settlement]) -> Unsettled:
        sent.update(settlement.envelope_id for settlement in settlements)
        return await settle(worker_id, settlements)

    outbox.instead["settle"] = noting
    world.stage.curtain.clear()
    async with world.working(heartbeat_every=BEAT) as worker:
        await world.stage.called(1)
        world.take_over("next")
        (kept,) = await world.propose(other)
        await world.stage.called(2)
        await eventually(lambda: world.stage.cancelled == [lost])
        world.stage.curtain.set()
        await world.become("success", kept)
    assert await world.states(lost) == [("pending", 0)]
    assert world.stage.cancelled == [lost]
    assert worker.settled == {"success": 1}
    assert sent == {kept}


async def test_an_envelope_that_comes_back_while_its_lost_attempt_still_runs_takes_nobody_along(world: World) -> None:
    tenant = await world.add_tenant()
    (envelope,) = await world.propose(tenant)
    world.stage.curtain.clear()
    async with world.working():
        await world.stage.called(1)
        assert world.take_over("next") == [envelope]
        token = world.sql("select token from app_private.lanes")[0][0]
        world.sql(
            "select worker_api.settle('next', array[%s]::uuid[], '{0}', array[%s]::bigint[], array[%s]::uuid[],"
            " '{retry}', '[null]', '{null}', '{null}', '[]')",
            str(tenant), token, str(envelope),
        )  # fmt: skip
        assert await world.stage.called(2) == [envelope] * 2
        world.stage.curtain.set()
        await world.become("success", envelope)
        (after,) = await world.propose(tenant)
        await world.become("success", after)
    assert await world.states(envelope) == [("success", 2)]


async def test_two_missed_heartbeats_cancel_what_runs_and_stop_claiming_until_one_arrives(world: World) -> None:
    tenant = await world.add_tenant()
    (again,) = await world.propose(tenant, slug=AGAIN)
    (once,) = await world.propose(tenant, slug=ONCE)
    outbox, cancelled = world.faulty(), list[int]()

    async def away(*_: object, **__: object) -> None:
        cancelled.append(len(world.stage.cancelled))
        raise AWAY

    outbox.instead["heartbeat"] = away
    outbox.held["settle"] = asyncio.Event()
    world.stage.curtain.clear()
    async with world.working(heartbeat_every=3 * BEAT):
        await world.stage.called(2)
        await beaten(outbox, 3)
        assert cancelled[:3] == [0, 0, 2]  # when each was missed

        (later,) = await world.propose(tenant)
        claims = outbox.calls["claim"]
        await beaten(outbox, outbox.calls["heartbeat"] + 2)
        assert outbox.calls["claim"] == claims

        world.stage.curtain.set()
        del outbox.instead["heartbeat"]
        outbox.held["settle"].set()
        await world.become("success", later, again)
    assert await world.states(once, later) == [("unknown", 1), ("success", 1)]


async def test_a_single_missed_heartbeat_disturbs_nobody(world: World) -> None:
    tenant = await world.add_tenant()
    (envelope,) = await world.propose(tenant)
    heartbeat, outbox = world.backends.outbox.heartbeat, world.faulty()

    async def missed_every_other_time(*args: Any, **kwargs: Any) -> Any:
        if outbox.calls["heartbeat"] % 2:
            raise AWAY
        return await heartbeat(*args, **kwargs)

    outbox.instead["heartbeat"] = missed_every_other_time
    world.stage.curtain.clear()
    async with world.working(heartbeat_every=BEAT):
        await world.stage.called(1)
        await beaten(outbox, 7)
        world.stage.curtain.set()
        await world.become("success", envelope)
    assert world.stage.cancelled == []


async def test_a_missed_heartbeat_shows_while_no_slot_is_free_for_a_claim_to_notice(world: World) -> None:
    tenant = await world.add_tenant()
    await world.propose(tenant)
    heartbeat, outbox, seen = world.backends.outbox.heartbeat, world.faulty(), asyncio.Event()

    async def missed_once(*args: Any, **kwargs: Any) -> Any:
        if outbox.calls["heartbeat"] == 1:
            raise AWAY
        await seen.wait()
        return await heartbeat(*args, **kwargs)

    outbox.instead["heartbeat"] = missed_once
    world.stage.curtain.clear()
    async with world.working(concurrency=1, heartbeat_every=BEAT) as worker:
        await world.stage.called(1)
        await eventually(lambda: worker.health.problems() == ["database: away"])
        seen.set()
        await eventually(lambda: worker.health.problems() == [])
        assert world.stage.cancelled == []


async def test_a_worker_that_missed_its_heartbeats_goes_on_by_itself_though_it_hardly_ever_polls(world: World) -> None:
    tenant = await world.add_tenant()
    (envelope,) = await world.propose(tenant, slug=ONCE)
    outbox = world.faulty()
    outbox.broken["heartbeat"] = AWAY
    world.stage.curtain.clear()
    async with world.working(heartbeat_every=BEAT, poll_every=HOUR):
        await world.stage.called(1)
        await world.become("unknown", envelope)
        world.stage.curtain.set()
        (later,) = await world.propose(tenant)
        await world.become("success", later)


# -- a database that is away --------------------------------------------------------------------------------------


async def test_a_worker_waits_for_its_database_and_says_so_meanwhile(world: World) -> None:
    tenant = await world.add_tenant()
    outbox = world.faulty()
    outbox.broken["claim"] = AWAY
    async with world.working() as worker:
        await eventually(lambda: outbox.calls["claim"] >= 3)
        assert worker.health.problems() == ["database: away"]
        (envelope,) = await world.propose(tenant)
        del outbox.broken["claim"]
        await world.become("success", envelope)
        await eventually(lambda: worker.health.problems() == [])


async def test_a_claim_whose_answer_was_lost_is_found_again_when_its_lease_runs_out(world: World) -> None:
    tenant, other = await world.add_tenant("one"), await world.add_tenant("two")
    (running,) = await world.propose(tenant)
    claim = world.backends.outbox.claim
    answers = 0

    async def lose_the_second_answer(*args: Any, **kwargs: Any) -> Any:
        nonlocal answers
        claimed = await claim(*args, **kwargs)
        answers += bool(claimed)
        if claimed and answers == 2:
            raise AWAY
        return claimed

    world.faulty().instead["claim"] = lose_the_second_answer
    world.stage.curtain.clear()
    async with world.working(lease_for=2 * SECOND, heartbeat_every=BEAT) as worker:
        await world.stage.called(1)
        envelopes = await world.propose(tenant) + await world.propose(other)
        await eventually(lambda: answers >= 2)
        world.stage.curtain.set()
        await world.become("success", running, *envelopes)
        await eventually(lambda: worker.health.problems() == [])
    assert world.stage.ids.count(running) == 1


async def test_an_ending_is_kept_until_the_database_takes_it(world: World) -> None:
    tenant = await world.add_tenant()
    (envelope,) = await world.propose(tenant, slug=ONCE)
    outbox = world.faulty()
    outbox.broken["settle"] = AWAY
    async with world.working():
        await eventually(lambda: outbox.calls["settle"] >= 3)
        assert await world.states(envelope) == [("pending", 0)]
        del outbox.broken["settle"]
        await world.become("success", envelope)
    assert len(world.stage.calls) == 1


async def test_two_workers_never_share_an_envelope(world: World) -> None:
    tenants = [await world.add_tenant(name, lanes=2) for name in ("one", "two", "three")]
    ids = [each for tenant in tenants for each in await world.propose(tenant, 30, slug=ONCE)]
    workers = [
        Worker(backends=world.backends, tools=world.stage, options=worker_options(concurrency=4), worker_id=name)
        for name in ("w1", "w2")
    ]
    async with at_work(workers[0]), at_work(workers[1]):
        await world.become("success", *ids)
    assert sorted(world.stage.ids) == sorted(ids)


# -- a database that answers with something else ------------------------------------------------------------------


async def test_a_claim_the_database_refuses_disturbs_no_call_that_runs(world: World) -> None:
    tenant = await world.add_tenant()
    world.stage.curtain.clear()
    running = await world.propose(tenant)
    outbox = world.faulty()
    async with world.working(poll_every=BEAT):
        await world.stage.called(1)
        outbox.broken["claim"] = ControlPlaneError("database: could not extend file")
        before = outbox.calls["claim"]
        await eventually(lambda: outbox.calls["claim"] > before)
        world.stage.curtain.set()
        await world.become("success", *running)
        del outbox.broken["claim"]
        await world.become("success", *await world.propose(tenant))


async def test_a_database_that_lets_us_claim_and_then_falls_silent_is_not_asked_in_a_hurry(world: World) -> None:
    tenant = await world.add_tenant()
    envelopes = await world.propose(tenant)
    guardrails = world.faulty("guardrails")
    guardrails.broken["policies"] = AWAY
    began = monotonic()
    async with world.working() as worker:
        await eventually(lambda: guardrails.calls["policies"] >= 2)
        await eventually(lambda: worker.health.problems() == [str(AWAY)])
        assert guardrails.calls["policies"] <= 1 + (monotonic() - began) / PAUSE_AFTER_FAILED_READS.total_seconds()
        del guardrails.broken["policies"]
        await world.become("success", *envelopes)


@pytest.mark.usefixtures("one_waits")
async def test_no_call_begins_once_the_deadline_has_come(world: World) -> None:
    tenant, moments = await world.add_tenant(), [utc_now()]
    first, late = await world.propose(tenant, 2, slug=ONCE, must_run_before=moments[0] + HOUR)
    world.stage.curtain.clear()
    worker = Worker(
        backends=world.backends,
        tools=world.stage,
        options=worker_options(concurrency=1),
        worker_id="w1",
        clock=lambda: moments[-1],
    )
    async with at_work(worker):
        [called] = await world.stage.called(1)
        moments.append(moments[0] + HOUR)
        world.stage.curtain.set()
        [left] = {first, late} - {called}
        await world.become("expired", left)
    assert world.stage.ids == [called]
    assert await world.states(called, left) == [("success", 1), ("expired", 0)]
    assert world.events_of(left) == ["envelope.proposed", "envelope.expired"]


async def test_a_retry_whose_deadline_comes_first_ends_by_itself(world: World) -> None:
    world.stage.play = lambda _: Failed(error="busy", retryable=True, retry_after=HOUR)
    [envelope] = await world.propose(await world.add_tenant(), must_run_before=utc_now() + timedelta(seconds=1))
    async with world.working():
        await world.become("expired", envelope)
    assert world.events_of(envelope) == ["envelope.proposed", "envelope.retry", "envelope.expired"]
    assert len(world.stage.calls) == 1
