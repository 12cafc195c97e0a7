"""Tenants: list, add, change, pause and resume them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.audit_log import AuditEntry, AuditLogger
from services.backends import Backends
from services.envelope import Actor, ActorType
from services.errors import InvalidInput, NotFound
from services.guardrails import Guardrails
from services.outbox import Disposition, Outbox
from services.tenants import Tenant, Tenants
from tests.builders import NOW, an_account, operator
from tests.clock import FakeClock
from tests.contract.builders import close, ids, put_one, take, take_one

LATER = NOW + timedelta(hours=1)


async def test_tenants_are_listed_by_name(tenants: Tenants) -> None:
    zoe = Tenant(id=uuid4(), name="zoe")
    ann = Tenant(id=uuid4(), name="ann", plan="enterprise", lanes=256)
    for one in (zoe, ann):
        await tenants.save(one, actor=operator("olga"))

    assert await tenants.list_tenants() == [ann, zoe]


async def test_a_tenant_is_found_by_its_id(tenants: Tenants) -> None:
    ann = Tenant(id=uuid4(), name="ann", plan="enterprise", lanes=3)
    await tenants.save(ann, actor=operator("olga"))
    assert await tenants.get(ann.id) == ann

    nobody = uuid4()
    with pytest.raises(NotFound) as refused:
        await tenants.get(nobody)
    assert (refused.value.what, refused.value.id) == ("tenant", str(nobody))


async def test_a_new_tenant_is_audited_with_all_fields(tenants: Tenants, audit_log: AuditLogger) -> None:
    acme = Tenant(id=uuid4(), name="acme", lanes=2)
    await tenants.save(acme, actor=operator("olga"))

    [row] = await audit_log.tail(acme.id, limit=9)
    assert row.created_at == NOW
    assert row.entry == AuditEntry(
        tenant_id=acme.id,
        actor=Actor(type=ActorType.OPERATOR, id="olga"),
        category="tenants.insert",
        payload={
            "id": str(acme.id),
            "changed": {
                "id": str(acme.id), "name": "acme", "plan": "standard", "lanes": 2, "paused_at": None,
                "paused_reason": None, "pause_ends_at": None, "requests_per_minute": None,
                "token_requests_per_minute": None,
            },
        },
    )  # fmt: skip


async def test_a_changed_tenant_is_audited_with_the_changed_fields(
    tenants: Tenants, audit_log: AuditLogger, tenant: UUID
) -> None:
    await tenants.save(Tenant(id=tenant, name="acme", plan="enterprise"), actor=operator("omar"))
    await tenants.save(Tenant(id=tenant, name="acme", plan="enterprise"), actor=operator("omar"))

    newest, _insert = await audit_log.tail(tenant, limit=9)
    assert newest.entry == AuditEntry(
        tenant_id=tenant,
        actor=Actor(type=ActorType.OPERATOR, id="omar"),
        category="tenants.update",
        payload={"id": str(tenant), "changed": {"plan": "enterprise"}},
    )


async def test_saving_a_tenant_does_not_end_its_pause(tenants: Tenants, tenant: UUID) -> None:
    await tenants.pause(tenant, actor=operator("olga"), reason="an audit", ends_at=LATER)
    await tenants.save(Tenant(id=tenant, name="acme 2"), actor=operator("olga"))

    assert await tenants.list_tenants() == [
        Tenant(id=tenant, name="acme 2", paused_at=NOW, paused_reason="an audit", pause_ends_at=LATER)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "field"), [({"name": ""}, "name"), ({"lanes": 0}, "lanes"), ({"lanes": 257}, "lanes")]
)
async def test_invalid_tenant_fields_are_refused(tenants: Tenants, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        await tenants.save(replace(Tenant(id=uuid4(), name="acme"), **wrong), actor=operator("olga"))

    assert raised.value.field == field
    assert await tenants.list_tenants() == []


async def test_a_pause_ends_by_itself_for_every_reader(
    backends: Backends, audit_log: AuditLogger, tenant: UUID, clock: FakeClock
) -> None:
    due_at = (await put_one(backends.outbox, tenant)).next_run_at
    account = an_account(tenant_id=tenant)
    await backends.accounts.save(account, actor=operator("olga"))
    await backends.tenants.pause(tenant, actor=operator("olga"), reason="an audit", ends_at=LATER)

    shown = []
    for _ in range(2):
        one, [listed] = await backends.tenants.get(tenant), await backends.tenants.list_tenants()
        [queue], overview = await backends.outbox.status(tenant), await backends.overviews.read(None)
        policy = (await backends.guardrails.policies([tenant]))[tenant]
        assert one == listed
        assert policy.last_paused_at == policy.paused_at == one.paused_at
        assert (policy.paused_reason, policy.pause_ends_at) == (one.paused_reason, one.pause_ends_at)
        shown.append((
            one.paused_at, one.paused_reason, one.pause_ends_at, queue.paused, queue.oldest_due_at,
            overview.paused_tenants, overview.oldest_due_at,
            [each.id for each in await backends.accounts.list_to_scan(None, limit=9)],
        ))  # fmt: skip
        clock.advance(hours=1)

    assert shown == [
        (NOW, "an audit", LATER, True, None, 1, None, []),
        (None, None, None, False, due_at, 0, due_at, [account.id]),
    ]
    assert (await take_one(backends.outbox)).paused_at is None
    newest = (await audit_log.tail(tenant, limit=1))[0]
    assert newest.entry.payload["changed"] == {
        "paused_at": NOW.isoformat(), "paused_reason": "an audit", "pause_ends_at": LATER.isoformat(),
    }  # fmt: skip


async def test_a_repeated_pause_replaces_the_end_and_what_it_held_is_judged_again(
    tenants: Tenants, outbox: Outbox, tenant: UUID, clock: FakeClock
) -> None:
    await tenants.pause(tenant, actor=operator("olga"), reason="an audit")
    held = await _held(outbox, tenant, "paused")
    clock.advance(minutes=1)
    await tenants.pause(tenant, actor=operator("omar"), reason=None, ends_at=LATER)
    assert ids(await take(outbox)) == [held]

    assert (await tenants.get(tenant)).pause_ends_at == LATER
    await tenants.pause(tenant, actor=operator("omar"), reason=None)
    paused = await tenants.get(tenant)
    assert (paused.paused_at, paused.paused_reason, paused.pause_ends_at) == (NOW, "an audit", None)


async def test_a_pause_after_one_that_has_ended_is_a_new_one(tenants: Tenants, tenant: UUID, clock: FakeClock) -> None:
    await tenants.pause(tenant, actor=operator("olga"), reason="an audit", ends_at=LATER)
    clock.advance(hours=1)
    await tenants.pause(tenant, actor=operator("olga"), reason=None)

    again = await tenants.get(tenant)
    assert (again.paused_at, again.paused_reason, again.pause_ends_at) == (LATER, None, None)
    await tenants.resume(tenant, actor=operator("olga"))
    assert (await tenants.get(tenant)).paused_at is None


async def test_a_pause_of_a_tenant_cannot_end_before_it_begins(tenants: Tenants, tenant: UUID) -> None:
    with pytest.raises(InvalidInput, match=r"^ends_at: must be later than now"):
        await tenants.pause(tenant, actor=operator("olga"), reason=None, ends_at=NOW)
    assert (await tenants.get(tenant)).paused_at is None


async def test_a_repeated_pause_keeps_the_first_time_and_the_last_reason(
    tenants: Tenants, audit_log: AuditLogger, tenant: UUID, clock: FakeClock
) -> None:
    await tenants.pause(tenant, actor=operator("olga"), reason="an audit")
    clock.advance(minutes=1)
    await tenants.pause(tenant, actor=operator("omar"), reason=None)
    await tenants.pause(tenant, actor=operator("omar"), reason="a fire")

    [paused] = await tenants.list_tenants()
    assert (paused.paused_at, paused.paused_reason) == (NOW, "a fire")
    again, first, _insert = await audit_log.tail(tenant, limit=9)
    assert first.entry.payload["changed"] == {"paused_at": "2026-11-23T12:00:00+00:00", "paused_reason": "an audit"}
    assert again.entry.payload["changed"] == {"paused_reason": "a fire"}
    assert (again.entry.actor.id, again.created_at) == ("omar", clock())


async def test_envelopes_held_by_a_pause_are_judged_again_after_it_ends(
    tenants: Tenants, outbox: Outbox, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    await tenants.pause(tenant, actor=operator("olga"), reason=None)
    held = [await _held(outbox, tenant, "paused"), await _held(outbox, tenant, "quiet_hours")]
    others = await _held(outbox, other_tenant, "paused")
    clock.advance(minutes=1)

    await tenants.resume(tenant, actor=operator("olga"))

    assert [(one.paused_at, one.paused_reason) for one in await tenants.list_tenants()] == [(None, None)] * 2
    assert (await outbox.get(tenant, held[0])).next_run_at == clock()
    assert (await outbox.get(tenant, held[0])).updated_at == clock()
    assert (await outbox.get(tenant, held[1])).next_run_at == LATER
    assert (await outbox.get(other_tenant, others)).next_run_at == LATER
    assert ids(await take(outbox)) == [held[0]]


async def test_envelopes_of_a_paused_tenant_are_still_claimed(tenants: Tenants, outbox: Outbox, tenant: UUID) -> None:
    envelope = await put_one(outbox, tenant)
    await tenants.pause(tenant, actor=operator("olga"), reason=None)

    assert ids(await take(outbox)) == [envelope.id]  # the guardrails hold it, with a reason


async def test_resuming_a_tenant_that_is_not_paused_changes_nothing(
    tenants: Tenants, audit_log: AuditLogger, tenant: UUID
) -> None:
    await tenants.resume(tenant, actor=operator("olga"))

    assert len(await audit_log.tail(tenant, limit=9)) == 1


async def test_an_unknown_tenant_cannot_be_paused_or_resumed(tenants: Tenants) -> None:
    with pytest.raises(NotFound):
        await tenants.pause(uuid4(), actor=operator("olga"), reason=None)
    with pytest.raises(NotFound):
        await tenants.resume(uuid4(), actor=operator("olga"))


async def test_a_policy_shows_the_pause(tenants: Tenants, guardrails: Guardrails, tenant: UUID) -> None:
    await tenants.pause(tenant, actor=operator("olga"), reason="an audit")

    policy = (await guardrails.policies([tenant]))[tenant]
    assert (policy.paused_at, policy.paused_reason) == (NOW, "an audit")


async def _held(outbox: Outbox, tenant: UUID, guardrail: str) -> UUID:
    """An envelope that this guardrail holds until `LATER`."""
    envelope = await put_one(outbox, tenant)
    verdicts = ({"guardrail": guardrail, "decision": "hold", "reason": "wait"},)
    await close(outbox, await take_one(outbox), Disposition.HOLD, reason="wait", next_run_at=LATER, verdicts=verdicts)
    return envelope.id
