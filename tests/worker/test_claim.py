"""What one claim brings: which envelopes may be executed now, and what becomes of the others."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from services.approvals import ApprovalDecision
from services.catalog import ListedTool
from services.envelope import Actor, ActorType
from services.evidence import Reading
from services.guardrails import GuardrailSettings
from services.outbox import Disposition, UnsettledEnvelopes
from services.sync_catalog import sync_catalog
from tests.builders import HOUR, MINUTE, a_listing, an_account, operator, system
from tests.worker.judging import a_claimer, dispositions, executable, set_rate_limits
from tests.worker.test_rate_limits import BUCKET
from tests.worker.world import AGAIN, AWAY, ONCE, World


async def test_each_allowed_envelope_becomes_an_attempt_with_its_tool(world: World) -> None:
    tenant = await world.add_tenant()
    ids = await world.propose(tenant, 3)
    batch = await a_claimer(world).take()
    assert executable(batch) == ids
    assert [attempt.tool.tool_slug for attempt in batch.attempts] == [AGAIN] * 3
    assert batch.settled_unsent == ()


async def test_a_tool_removed_after_the_claim_is_not_called_and_its_envelope_is_held(world: World) -> None:
    tenant, read = await world.add_tenant(), ListedTool(name="read")
    system = Actor(type=ActorType.SYSTEM, id="catalog_drift")
    await sync_catalog(world.backends, tenant, a_listing(read), actor=system, trusted=True)
    [id_] = await world.propose(tenant, slug="FILES__read", tool_version="1")
    worker = a_claimer(world)
    claimed = await worker.claimer.claim(limit=1, tenant=None)
    await sync_catalog(world.backends, tenant, a_listing(), actor=system, may_be_empty=True)
    batch = await worker.judge(claimed, free_slots=10)
    assert executable(batch) == []
    assert dispositions(batch) == {id_: Disposition.HOLD}
    assert "FILES__read is not offered by its provider now: the envelope waits until it is" in str(
        batch.settled_unsent[0][1].reason
    )


async def test_a_call_of_a_changed_tool_needs_approval_and_every_reason_is_listed(world: World) -> None:
    tenant, read = await world.add_tenant(), ListedTool(name="read", description="Reads.")
    system = Actor(type=ActorType.SYSTEM, id="catalog_drift")
    await world.backends.guardrails.save(
        GuardrailSettings(tenant_id=tenant, trust_threshold=0.5), actor=operator("test")
    )
    for listed in (read, replace(read, description="Reads, and sends.")):
        await sync_catalog(world.backends, tenant, a_listing(listed), actor=system, trusted=True)
    [id_] = await world.propose(tenant, slug="FILES__read", tool_version="1")
    batch = await a_claimer(world).take()
    assert dispositions(batch) == {id_: Disposition.AWAITING_APPROVAL}
    reason = str(batch.settled_unsent[0][1].reason)
    assert 'tool: FILES__read was changed by its provider (description: "Reads." → "Reads, and sends.")' in reason
    assert "trust: The trust score 0 is below the threshold 0.5" in reason

    await world.backends.outbox.settle("w1", [settlement for _, settlement in batch.settled_unsent])
    [approval] = await world.backends.approvals.list_open(tenant)
    await world.backends.approvals.decide(
        tenant, id_, decision=ApprovalDecision.APPROVED, digest=approval.digest, actor=operator("olga")
    )
    assert executable(await a_claimer(world).take()) == [id_]


async def test_a_composio_call_uses_the_account_that_the_guardrails_judged(world: World) -> None:
    tenant = await world.add_tenant(provider="composio", required_scopes=("STAGE.DO",))
    for name, status in (("ca_old", "expired"), ("ca_new", "connected")):
        account = an_account(
            id=uuid4(), tenant_id=tenant, provider="stage", status=status, scopes=("STAGE",),
            metadata={"composio_id": name},
        )  # fmt: skip
        await world.backends.accounts.save(account, actor=operator("test"))
    await world.propose(tenant, 2)
    assert [attempt.login_id for attempt in (await a_claimer(world).take()).attempts] == ["ca_new", "ca_new"]


async def test_evidence_is_checked_just_before_the_call(world: World) -> None:
    tenant = await world.add_tenant()
    await world.backends.guardrails.save(
        GuardrailSettings(tenant_id=tenant, require_evidence=True, evidence_max_age=3600), actor=operator("test")
    )
    reading = Reading(tool_slug="T__read", connected_account_id=None, content="seen", sha256="a" * 64, value={})
    await world.backends.evidence.save(tenant, [reading], actor=system("test"))
    [stored] = await world.backends.evidence.list_evidence(tenant)
    known = {"id": str(stored.id), "sha256": "a" * 64}
    [proven] = await world.propose(tenant, trust_context={"evidence": [known]})
    [changed] = await world.propose(tenant, trust_context={"evidence": [{**known, "sha256": "b" * 64}]})
    [unknown_id] = await world.propose(tenant, trust_context={"evidence": [{"id": str(uuid4())}]})
    [without_id] = await world.propose(tenant, trust_context={"evidence": ["somebody said so"]})
    batch = await a_claimer(world).take()
    assert executable(batch) == [proven]
    assert dispositions(batch) == dict.fromkeys((changed, unknown_id, without_id), Disposition.DENIED)

    world.sql("update public.evidence set seen_at = now() - interval '2 hours' where tenant_id = %s", tenant)
    [stale] = await world.propose(tenant, trust_context={"evidence": [known]})
    assert dispositions(await a_claimer(world).take()) == {stale: Disposition.DENIED}


async def test_only_calls_of_tools_that_are_not_idempotent_get_a_sent_mark(world: World) -> None:
    tenant = await world.add_tenant()
    await world.propose(tenant, 2, slug=AGAIN)
    once = await world.propose(tenant, 2, slug=ONCE)
    batch = await a_claimer(world).take()
    assert len(batch.attempts) == 4
    assert sorted(world.sql("select sent from app_private.lanes")[0][0]) == sorted(once)


async def test_a_call_lost_before_its_sent_mark_is_neither_executed_nor_settled(world: World) -> None:
    tenant = await world.add_tenant()
    await world.propose(tenant, 2, slug=ONCE)
    again = await world.propose(tenant, 1, slug=AGAIN)
    outbox = world.faulty()
    outbox.held["mark_sent"] = asyncio.Event()

    async with asyncio.TaskGroup() as group:
        taking = group.create_task(a_claimer(world).take())
        await outbox.called("mark_sent", 1)
        assert len(world.take_over("w2")) == 3
        outbox.held["mark_sent"].set()

    batch = taking.result()
    assert executable(batch) == again  # its calls may be repeated, so it needs no mark
    assert batch.settled_unsent == ()


@pytest.mark.parametrize(
    ("service", "verb"),
    [("guardrails", "policies"), ("catalog", "find"), ("guardrails", "take_rate_tokens"), ("outbox", "mark_sent")],
)
async def test_every_envelope_is_released_if_the_database_fails_before_a_call_was_sent(
    world: World, service: str, verb: str
) -> None:
    tenant = await world.add_tenant(rate_bucket=BUCKET)
    await set_rate_limits(world, tenant, {BUCKET: {"limit": 9, "per_seconds": 60}})
    ids = await world.propose(tenant, 2, slug=ONCE) + await world.propose(tenant, 1)
    world.faulty(service).broken[verb] = AWAY
    batch = await a_claimer(world).take()
    assert executable(batch) == []
    assert dispositions(batch) == dict.fromkeys(ids, Disposition.RELEASE)
    assert [c.envelope.id for c, _ in batch.settled_unsent] == ids


@pytest.mark.parametrize("broken", [False, True])
async def test_lost_attempts_are_settled_by_their_sent_marks_even_if_policies_cannot_be_read(
    world: World, broken: bool
) -> None:
    tenant = await world.add_tenant()
    (sent,) = await world.propose(tenant, slug=ONCE)
    (repeatable,) = await world.propose(tenant, slug=AGAIN)
    await a_claimer(world, "crashed").take()
    world.expire_leases()
    if broken:
        world.faulty("guardrails").broken["policies"] = AWAY

    batch = await a_claimer(world, "next").take()

    assert executable(batch) == []
    assert dispositions(batch) == {sent: Disposition.UNKNOWN, repeatable: Disposition.RETRY}
    assert (
        await world.backends.outbox.settle("next", [settlement for _, settlement in batch.settled_unsent])
        == UnsettledEnvelopes()
    )
    assert await world.states(sent, repeatable) == [("unknown", 1), ("pending", 1)]


async def test_an_envelope_of_a_tool_version_that_is_not_in_the_catalog_is_denied(world: World) -> None:
    tenant = await world.add_tenant()
    (gone,) = await world.propose(tenant, tool_version="0")
    (here,) = await world.propose(tenant, tool_version="1")
    batch = await a_claimer(world).take()
    assert executable(batch) == [here]
    assert dispositions(batch) == {gone: Disposition.DENIED}


def at(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


async def test_an_envelope_past_its_deadline_expires_without_being_judged(world: World) -> None:
    tenant, now = await world.add_tenant(), datetime.now(UTC)
    [late] = await world.propose(tenant, must_run_before=now + MINUTE)
    [other] = await world.propose(tenant, must_run_before=now + HOUR)
    worker = a_claimer(world, clock=at(now + MINUTE))
    batch = await worker.take()
    assert executable(batch) == [other]
    assert dispositions(batch) == {late: Disposition.EXPIRED}
    assert [(s.reason, s.verdicts) for _, s in batch.settled_unsent] == [("its deadline has passed", None)]


async def test_an_envelope_due_only_at_its_deadline_expires_even_if_the_workers_clock_is_behind(world: World) -> None:
    tenant, now = await world.add_tenant(), datetime.now(UTC)
    [late] = await world.propose(tenant, must_run_before=now + HOUR)
    world.sql("update public.outbox set next_run_at = now() - interval '1 s', must_run_before = now() - interval '1 s'")
    worker = a_claimer(world, clock=at(now - HOUR))
    assert dispositions(await worker.take()) == {late: Disposition.EXPIRED}
