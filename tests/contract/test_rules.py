"""Guardrail settings, accounts, tools and objectives are stored, audited, and take effect at once."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.accounts import Accounts, AccountStatus
from services.audit_log import AuditLogger
from services.catalog import Catalog, Tool, ToolKey
from services.envelope import Actor, ActorType, Risk
from services.errors import InvalidInput, NotFound
from services.guardrails import Guardrails, GuardrailSettings, Policy
from services.objectives import Objective, Objectives
from services.outbox import Disposition, Outbox
from tests.builders import NOW, a_tool, an_account, operator
from tests.clock import FakeClock
from tests.contract.builders import close, put_one, take_one


def _nested(levels: int) -> list[Any]:
    found: list[Any] = []
    for _ in range(levels):
        found = [found]
    return found


LATER = NOW + timedelta(hours=1)
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
    held, parked = await _held(outbox, tenant, guardrail), await _held(outbox, tenant, "account")
    clock.advance(minutes=1)

    await guardrails.save(GuardrailSettings(tenant_id=tenant), actor=operator("olga"))

    assert (await outbox.get(tenant, held)).next_run_at == clock()
    assert (await outbox.get(tenant, parked)).next_run_at == LATER
    assert await outbox.due_in() == timedelta()


@pytest.mark.parametrize("guardrail", ["account", "scopes"])
async def test_envelopes_held_by_an_account_are_judged_again_after_it_changed(
    accounts: Accounts, outbox: Outbox, tenant: UUID, clock: FakeClock, guardrail: str
) -> None:
    held, quiet = await _held(outbox, tenant, guardrail), await _held(outbox, tenant, "quiet_hours")
    clock.advance(minutes=1)

    await accounts.save(an_account(tenant_id=tenant), actor=operator("olga"))

    assert (await outbox.get(tenant, held)).next_run_at == clock()
    assert (await outbox.get(tenant, quiet)).next_run_at == LATER


async def test_accounts_are_listed_newest_link_first(accounts: Accounts, tenant: UUID, other_tenant: UUID) -> None:
    older, newer = an_account(tenant_id=tenant), an_account(tenant_id=tenant, linked_at=LATER)
    pending = an_account(tenant_id=tenant, linked_at=None, status="pending", scopes=())
    for account in (pending, older, newer, an_account(tenant_id=other_tenant)):
        await accounts.save(account, actor=operator("olga"))

    assert await accounts.list_accounts(tenant) == [newer, older, pending]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"metadata": []}, "metadata"),
        ({"metadata": {"note": "x" * 70_000}}, "metadata"),
        ({"metadata": {"nested": _nested(100)}}, "metadata"),
        ({"scopes": ("GMAIL", "")}, "scopes"),
    ],
)
async def test_an_unreadable_account_is_refused(
    accounts: Accounts, tenant: UUID, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as raised:
        await accounts.save(replace(an_account(tenant_id=tenant), **wrong), actor=operator("olga"))

    assert raised.value.field.startswith(field)
    assert await accounts.list_accounts(tenant) == []


async def test_the_limit_of_accounts_holds_for_simultaneous_requests(accounts: Accounts, tenant: UUID) -> None:
    for start in range(0, 190, 10):
        await asyncio.gather(
            *(accounts.save(an_account(tenant_id=tenant), actor=operator("olga")) for _ in range(start, start + 10))
        )

    errors = await asyncio.gather(
        *(accounts.save(an_account(tenant_id=tenant), actor=operator("olga")) for _ in range(20)),
        return_exceptions=True,
    )

    stored = await accounts.list_accounts(tenant)
    assert len(stored) == 200
    assert [str(error) for error in errors if error is not None] == [
        "connected_accounts: the tenant has 200 accounts, the maximum is 200; delete some first"
    ] * 10
    await accounts.save(replace(stored[0], status=AccountStatus.ERROR), actor=operator("olga"))


async def test_the_metadata_of_a_tenants_accounts_is_limited(
    accounts: Accounts, tenant: UUID, other_tenant: UUID
) -> None:
    big = {"note": "x" * 60_000}
    for _ in range(8):
        await accounts.save(an_account(tenant_id=tenant, metadata=big), actor=operator("olga"))

    with pytest.raises(InvalidInput, match="metadata: the tenant's accounts would hold more than 524288 bytes"):
        await accounts.save(an_account(tenant_id=tenant, metadata=big), actor=operator("olga"))
    await accounts.save(an_account(tenant_id=other_tenant, metadata=big), actor=operator("olga"))


async def test_a_changed_account_is_audited_without_its_metadata(
    accounts: Accounts, audit_log: AuditLogger, tenant: UUID
) -> None:
    account = an_account(tenant_id=tenant, metadata={"note": "private"})
    await accounts.save(account, actor=operator("olga"))
    await accounts.save(replace(account, status=AccountStatus.REVOKED, metadata={}), actor=operator("omar"))

    update, insert, _tenant = await audit_log.tail(tenant, limit=9)
    assert insert.entry.category == "connected_accounts.insert"
    assert insert.entry.payload["changed"] == {
        "id": str(account.id), "tenant_id": str(tenant), "provider": "slack", "status": "connected",
        "scopes": ["SLACK"], "linked_at": "2026-11-23T12:00:00+00:00", "metadata": "…",
        "expires_at": None, "problem": None,
    }  # fmt: skip
    assert update.entry.category == "connected_accounts.update"
    assert update.entry.payload == {"id": str(account.id), "changed": {"status": "revoked", "metadata": "…"}}


async def test_invalid_account_fields_are_refused(accounts: Accounts, tenant: UUID) -> None:
    for wrong, field in [
        ({"status": "fine"}, "status"), ({"metadata": {"x": "x" * 65_536}}, "metadata"),
        ({"metadata": {"refresh_token": "s3cret"}}, "metadata"),
        ({"linked_at": NOW.replace(year=1969)}, "linked_at"), ({"expires_at": NOW.replace(year=9999)}, "expires_at"),
    ]:  # fmt: skip
        with pytest.raises(InvalidInput) as raised:
            await accounts.save(replace(an_account(tenant_id=tenant), **wrong), actor=operator("olga"))  # type: ignore[arg-type]
        assert raised.value.field == field
    with pytest.raises(NotFound):
        await accounts.save(an_account(tenant_id=uuid4()), actor=operator("olga"))
    assert await accounts.list_accounts(tenant) == []


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


async def test_tools_are_listed_by_slug_then_newest_version_first(catalog: Catalog, tenant: UUID) -> None:
    nine, ten = a_tool(tenant_id=tenant, version="9"), a_tool(tenant_id=tenant, version="10")
    mail = _mail(tenant)
    await catalog.save([nine, ten, mail], actor=operator("olga"))
    assert await catalog.list_tools(tenant) == [mail, ten, nine]

    await catalog.save([replace(nine, description="changed")], actor=operator("olga"))  # which does not make it newer
    assert await catalog.list_tools(tenant) == [mail, ten, replace(nine, description="changed")]


async def test_tools_are_found_by_version_or_the_newest(catalog: Catalog, tenant: UUID, other_tenant: UUID) -> None:
    one, two, mail = a_tool(tenant_id=tenant), a_tool(tenant_id=tenant, version="2"), _mail(tenant)
    await catalog.save([one, two], actor=operator("olga"))
    await catalog.save([mail], actor=operator("olga"))
    newest, first = ToolKey(tenant, one.tool_slug, None), ToolKey(tenant, one.tool_slug, "1")
    unknown = [ToolKey(other_tenant, one.tool_slug, None), ToolKey(tenant, one.tool_slug, "3")]

    found = await catalog.find([newest, *unknown, first, ToolKey(tenant, mail.tool_slug, None), newest])

    assert found == {newest: two, first: one, ToolKey(tenant, mail.tool_slug, None): mail}
    assert await catalog.find([]) == {}


async def test_of_equal_entries_in_one_batch_the_last_counts(catalog: Catalog, tenant: UUID) -> None:
    one, two = a_tool(tenant_id=tenant, version="1"), a_tool(tenant_id=tenant, version="2")
    await catalog.save([one, two, replace(one, idempotent=True)], actor=operator("olga"))

    assert await catalog.list_tools(tenant) == [replace(one, idempotent=True), two]


async def test_a_changed_tool_is_audited_without_its_json(
    catalog: Catalog, audit_log: AuditLogger, tenant: UUID
) -> None:
    mail = _mail(tenant)
    await catalog.save([mail], actor=operator("olga"))
    await catalog.save([replace(mail, config={"url": "https://elsewhere.test"}, risk=Risk.LOW)], actor=operator("omar"))

    update, insert, _tenant = await audit_log.tail(tenant, limit=9)
    assert insert.entry.payload["changed"] == {
        "id": insert.entry.payload["id"], "tenant_id": str(tenant), "tool_slug": "GMAIL__send", "version": "3",
        "display_name": "", "description": "…", "risk": "high", "schema": "…", "required_scopes": ["GMAIL.SEND"],
        "provider": "mcp", "config": "…", "idempotent": True, "rate_bucket": "mail.day", "source": "",
        "annotations": "…", "scan": None, "schema_hash": "", "status": "active", "drift": "…",
    }  # fmt: skip
    assert (update.entry.category, update.entry.actor.id) == ("tool_catalog.update", "omar")
    assert update.entry.payload["changed"] == {"config": "…", "risk": "low"}


async def test_an_invalid_tool_refuses_its_whole_batch(catalog: Catalog, tenant: UUID) -> None:
    for wrong in ({"tool_slug": ""}, {"version": ""}, {"risk": "extreme"}):
        with pytest.raises(InvalidInput) as raised:
            await catalog.save([_mail(tenant), replace(a_tool(tenant_id=tenant), **wrong)], actor=operator("olga"))  # type: ignore[arg-type]
        assert raised.value.field == next(iter(wrong))
    with pytest.raises(NotFound):
        await catalog.save([_mail(tenant), a_tool(tenant_id=uuid4())], actor=operator("olga"))
    assert await catalog.list_tools(tenant) == []


def _mail(tenant: UUID) -> Tool:
    return Tool(
        tenant_id=tenant, tool_slug="GMAIL__send", version="3", risk=Risk.HIGH, schema={"type": "object"},
        required_scopes=("GMAIL.SEND",), provider="mcp", config={"server": "mail", "tool": "send"}, idempotent=True,
        rate_bucket="mail.day",
    )  # fmt: skip


async def _held(outbox: Outbox, tenant: UUID, guardrail: str) -> UUID:
    """An envelope that this guardrail holds until `LATER`."""
    envelope = await put_one(outbox, tenant)
    verdicts = (
        {"guardrail": "trust", "decision": "allow", "reason": "fine"},
        {"guardrail": guardrail, "decision": "hold", "reason": "wait"},
    )
    await close(outbox, await take_one(outbox), Disposition.HOLD, reason="wait", next_run_at=LATER, verdicts=verdicts)
    return envelope.id
