"""Guardrail settings and objectives are stored, audited, and take effect at once."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.accounts import Accounts, AccountStatus
from services.audit_log import AuditLogger
from services.envelope import Actor, ActorType
from services.errors import InvalidInput, NotFound
from services.guardrails import Guardrails, GuardrailSettings, Policy
from services.objectives import Objective, Objectives
from services.outbox import Outbox
from tests.builders import an_account, operator
from tests.clock import FakeClock
from tests.contract.builders import LATER, held_by

SETTINGS: dict[str, Any] = {
    "quiet_hours": {"start": 22, "end": 6, "time_zone": "Europe/Berlin"},
    "trust_threshold": 0.7,
    "scopes": {"allowed": ["GMAIL"]},
    "require_evidence": True,
    "rate_limits": {"slack.minute": {"limit": 20, "per_seconds": 60}},
    "approval_rules": {
        "two_people": ["high"],
        "require": [{"tools": "GMAIL__*", "arguments": [{"argument": "to", "one_of": ["a", None, 1]}]}],
    },
    "approval_reminders": {"default": [{"after_seconds": 60}, {"after_seconds": 120, "escalate_to": "owner"}]},
}


async def test_a_tenant_without_settings_has_the_defaults(
    guardrails: Guardrails, tenant: UUID, other_tenant: UUID
) -> None:
    policies = await guardrails.policies([tenant, other_tenant, uuid4(), tenant])

    assert policies == {
        one: Policy(tenant_id=one, settings=GuardrailSettings(tenant_id=one)) for one in (tenant, other_tenant)
    }


async def test_saved_settings_and_accounts_make_up_the_policy(
    guardrails: Guardrails, accounts: Accounts, tenant: UUID
) -> None:
    settings = GuardrailSettings(tenant_id=tenant, **SETTINGS)
    await guardrails.save(replace(settings, trust_threshold=0.1), actor=operator("olga"))
    await guardrails.save(settings, actor=operator("olga"))
    account = an_account(tenant_id=tenant, metadata={"team": "T1"})
    await accounts.save(account, actor=operator("olga"))

    assert await guardrails.policies([tenant]) == {
        tenant: Policy(tenant_id=tenant, settings=settings, version=2, accounts=(account,))
    }


async def test_changed_settings_are_audited(
    guardrails: Guardrails, audit_log: AuditLogger, tenant: UUID, clock: FakeClock
) -> None:
    await guardrails.save(GuardrailSettings(tenant_id=tenant, **SETTINGS), actor=operator("olga"))
    clock.advance(minutes=1)
    await guardrails.save(
        GuardrailSettings(tenant_id=tenant, **{**SETTINGS, "trust_threshold": 0.75}), actor=operator("omar")
    )
    await guardrails.save(
        GuardrailSettings(tenant_id=tenant, **{**SETTINGS, "trust_threshold": 0.75}), actor=operator("omar")
    )

    update, insert, _tenant = await audit_log.tail(tenant, limit=9)
    row_id = insert.entry.payload["id"]
    assert insert.entry.category == "guardrails.insert"
    assert insert.entry.payload["changed"] == {
        "id": row_id,
        "tenant_id": str(tenant),
        "evidence_max_age": None,
        **SETTINGS,
    }
    assert (update.entry.category, update.entry.actor) == (
        "guardrails.update",
        Actor(type=ActorType.OPERATOR, id="omar"),
    )
    assert update.entry.payload == {"id": row_id, "changed": {"trust_threshold": 0.75}}
    assert update.created_at == clock()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"trust_threshold": 1.01}, "trust_threshold"),
        ({"trust_threshold": -0.1}, "trust_threshold"),
        ({"quiet_hours": {"start": 1, "end": 2, "time_zone": "Mars/Olympus"}}, "quiet_hours.time_zone"),
        ({"quiet_hours": {"start": 1, "end": 2, "timezone": ""}}, "quiet_hours.time_zone"),
        ({"quiet_hours": {"start": 0, "end": 24}}, "quiet_hours"),
        ({"scopes": {"denied": []}}, "scopes.denied"),
        ({"scopes": {"allowed": ["x" * 70_000]}}, "scopes"),
        ({"approval_rules": {"two_people": "high"}}, "approval_rules.two_people"),
        ({"approval_rules": {"ask": []}}, "approval_rules.ask"),
        ({"approval_rules": {"require": [{}]}}, "approval_rules.require[0]"),
        ({"rate_limits": {"slack.minute": {"limit": 20, "per_seconds": 60, "x" * 70_000: 1}}}, "rate_limits"),
    ],
)
async def test_invalid_settings_are_refused_and_change_nothing(
    guardrails: Guardrails, audit_log: AuditLogger, tenant: UUID, wrong: dict[str, Any], field: str
) -> None:
    settings = GuardrailSettings(tenant_id=tenant, **SETTINGS)
    await guardrails.save(settings, actor=operator("olga"))

    with pytest.raises(InvalidInput) as raised:
        await guardrails.save(replace(settings, **wrong), actor=operator("olga"))

    assert raised.value.field == field
    assert (await guardrails.policies([tenant]))[tenant].settings == settings
    assert len(await audit_log.tail(tenant, limit=9)) == 2


@pytest.mark.parametrize(
    "rule",
    [
        {"tools": "a b"}, {"tools": 1}, {"risks": ["huge"]}, {"account": 1}, {"tool": "*"}, "*",
        {"arguments": [{"argument": "a"}]}, {"arguments": [{"argument": "a", "above": "1"}]},
        {"arguments": [{"argument": "a", "above": 1, "below": 2}]}, {"arguments": [{"argument": "", "equals": 1}]},
        {"arguments": [{"argument": "a", "equals": {}}]}, {"arguments": [{"argument": "a", "one_of": []}]},
        {"arguments": [{"argument": "a", "one_of": [[]]}]}, {"arguments": [{"argument": "a", "one_of": "b"}]},
    ],
)  # fmt: skip
async def test_an_approval_rule_that_cannot_be_read_is_refused(
    guardrails: Guardrails, tenant: UUID, rule: object
) -> None:
    rules = {"require": [rule]}
    with pytest.raises(InvalidInput) as raised:
        await guardrails.save(GuardrailSettings(tenant_id=tenant, approval_rules=rules), actor=operator("olga"))
    assert raised.value.field.startswith("approval_rules.require[0]")


async def test_settings_of_an_unknown_tenant_are_refused(guardrails: Guardrails) -> None:
    with pytest.raises(NotFound):
        await guardrails.save(GuardrailSettings(tenant_id=uuid4()), actor=operator("olga"))


@pytest.mark.parametrize("guardrail", ["quiet_hours", "rate", "scopes"])
async def test_envelopes_held_by_old_settings_are_judged_again_at_once(
    guardrails: Guardrails, outbox: Outbox, tenant: UUID, clock: FakeClock, guardrail: str
) -> None:
    held, parked = await held_by(outbox, tenant, guardrail), await held_by(outbox, tenant, "account")
    clock.advance(minutes=1)

    await guardrails.save(GuardrailSettings(tenant_id=tenant), actor=operator("olga"))

    assert (await outbox.get(tenant, held)).next_run_at == clock()
    assert (await outbox.get(tenant, parked)).next_run_at == LATER
    assert await outbox.due_in() == timedelta()


async def test_two_tenants_may_use_the_same_account_and_objective_ids(
    accounts: Accounts, objectives: Objectives, tenant: UUID, other_tenant: UUID
) -> None:
    account = an_account(tenant_id=tenant)
    objective = Objective(id=uuid4(), tenant_id=tenant, title="Answer fast", metric="minutes")
    await accounts.save(account, actor=operator("olga"))
    await objectives.save(objective, actor=operator("olga"))

    theirs = replace(account, tenant_id=other_tenant, status=AccountStatus.REVOKED)
    aim = replace(objective, tenant_id=other_tenant, title="Mine")
    await accounts.save(theirs, actor=operator("mallory"))
    await objectives.save(aim, actor=operator("mallory"))

    assert await accounts.list_accounts(tenant) == [account]
    assert await accounts.list_accounts(other_tenant) == [theirs]
    assert await objectives.list_objectives(tenant) == [objective]
    assert await objectives.list_objectives(other_tenant) == [aim]


async def test_objectives_are_listed_by_metric_and_title(
    objectives: Objectives, audit_log: AuditLogger, tenant: UUID
) -> None:
    slow = Objective(id=uuid4(), tenant_id=tenant, title="b", metric="minutes", summary="secret plan")
    fast = Objective(id=uuid4(), tenant_id=tenant, title="a", metric="minutes", target="5", horizon="Q1")
    cost = Objective(id=uuid4(), tenant_id=tenant, title="z", metric="euros")
    for objective in (slow, fast, cost):
        await objectives.save(objective, actor=operator("olga"))
    await objectives.save(replace(slow, target="9"), actor=operator("omar"))

    assert await objectives.list_objectives(tenant) == [cost, fast, replace(slow, target="9")]
    update, *_, insert, _tenant = await audit_log.tail(tenant, limit=9)
    assert (update.entry.category, update.entry.payload["changed"]) == ("objectives.update", {"target": "9"})
    assert insert.entry.payload["changed"]["summary"] == "…"
    with pytest.raises(NotFound):
        await objectives.save(replace(slow, id=uuid4(), tenant_id=uuid4()), actor=operator("olga"))
