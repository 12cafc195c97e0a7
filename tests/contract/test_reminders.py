"""Reminders and escalations of approvals: each step once, in order, on record, and shown in the list."""

from typing import Any
from uuid import UUID

import pytest

from services.approvals import ApprovalDecision, Approvals, RejectionCode, Reminders
from services.audit_log import AuditLogger
from services.backends import Backends
from services.envelope import Envelope
from services.errors import InvalidInput
from services.guardrails import GuardrailSettings
from tests.builders import HOUR, MINUTE, NOW, operator, system
from tests.clock import FakeClock
from tests.contract.builders import WORKER, asking, put_one, take_one

JOB = system("approval_reminders")
STEPS = {
    "default": [{"after_seconds": 600}, {"after_seconds": 1800, "escalate_to": "owner"}],
    "high": [{"after_seconds": 60, "escalate_to": "reviewer"}, {"after_seconds": 120, "escalate_to": "owner"}],
}


async def remind_as(backends: Backends, tenant: UUID, reminders: Any = STEPS) -> None:
    settings = GuardrailSettings(tenant_id=tenant, approval_reminders=reminders)
    await backends.guardrails.save(settings, actor=operator("olga"))


async def ask(backends: Backends, tenant: UUID, **proposal: Any) -> Envelope:
    envelope = await put_one(backends.outbox, tenant, **proposal)
    await backends.outbox.settle(WORKER, [asking(await take_one(backends.outbox))])
    return envelope


async def told(audit_log: AuditLogger, tenant: UUID) -> list[tuple[str, Any]]:
    found = await audit_log.tail(tenant, limit=100)
    return [
        (row.entry.category, row.entry.payload) for row in reversed(found) if row.entry.category.startswith("approval.")
    ]


async def test_each_step_is_taken_once_at_its_time_and_the_list_shows_it(
    backends: Backends, approvals: Approvals, audit_log: AuditLogger, tenant: UUID, clock: FakeClock
) -> None:
    await remind_as(backends, tenant)
    envelope = await ask(backends, tenant)
    assert await approvals.remind(actor=JOB) == Reminders()
    taken = []
    for minutes in (10, 10, 10, 10):
        clock.advance(minutes=minutes)
        taken.append([await approvals.remind(actor=JOB) for _ in range(2)])
    assert taken == [
        [Reminders(1, 0), Reminders()], [Reminders()] * 2, [Reminders(0, 1), Reminders()], [Reminders()] * 2,
    ]  # fmt: skip

    [approval] = await approvals.list_open(tenant)
    assert (approval.reminded_at, approval.escalated_at, approval.escalated_to, approval.escalation_level) == (
        NOW + 10 * MINUTE, NOW + 30 * MINUTE, "owner", 1,
    )  # fmt: skip
    of_envelope = {
        "envelope_id": str(envelope.id), "external_id": envelope.external_id, "tool_slug": "SLACK__chat.post",
        "approval_id": str(approval.id), "risk": envelope.risk, "requested_at": NOW.isoformat(),
        "expires_at": (NOW + HOUR).isoformat(),
    }  # fmt: skip
    assert await told(audit_log, tenant) == [
        ("approval.reminded", {**of_envelope, "step": 1}),
        ("approval.escalated", {**of_envelope, "step": 2, "role": "owner", "level": 1}),
    ]
    [record] = await approvals.history(tenant, envelope.id)
    assert (record.reminder_steps, record.escalation_level) == (2, 1)


async def test_steps_that_a_stopped_scheduler_missed_follow_in_order(
    backends: Backends, approvals: Approvals, audit_log: AuditLogger, tenant: UUID, clock: FakeClock
) -> None:
    await remind_as(backends, tenant)
    await ask(backends, tenant, risk="high")
    clock.advance(minutes=5)
    assert [await approvals.remind(actor=JOB) for _ in range(3)] == [Reminders(0, 1), Reminders(0, 1), Reminders()]
    assert [(payload["role"], payload["level"]) for _, payload in await told(audit_log, tenant)] == [
        ("reviewer", 1), ("owner", 2),
    ]  # fmt: skip


async def test_a_decided_or_expired_approval_and_one_without_steps_are_left(
    backends: Backends, audit_log: AuditLogger, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    approvals = backends.approvals
    await remind_as(backends, tenant, {"default": [{"after_seconds": 600}], "low": [], "high": STEPS["default"]})
    decided, _, _ = [await ask(backends, tenant, risk=risk) for risk in ("medium", "low", "high")]
    await ask(backends, other_tenant)
    await approvals.decide(
        tenant, decided.id, decision=ApprovalDecision.REJECTED, digest="d1", actor=operator("olga"),
        code=RejectionCode.OTHER,
    )  # fmt: skip
    clock.advance(minutes=10)
    assert [await approvals.remind(actor=JOB) for _ in range(2)] == [Reminders(1, 0), Reminders()]
    clock.advance(minutes=50)
    assert await approvals.remind(actor=JOB) == Reminders()
    assert [payload["risk"] for _, payload in await told(audit_log, tenant)] == ["high"]


async def test_a_new_request_for_the_same_envelope_begins_again(
    backends: Backends, approvals: Approvals, tenant: UUID, clock: FakeClock
) -> None:
    await remind_as(backends, tenant, {"default": [{"after_seconds": 60}]})
    envelope = await ask(backends, tenant)
    clock.advance(minutes=1)
    assert await approvals.remind(actor=JOB) == Reminders(1, 0)
    await approvals.decide(tenant, envelope.id, decision=ApprovalDecision.APPROVED, digest="d1", actor=operator("olga"))
    await backends.outbox.settle(WORKER, [asking(await take_one(backends.outbox), digest="d2")])
    assert await approvals.remind(actor=JOB) == Reminders()
    clock.advance(minutes=1)
    assert await approvals.remind(actor=JOB) == Reminders(1, 0)


@pytest.mark.parametrize("steps", [
    {}, None, [{}], ["soon"], [{"after_seconds": 0}], [{"after_seconds": 1.5}], [{"after_seconds": "60"}],
    [{"after_seconds": 2_592_001}], [{"after_seconds": 60}, {"after_seconds": 60}],
    [{"after_seconds": 60, "escalate_to": "agent"}], [{"after_seconds": 60, "notify": "all"}],
    [{"after_seconds": n} for n in range(1, 12)],
])  # fmt: skip
async def test_steps_that_cannot_be_read_are_refused_by_field_name(
    backends: Backends, tenant: UUID, steps: Any
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await remind_as(backends, tenant, {"high": steps})
    assert refused.value.field.startswith("approval_reminders.high")


@pytest.mark.parametrize(("reminders", "field"), [
    ([], "approval_reminders"), ({"weekly": []}, "approval_reminders.weekly"),
])  # fmt: skip
async def test_only_risks_and_default_have_steps(backends: Backends, tenant: UUID, reminders: Any, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await remind_as(backends, tenant, reminders)
    assert refused.value.field == field


async def test_guardrails_keep_their_reminders(backends: Backends, tenant: UUID) -> None:
    await remind_as(backends, tenant)
    assert (await backends.guardrails.policies([tenant]))[tenant].settings.approval_reminders == STEPS
    [version] = await backends.guardrails.list_versions(tenant, limit=9)
    assert version.document["approval_reminders"] == STEPS
