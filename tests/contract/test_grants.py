"""Grants: issued by people for seven days at most, revoked at once, and every use on record once."""

from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.audit_log import AuditLogger
from services.backends import Backends
from services.errors import InvalidInput, NotAllowed, NotFound
from services.grants import Grant, GrantUse
from services.guardrails import GuardrailSettings
from services.issue_grant import issue_grant
from services.outbox import ClaimedEnvelope, Disposition, GrantedCall, GrantUses
from tests.builders import AGENT, HOUR, MINUTE, NOW, a_tool, an_account, operator, system
from tests.clock import FakeClock
from tests.contract.builders import WORKER, close, put_one, take_one

OLGA = operator("olga")
DAY = timedelta(days=1)
BELOW = {"argument": "amount", "below": 100}


async def issue(backends: Backends, tenant: UUID, **overrides: Any) -> Grant:
    fields: dict[str, Any] = {
        "tools": "SLACK__*", "account_id": None, "arguments": [BELOW], "reason": "spring sale", "lasts_for": DAY,
        "actor": OLGA, **overrides,
    }  # fmt: skip
    return await backends.grants.issue(tenant, uuid4(), **fields)


def using(claimed: ClaimedEnvelope, grant: Grant) -> GrantedCall:
    return GrantedCall(claimed=claimed, grant_id=grant.id, digest="d1")


async def claimed_one(backends: Backends, tenant: UUID, **proposal: Any) -> ClaimedEnvelope:
    await put_one(backends.outbox, tenant, **proposal)
    return await take_one(backends.outbox)


async def rows(audit_log: AuditLogger, tenant: UUID, category: str) -> list[Any]:
    found = await audit_log.tail(tenant, limit=100)
    return [(row.entry.actor.id, row.entry.payload) for row in reversed(found) if row.entry.category == category]


async def test_a_grant_is_kept_with_its_terms_and_the_audit_row_has_only_their_hash(
    backends: Backends, audit_log: AuditLogger, tenant: UUID, other_tenant: UUID
) -> None:
    account = uuid4()
    grant = await issue(backends, tenant, account_id=account)

    assert grant == Grant(
        tenant_id=tenant, id=grant.id, tools="SLACK__*", account_id=account, arguments=(BELOW,), reason="spring sale",
        issued_at=NOW, issued_by="olga", expires_at=NOW + DAY,
    )  # fmt: skip
    assert await backends.grants.list_grants(tenant) == [grant]
    assert await backends.grants.list_grants(other_tenant) == []
    assert await backends.grants.get(tenant, grant.id) == grant
    with pytest.raises(NotFound, match=f"grant: no grant {grant.id}"):
        await backends.grants.get(other_tenant, grant.id)
    assert (await backends.guardrails.policies([tenant]))[tenant].grants == (grant,)
    [(who, payload)] = await rows(audit_log, tenant, "grant.issued")
    assert (who, set(payload), payload["grant_id"]) == (
        "olga", {"grant_id", "expires_at", "terms_sha256"}, str(grant.id),
    )  # fmt: skip


async def test_the_same_terms_have_the_same_hash_on_every_backend(
    backends: Backends, audit_log: AuditLogger, tenant: UUID
) -> None:
    await issue(backends, tenant)
    [(_, payload)] = await rows(audit_log, tenant, "grant.issued")
    terms = '{"tools": "SLACK__*", "arguments": [{"below": 100, "argument": "amount"}], "account_id": null}'
    assert payload["terms_sha256"] == sha256(terms.encode()).hexdigest()


@pytest.mark.parametrize("wrong", [
    {"lasts_for": timedelta(days=7, seconds=1)}, {"lasts_for": timedelta(0)}, {"lasts_for": -DAY},
    {"tools": "*"}, {"tools": "*__refund"}, {"tools": ""}, {"tools": "SLACK __x"}, {"tools": "A" * 256},
    {"arguments": [{"argument": "amount"}]}, {"arguments": [{"argument": "amount", "like": 1}]},
    {"arguments": [BELOW] * 21}, {"arguments": ["amount"]},
    {"arguments": [{"argument": "amount", "one_of": ["x" * 9000]}]},
])  # fmt: skip
async def test_terms_that_cannot_be_are_refused_by_field_name(
    backends: Backends, tenant: UUID, wrong: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await issue(backends, tenant, **wrong)
    assert refused.value.field == next(iter(wrong))
    assert await backends.grants.list_grants(tenant, ended=True) == []


async def test_seven_days_are_allowed(backends: Backends, tenant: UUID) -> None:
    assert (await issue(backends, tenant, lasts_for=timedelta(days=7))).expires_at == NOW + timedelta(days=7)


@pytest.mark.parametrize("actor", [AGENT, system("clock")])
async def test_only_a_person_issues_or_revokes(backends: Backends, tenant: UUID, actor: Any) -> None:
    grant = await issue(backends, tenant)
    with pytest.raises(NotAllowed, match="only a person"):
        await issue(backends, tenant, actor=actor)
    with pytest.raises(NotAllowed, match="only a person"):
        await backends.grants.revoke(tenant, grant.id, actor=actor, reason=None)
    assert await backends.grants.list_grants(tenant) == [grant]


async def test_an_unknown_tenant_and_another_tenants_grant_are_not_found(
    backends: Backends, tenant: UUID, other_tenant: UUID
) -> None:
    grant = await issue(backends, tenant)
    with pytest.raises(NotFound):
        await issue(backends, uuid4())
    with pytest.raises(NotFound):
        await backends.grants.revoke(other_tenant, grant.id, actor=OLGA, reason=None)
    assert await backends.grants.list_grants(tenant) == [grant]


async def test_a_tenant_has_at_most_a_hundred_open_grants(backends: Backends, tenant: UUID, clock: FakeClock) -> None:
    for _ in range(100):
        await issue(backends, tenant)
    with pytest.raises(InvalidInput, match="at most 100"):
        await issue(backends, tenant)
    clock.advance(hours=25)
    await issue(backends, tenant)


async def test_a_use_is_on_record_once_however_often_it_is_asked(
    backends: Backends, audit_log: AuditLogger, tenant: UUID, clock: FakeClock
) -> None:
    grant, claimed = await issue(backends, tenant), await claimed_one(backends, tenant)
    clock.advance(seconds=30)

    for _ in range(2):
        used = await backends.outbox.use_grants(WORKER, [using(claimed, grant)] * 2)
        assert used == GrantUses(may_go=frozenset({claimed.envelope.key}))

    [listed] = await backends.grants.list_grants(tenant)
    assert (listed.use_count, listed.last_used_at) == (1, NOW + MINUTE / 2)
    assert await rows(audit_log, tenant, "envelope.granted") == [(WORKER, {
        "envelope_id": str(claimed.envelope.id), "external_id": claimed.envelope.external_id,
        "tool_slug": "SLACK__chat.post", "grant_id": str(grant.id), "issued_by": "olga", "digest": "d1",
    })]  # fmt: skip


async def test_each_attempt_is_a_use_of_its_own(backends: Backends, tenant: UUID) -> None:
    grant, claimed = await issue(backends, tenant), await claimed_one(backends, tenant)
    await backends.outbox.use_grants(WORKER, [using(claimed, grant)])
    await close(backends.outbox, claimed, Disposition.RETRY, error="no answer", next_run_at=NOW)
    again = await take_one(backends.outbox)
    assert (await backends.outbox.use_grants(WORKER, [using(again, grant)])).may_go == {again.envelope.key}
    assert [each.use_count for each in await backends.grants.list_grants(tenant)] == [2]


async def test_uses_are_listed_by_pages_the_newest_first(
    backends: Backends, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    grant, other = await issue(backends, tenant), await issue(backends, tenant)
    uses: list[GrantUse] = []
    for _ in range(3):
        claimed = await claimed_one(backends, tenant)
        await backends.outbox.use_grants(WORKER, [using(claimed, grant)])
        uses.insert(0, GrantUse(
            tenant_id=tenant, grant_id=grant.id, envelope_id=claimed.envelope.id, used_at=clock(),
            tool_slug=claimed.envelope.tool_slug, external_id=claimed.envelope.external_id,
        ))  # fmt: skip
        await close(backends.outbox, claimed, Disposition.SUCCESS)
        clock.advance(seconds=10)

    first = await backends.grants.list_uses(tenant, grant.id, limit=2)
    rest = await backends.grants.list_uses(tenant, grant.id, limit=2, after=(first[-1].used_at, first[-1].envelope_id))
    assert (first, rest) == (uses[:2], uses[2:])
    assert await backends.grants.list_uses(tenant, other.id, limit=2) == []
    assert await backends.grants.list_uses(other_tenant, grant.id, limit=2) == []


async def test_a_use_by_a_dead_letter_names_its_call(backends: Backends, tenant: UUID) -> None:
    grant, claimed = await issue(backends, tenant), await claimed_one(backends, tenant)
    await backends.outbox.use_grants(WORKER, [using(claimed, grant)])
    await close(backends.outbox, claimed, Disposition.FAILED, error="gone")
    [use] = await backends.grants.list_uses(tenant, grant.id, limit=9)
    assert (use.tool_slug, use.external_id) == (claimed.envelope.tool_slug, claimed.envelope.external_id)


async def test_a_grant_that_was_revoked_or_has_expired_since_the_judgement_lets_nothing_go(
    backends: Backends, audit_log: AuditLogger, tenant: UUID, clock: FakeClock
) -> None:
    revoked, expired = await issue(backends, tenant), await issue(backends, tenant, lasts_for=HOUR / 2)
    claimed = await claimed_one(backends, tenant)
    for _ in range(2):
        ended = await backends.grants.revoke(tenant, revoked.id, actor=operator("omar"), reason="too wide")
        assert (ended.revoked_at, ended.revoked_by) == (NOW, "omar")
    assert await backends.outbox.use_grants(WORKER, [using(claimed, revoked)]) == GrantUses()

    await close(backends.outbox, claimed, Disposition.RELEASE)
    clock.advance(minutes=30)
    claimed = await take_one(backends.outbox)
    assert await backends.outbox.use_grants(WORKER, [using(claimed, expired)]) == GrantUses()

    assert await backends.grants.list_grants(tenant) == []
    assert [each.use_count for each in await backends.grants.list_grants(tenant, ended=True)] == [0, 0]
    assert (await backends.guardrails.policies([tenant]))[tenant].grants == ()
    assert await rows(audit_log, tenant, "grant.revoked") == [
        ("omar", {"grant_id": str(revoked.id), "use_count": 0, "reason": "too wide"})
    ]
    assert await rows(audit_log, tenant, "envelope.granted") == []


async def test_a_lost_lease_uses_no_grant_and_two_leases_of_one_envelope_are_busy(
    backends: Backends, tenant: UUID, clock: FakeClock
) -> None:
    grant, claimed = await issue(backends, tenant), await claimed_one(backends, tenant)
    assert await backends.outbox.use_grants("other", [using(claimed, grant)]) == GrantUses()
    clock.advance(minutes=1)
    taken_over = await take_one(backends.outbox)
    assert await backends.outbox.use_grants(WORKER, [using(claimed, grant)]) == GrantUses()
    both = await backends.outbox.use_grants(WORKER, [using(claimed, grant), using(taken_over, grant)])
    assert both == GrantUses(busy=frozenset({claimed.envelope.key}))
    assert [each.use_count for each in await backends.grants.list_grants(tenant)] == [0]


async def test_a_grant_of_another_tenant_lets_nothing_go(backends: Backends, tenant: UUID, other_tenant: UUID) -> None:
    foreign = await issue(backends, other_tenant)
    claimed = await claimed_one(backends, tenant)
    assert await backends.outbox.use_grants(WORKER, [using(claimed, foreign)]) == GrantUses()


async def test_a_grant_never_allows_calls_that_two_people_have_to_approve(backends: Backends, tenant: UUID) -> None:
    grant, claimed = await issue(backends, tenant), await claimed_one(backends, tenant, risk="high")
    rules = GuardrailSettings(tenant_id=tenant, approval_rules={"two_people": ["high"]})
    await backends.guardrails.save(rules, actor=OLGA)  # after the worker has judged
    assert await backends.outbox.use_grants(WORKER, [using(claimed, grant)]) == GrantUses()


async def test_a_misspelled_tool_or_account_is_not_found_and_a_bad_condition_is_named(
    backends: Backends, tenant: UUID
) -> None:
    account = an_account(tenant_id=tenant)
    await backends.catalog.save([a_tool(tenant_id=tenant)], actor=OLGA)
    await backends.accounts.save(account, actor=OLGA)
    fields: dict[str, Any] = {
        "tools": "SLACK__chat.post", "account_id": account.id, "arguments": [BELOW], "lasts_for": DAY, "reason": None,
        "actor": OLGA,
    }  # fmt: skip
    for wrong, error, problem in (
        ({"tools": "SLACK__chat.pots"}, NotFound, "tools: no tool"),
        ({"account_id": uuid4()}, NotFound, "account_id: no account"),
        ({"arguments": [{"argument": "amount", "below": "100"}]}, InvalidInput, r"arguments\[0\].below: must be a"),
        ({"lasts_for": timedelta(days=8)}, InvalidInput, "expires_in: must be more than 0 and at most 7 days"),
    ):
        with pytest.raises(error, match=problem):
            await issue_grant(backends, tenant, **{**fields, **wrong})
    assert (await issue_grant(backends, tenant, **fields)).account_id == account.id


async def test_uses_are_forgotten_with_old_envelopes_and_the_audit_log_keeps_them(
    backends: Backends, audit_log: AuditLogger, tenant: UUID, clock: FakeClock
) -> None:
    grant, claimed = await issue(backends, tenant), await claimed_one(backends, tenant)
    await backends.outbox.use_grants(WORKER, [using(claimed, grant)])
    await close(backends.outbox, claimed, Disposition.SUCCESS)
    clock.advance(hours=2)
    assert await backends.outbox.forget_settled(keep=HOUR, limit=10, actor=system("clock")) == 1
    assert [each.use_count for each in await backends.grants.list_grants(tenant)] == [1]
    assert await backends.grants.list_uses(tenant, grant.id, limit=10) == []
    assert len(await rows(audit_log, tenant, "envelope.granted")) == 1
