"""A call that could not be sent, for a reason outside the envelope, is held until it can. This costs no attempt and
writes one audit row."""

from datetime import UTC, datetime, timedelta

from services.explain import explain
from services.guardrails import GuardrailSettings
from services.tools import Failed, Outcome, Success, ToolCall
from tests.builders import operator
from tests.worker.world import ONCE, World, eventually

BLOCKED = Failed(error="the broker is blocked", retryable=True, held=True, retry_after=timedelta(milliseconds=20))


class BlockedFor:
    """The first so many calls are held; the next ones succeed."""

    def __init__(self, calls: int) -> None:
        self._left = calls

    def __call__(self, _: ToolCall) -> Outcome:
        self._left -= 1
        return BLOCKED if self._left >= 0 else Success()


async def test_a_held_call_may_be_held_more_often_than_the_limit_on_attempts(world: World) -> None:
    world.stage.play = BlockedFor(10)
    (envelope,) = await world.propose(await world.add_tenant(), slug=ONCE)
    async with world.working():
        await world.become("success", envelope)
    assert await world.states(envelope) == [("success", 1)]
    events = world.events_of(envelope)
    assert (events.count("envelope.hold"), events.count("envelope.retry")) == (1, 0)


async def test_a_held_call_shows_its_reason_and_does_not_delay_its_rate_bucket(world: World) -> None:
    tenant = await world.add_tenant(rate_bucket="stage.minute")
    limits = {"stage.minute": {"limit": 100, "per_seconds": 60}}
    await world.backends.guardrails.save(GuardrailSettings(tenant_id=tenant, rate_limits=limits), actor=operator("ops"))
    held, *others = await world.propose(tenant, 3)
    long = Failed(error="the broker is blocked", retryable=True, held=True, retry_after=timedelta(hours=1))
    world.stage.play = lambda call: long if call.envelope_id == held else Success()
    async with world.working(concurrency=1):
        await world.become("success", *others)

        async def is_held() -> bool:
            return (await world.get(held)).last_error == long.error

        await eventually(is_held)
    assert await world.states(held) == [("pending", 0)]
    explanation = await explain(world.backends, tenant, held, now=datetime.now(UTC))
    assert explanation.why == "held (the broker is blocked); it will be tried again, and that costs no attempt"
