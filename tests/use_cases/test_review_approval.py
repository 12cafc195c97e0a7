"""What a reviewer sees of one call."""

from uuid import UUID, uuid4

import pytest

from services.approvals import ApprovalDecision
from services.backends import Backends
from services.decide_approval import decide_across_tenants, decide_approval, preview_edit
from services.errors import DecisionConflict, InvalidInput, NotFound
from services.guardrails import GuardrailSettings
from services.review_approval import accounts_of, review
from services.show_approvals import list_approvals, list_every_approval
from services.tenants import Tenant
from services.tools.redact import REDACTED
from tests.builders import NOW, a_tool, an_account
from tests.contract.builders import asking, put_one, take_one
from tests.use_cases.actors import MARIA, OLGA

SCHEMA = {"type": "object", "properties": {"token": {"writeOnly": True}, "count": {"type": "integer"}}}


async def awaiting(backends: Backends, tenant: UUID, **overrides: object) -> UUID:
    envelope = await put_one(backends.outbox, tenant, **overrides)
    await backends.outbox.settle("worker-1", [asking(await take_one(backends.outbox))])
    return envelope.id


async def test_a_review_has_account_evidence_and_verdicts_and_no_secret(backends: Backends, tenant: UUID) -> None:
    await backends.catalog.save([a_tool(tenant_id=tenant, schema=SCHEMA, required_scopes=("SLACK.CHAT",))], actor=OLGA)
    account = an_account(tenant_id=tenant)
    await backends.accounts.save(account, actor=OLGA)
    evidence = ["the customer asked\u202e", {"id": "nothing", "sha256": "0" * 64}]
    id_ = await awaiting(backends, tenant, arguments={"token": "s3cret"}, trust_context={"evidence": evidence})

    found = await review(backends, tenant, id_, now=NOW)
    assert found.envelope.arguments == {"token": REDACTED}
    assert found.account is not None
    assert found.account.id == account.id
    assert [(each.text, each.is_as_cited) for each in found.evidence] == [
        ("the customer asked\\u{202e}", False), ("nothing", False),
    ]  # fmt: skip
    assert {verdict.guardrail for verdict in found.verdicts} >= {"tool", "account", "evidence", "trust"}
    assert (found.needs_two, found.last_calls, len(found.records)) == (False, [], 1)
    pending = await list_approvals(backends, tenant)
    assert {key: value.id for key, value in (await accounts_of(backends, pending)).items()} == {
        pending[0].id: account.id
    }


async def test_a_review_says_who_else_is_needed_and_whether_the_call_has_changed(
    backends: Backends, tenant: UUID
) -> None:
    await backends.catalog.save([a_tool(tenant_id=tenant)], actor=OLGA)
    rules = GuardrailSettings(tenant_id=tenant, approval_rules={"two_people": ["low"]})
    await backends.guardrails.save(rules, actor=OLGA)
    id_ = await awaiting(backends, tenant)
    found = await review(backends, tenant, id_, now=NOW)
    assert (found.needs_two, found.has_changed) == (True, True)  # its digest is made up
    with pytest.raises(NotFound):
        await review(backends, tenant, UUID(int=7), now=NOW)


async def test_a_preview_changes_nothing_and_refuses_what_the_tool_would_not_take(
    backends: Backends, tenant: UUID
) -> None:
    await backends.catalog.save([a_tool(tenant_id=tenant, schema=SCHEMA)], actor=OLGA)
    id_ = await awaiting(backends, tenant, arguments={"count": 1})
    with pytest.raises(DecisionConflict):  # its digest is made up
        await preview_edit(backends, tenant, id_, {"count": 2})
    with pytest.raises(NotFound):
        await preview_edit(backends, tenant, UUID(int=7), {})
    assert (await backends.outbox.get(tenant, id_)).arguments == {"count": 1}


async def test_calls_of_several_tenants_are_decided_and_a_tenant_that_fails_stops_no_other(
    backends: Backends, tenant: UUID
) -> None:
    other_tenant = uuid4()
    await backends.tenants.save(Tenant(id=other_tenant, name="zebra"), actor=OLGA)
    mine, theirs = await awaiting(backends, tenant), await awaiting(backends, other_tenant)
    calls = [(tenant, mine, "another digest"), (other_tenant, theirs, "d1")]
    results = await decide_across_tenants(
        backends, calls, decision=ApprovalDecision.APPROVED, reason=None, actor=MARIA, shown_whole=True
    )
    assert [id_ for id_, _ in results] == [mine, theirs]
    assert isinstance(results[0][1], DecisionConflict)
    [record] = await backends.approvals.history(other_tenant, theirs)
    assert (record.decision, record.shown_whole) == (ApprovalDecision.APPROVED, True)
    with pytest.raises(InvalidInput):
        await decide_across_tenants(backends, calls, decision=ApprovalDecision.REJECTED, reason=None, actor=MARIA)


async def test_every_approval_is_read_page_by_page(backends: Backends, tenant: UUID) -> None:
    ids = [await awaiting(backends, tenant) for _ in range(5)]
    found = await list_every_approval(backends, tenant, page=2)
    assert sorted(each.envelope.id for each in found) == sorted(ids)
    await decide_approval(
        backends, ids[0], decision=ApprovalDecision.APPROVED, digest="d1", reason=None, actor=MARIA, shown_whole=False
    )
    assert len(await list_every_approval(backends, tenant, page=2)) == 4
