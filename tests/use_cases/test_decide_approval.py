"""Listing pending approvals, and deciding on one."""

from uuid import UUID, uuid4

import pytest

from services.approvals import ApprovalDecision, RejectionCode
from services.backends import Backends
from services.decide_approval import decide_approval
from services.envelope import Envelope, Status
from services.errors import InvalidInput, NotFound, StateConflict
from services.show_approvals import list_approvals
from services.tools.redact import REDACTED
from tests.builders import a_tool
from tests.contract.builders import asking, because, put_one, take_one
from tests.use_cases.actors import MARIA, OLGA, last_act


async def awaiting(backends: Backends, tenant: UUID, **overrides: object) -> Envelope:
    """An envelope with a pending approval of digest `d1`."""
    envelope = await put_one(backends.outbox, tenant, **overrides)
    await backends.outbox.settle("worker-1", [asking(await take_one(backends.outbox))])
    return envelope


async def decide(
    backends: Backends, envelope: UUID, *, decision: ApprovalDecision = ApprovalDecision.APPROVED, digest: str | None
) -> Envelope:
    return await decide_approval(
        backends, envelope, decision=decision, digest=digest, reason="as agreed", actor=MARIA, code=because(decision)
    )


async def test_secret_arguments_are_redacted_by_the_schema_of_the_tool(backends: Backends, tenant: UUID) -> None:
    schema = {"type": "object", "properties": {"token": {"type": "string", "writeOnly": True}}}
    await backends.catalog.save([a_tool(tenant_id=tenant, schema=schema)], actor=OLGA)
    await awaiting(backends, tenant, arguments={"token": "s3cret", "text": "hello"})
    [approval] = await list_approvals(backends, tenant)
    assert approval.envelope.arguments == {"token": REDACTED, "text": "hello"}


async def test_approvals_of_an_unknown_tenant_are_an_error_and_not_an_empty_list(
    backends: Backends, tenant: UUID
) -> None:
    assert await list_approvals(backends, tenant) == []
    with pytest.raises(NotFound):
        await list_approvals(backends, uuid4())


async def test_without_a_digest_the_call_as_it_is_now_is_decided(backends: Backends, tenant: UUID) -> None:
    envelope = await awaiting(backends, tenant)
    approved = await decide(backends, envelope.id, digest=None)
    assert (approved.status, approved.approved_digest) == (Status.PENDING, "d1")
    assert await last_act(backends, tenant) == ("envelope.approved", MARIA.type, MARIA.id)


async def test_a_decision_on_another_call_is_refused(backends: Backends, tenant: UUID) -> None:
    envelope = await awaiting(backends, tenant)
    with pytest.raises(StateConflict):
        await decide(backends, envelope.id, digest="d0")
    rejected = await decide(backends, envelope.id, decision=ApprovalDecision.REJECTED, digest="d1")
    assert rejected.status == Status.REJECTED


async def test_an_envelope_without_a_pending_approval_is_not_found(backends: Backends, tenant: UUID) -> None:
    envelope = await put_one(backends.outbox, tenant)
    with pytest.raises(NotFound) as caught:
        await decide(backends, envelope.id, digest=None)
    assert (caught.value.what, caught.value.id, caught.value.field) == ("approval", str(envelope.id), "envelope")


async def test_a_person_names_a_code_to_reject_and_none_to_approve(backends: Backends, tenant: UUID) -> None:
    envelope = await awaiting(backends, tenant)
    for decision, code in ((ApprovalDecision.REJECTED, None), (ApprovalDecision.APPROVED, RejectionCode.OTHER)):
        with pytest.raises(InvalidInput) as raised:
            await decide_approval(
                backends, envelope.id, decision=decision, digest="d1", reason=None, actor=MARIA, code=code
            )
        assert raised.value.field == "code"
