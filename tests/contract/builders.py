"""Valid proposals and settlements, and short forms of enqueue, claim and settle."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from services.approvals import ApprovalDecision, RejectionCode
from services.audit_log import AuditEntry, AuditLogger
from services.audit_log.envelopes import envelopes_of
from services.envelope import Actor, ActorType, Envelope, EnvelopeKey
from services.outbox import ClaimedEnvelope, Disposition, Outbox, Proposal, Settlement, UnsettledEnvelopes
from tests.builders import AGENT, MINUTE, NOW

WORKER = "worker-1"
LATER = NOW + timedelta(hours=1)


def a_proposal(tenant: UUID, **overrides: Any) -> Proposal:
    """A call of Slack without an account, with a new `external_id`."""
    proposal = Proposal(
        id=uuid4(),
        tenant_id=tenant,
        tool_slug="SLACK__chat.post",
        tool_version="1",
        arguments={"channel": "#general", "text": "hello"},
        external_id=f"key-{uuid4()}",
    )
    return replace(proposal, **overrides)


def in_order(tenant: UUID, key: str, **overrides: Any) -> Proposal:
    """A proposal that waits for those before it with the same ordering key."""
    return a_proposal(tenant, metadata={"ordering_key": key}, **overrides)


async def put(outbox: Outbox, *proposals: Proposal) -> list[Envelope]:
    """Enqueue the proposals in one batch. Returns their envelopes."""
    return [each.envelope for each in await outbox.enqueue(proposals, actor=AGENT)]


async def put_one(outbox: Outbox, tenant: UUID, **overrides: Any) -> Envelope:
    [envelope] = await put(outbox, a_proposal(tenant, **overrides))
    return envelope


async def take(
    outbox: Outbox, worker: str = WORKER, *, limit: int = 10, tenant: UUID | None = None,
    except_tenants: frozenset[UUID] = frozenset(), claim_id: UUID | None = None,
) -> list[ClaimedEnvelope]:  # fmt: skip
    """Claim for a minute."""
    return await outbox.claim(
        worker, limit=limit, lease_for=MINUTE, tenant=tenant, except_tenants=except_tenants, claim_id=claim_id
    )


async def take_one(outbox: Outbox, worker: str = WORKER, *, claim_id: UUID | None = None) -> ClaimedEnvelope:
    [claimed] = await take(outbox, worker, limit=1, claim_id=claim_id)
    return claimed


def ids(envelopes: list[Envelope] | list[ClaimedEnvelope]) -> list[UUID]:
    """The ids of envelopes or of claimed envelopes."""
    return [each.envelope.id if isinstance(each, ClaimedEnvelope) else each.id for each in envelopes]


def settled(claimed: ClaimedEnvelope, to: Disposition, **detail: Any) -> Settlement:
    return Settlement(lease=claimed.lease, envelope_id=claimed.envelope.id, to=to, **detail)


def asking(claimed: ClaimedEnvelope, **overrides: Any) -> Settlement:
    """The settlement that asks for an approval, which expires an hour after the proposal."""
    detail = {
        "digest": "d1", "reason": "its trust is too low", "expires_at": claimed.envelope.created_at + 60 * MINUTE,
    }  # fmt: skip
    return settled(claimed, Disposition.AWAITING_APPROVAL, **{**detail, **overrides})


def because(decision: ApprovalDecision) -> RejectionCode | None:
    """The rejection code that a decision needs."""
    return RejectionCode.OTHER if decision == ApprovalDecision.REJECTED else None


async def close(outbox: Outbox, claimed: ClaimedEnvelope, to: Disposition, worker: str = WORKER, **detail: Any) -> None:
    """Settle one attempt; the settlement must be accepted."""
    assert await outbox.settle(worker, [settled(claimed, to, **detail)]) == UnsettledEnvelopes()


async def settle_all(outbox: Outbox, settlements: Iterable[Settlement], worker: str = WORKER) -> frozenset[EnvelopeKey]:
    """Settle as a worker does: send busy settlements again until none is busy. Returns the refused ones."""
    left, refused = list(settlements), frozenset[EnvelopeKey]()
    while left:
        answer = await outbox.settle(worker, left)
        refused |= answer.refused
        left = [settlement for settlement in left if settlement.key in answer.busy]
    return refused


async def run_one(outbox: Outbox, to: Disposition, **detail: Any) -> Envelope:
    """Claim the next envelope and settle it."""
    claimed = await take_one(outbox)
    await close(outbox, claimed, to, **detail)
    return await outbox.get(claimed.envelope.tenant_id, claimed.envelope.id)


async def a_dead_letter(outbox: Outbox, tenant: UUID, **overrides: Any) -> Envelope:
    """A dead letter. No other envelope may be due when this is called."""
    await put_one(outbox, tenant, **overrides)
    return await run_one(outbox, Disposition.FAILED, error="no such channel")


async def events(audit_log: AuditLogger, tenant: UUID) -> list[str]:
    """The events of a tenant's envelopes in the audit log, the oldest first."""
    rows = await audit_log.tail(tenant, limit=1000)
    return [
        row.entry.category.removeprefix("envelope.")
        for row in reversed(rows)
        if row.entry.category.startswith("envelope.")
        for _ in envelopes_of(row.entry.payload)
    ]


async def ask_a_person(outbox: Outbox) -> Envelope:
    """Claim the next envelope and settle it with `asking`."""
    claimed = await take_one(outbox)
    assert await outbox.settle(WORKER, [asking(claimed)]) == UnsettledEnvelopes()
    return await outbox.get(claimed.envelope.tenant_id, claimed.envelope.id)


async def an_envelope_to_approve(outbox: Outbox, tenant: UUID) -> Envelope:
    await put_one(outbox, tenant)
    return await ask_a_person(outbox)


async def last_entry(audit_log: AuditLogger, tenant: UUID) -> AuditEntry:
    [row] = await audit_log.tail(tenant, limit=1)
    return row.entry


def decision_entry(envelope: Envelope, event: str, payload: dict[str, str]) -> AuditEntry:
    return AuditEntry(
        tenant_id=envelope.tenant_id,
        actor=Actor(type=ActorType.OPERATOR, id="olga"),
        category=f"envelope.{event}",
        payload={
            "envelope_id": str(envelope.id), "external_id": envelope.external_id, "tool_slug": envelope.tool_slug,
            **payload,
        },
    )  # fmt: skip


async def held_by(outbox: Outbox, tenant: UUID, guardrail: str) -> UUID:
    """An envelope that this guardrail holds until `LATER`."""
    envelope = await put_one(outbox, tenant)
    verdicts = (
        {"guardrail": "trust", "decision": "allow", "reason": "fine"},
        {"guardrail": guardrail, "decision": "hold", "reason": "wait"},
    )
    await close(outbox, await take_one(outbox), Disposition.HOLD, reason="wait", next_run_at=LATER, verdicts=verdicts)
    return envelope.id
