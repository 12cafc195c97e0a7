"""The worker asks the guardrails before each call."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from services.approvals import ApprovalDecision, RejectionCode
from services.approvals.digest import call_digest
from services.database.connect import connect
from services.guardrails import GuardrailSettings
from services.tools import Failed
from tests.builders import HOUR, operator
from tests.db.roles import act_as
from tests.worker.world import AGAIN, Answers, World, eventually, metric


async def test_a_paused_tenant_is_held_without_an_attempt_until_it_is_resumed(world: World) -> None:
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


async def test_an_envelope_that_needs_approval_is_executed_only_after_a_person_approved_it(world: World) -> None:
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
            tenant,
            rejected,
            decision=ApprovalDecision.REJECTED,
            code=RejectionCode.OTHER,
            digest=digest,
            actor=operator("ada"),
        )
        await world.become("success", approved)
    assert world.stage.ids == [approved]
    assert await world.states(approved, rejected) == [("success", 1), ("rejected", 0)]


async def test_a_denied_envelope_is_never_executed(world: World) -> None:
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


async def test_an_envelope_that_cannot_be_judged_does_not_affect_the_rest_of_the_batch(world: World) -> None:
    tenant = await world.add_tenant()
    sound = await world.propose(tenant, 2)
    (poison,) = await world.propose(tenant, slug="STAGE__poison.do")
    sound += await world.propose(tenant, 2)
    find = world.backends.catalog.find

    async def fail_on_poison(keys: Any) -> Any:
        tool_keys = list(keys)
        if any("poison" in key.tool_slug for key in tool_keys):
            raise ValueError
        return await find(tool_keys)

    world.faulty("catalog").instead["find"] = fail_on_poison
    async with world.working():
        await world.become("success", *sound)
        await world.become("failed", poison)
    assert sorted(world.stage.ids) == sorted(sound)


async def test_a_retry_after_also_holds_the_other_envelopes_of_the_rate_bucket(world: World) -> None:
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


async def test_arguments_that_nobody_checked_are_checked_before_the_call(world: World) -> None:
    tenant = await world.add_tenant(schema={"type": "object", "properties": {"text": {"type": "string"}}})
    texts: tuple[object, ...] = ("a", 5, "a")
    fitting, broken, again = [(await world.propose(tenant, arguments={"text": text}))[0] for text in texts]
    async with world.working():
        await world.become("success", fitting, again)
        await eventually(lambda: world.events_of(broken)[-1] == "envelope.denied")
    assert sorted(world.stage.ids) == sorted([fitting, again])
    [dead] = await world.backends.outbox.list_dead_letters(tenant, limit=10)
    assert dead.last_error == "tool: The arguments break the tool's schema: arguments.text must be of type string."


async def test_a_call_that_is_not_the_approved_one_is_not_executed_once_the_threshold_is_lowered(world: World) -> None:
    tenant = await world.add_tenant()
    (envelope,) = await world.propose(tenant)
    world.sql("update public.outbox set approved_digest = %s where id = %s", "0" * 64, envelope)
    async with world.working():
        await world.become("awaiting_approval", envelope)
    assert world.stage.calls == []


async def test_what_a_tenant_writes_over_the_data_api_is_checked_before_the_call(world: World) -> None:
    schema = {"type": "object", "properties": {"text": {"type": "string"}}, "additionalProperties": False}
    tenant = await world.add_tenant(schema=schema)
    (proposed,) = await world.propose(tenant, arguments={"text": "a"})
    enqueued = uuid4()
    world.tenant_of[enqueued] = tenant
    as_owner(
        world, tenant,
        "select tenant_api.enqueue(array[%s::uuid], array[%s], array['1'], array[%s::jsonb], array[null::text],"
        " array['low'], array['by hand'], array['{}'::jsonb], array['{}'::jsonb], array[null::timestamptz])",
        enqueued, AGAIN, '{"text": 5}',
    )  # fmt: skip
    async with world.working():
        await world.become("success", proposed)
        await world.become("denied", enqueued)
        as_owner(world, tenant, "select tenant_api.requeue_edited(%s, %s)", enqueued, '{"text": "a", "to": "all"}')
        await eventually(lambda: world.events_of(enqueued).count("envelope.denied") == 2)

    assert world.stage.ids == [proposed]
    [dead] = await world.backends.outbox.list_dead_letters(tenant, limit=10)
    assert dead.arguments == {"text": "a", "to": "all"}
    assert (dead.last_error or "").startswith("tool: The arguments break the tool's schema")


def as_owner(world: World, tenant: UUID, statement: str, *args: object) -> None:
    """Run a statement as PostgREST does for an owner of the tenant."""
    with connect(world.url) as connection, connection.transaction():
        act_as(connection, "authenticated", {"tenant_id": str(tenant), "sub": "omar", "tenant_role": "owner"})
        connection.execute(statement.encode(), args)
