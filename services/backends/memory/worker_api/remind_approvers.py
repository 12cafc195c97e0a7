"""Record the next reminder or escalation of approvals that have waited long enough."""

from dataclasses import replace
from datetime import datetime, timedelta

from services.approvals import ApprovalRecord, Reminders
from services.audit_log import AuditEntry
from services.backends.memory.approvals import MAX_PER_CALL, open_approvals
from services.backends.memory.audit import append_audit, envelope_entry
from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.state import State
from services.envelope import Actor
from services.guardrails.reminders import next_step
from services.jsonb import moment_text


def remind_approvers(state: State, *, actor: Actor) -> Reminders:
    """See `services.approvals.Approvals.remind`."""
    check_texts(**actor_texts(actor))
    with state.change() as now:
        waiting = sorted(open_approvals(state), key=lambda approval: (approval.requested_at, approval.id))
        due = [(approval, role) for approval in waiting for role in _due_role(state, approval, now)][:MAX_PER_CALL]
        due.sort(key=lambda item: (item[0].tenant_id, item[0].requested_at, item[0].id))
        for approval, role in due:
            changed = replace(approval, reminder_steps=approval.reminder_steps + 1, reminded_at=now)
            if role is not None:
                changed = replace(
                    changed, reminded_at=approval.reminded_at, escalated_at=now, escalated_to=role,
                    escalation_level=approval.escalation_level + 1,
                )  # fmt: skip
            state.approvals[approval.id] = changed
            append_audit(state, [_audit_entry(state, changed, role, actor)], now)
        escalated = sum(role is not None for _, role in due)
        return Reminders(reminded=len(due) - escalated, escalated=escalated)


def _due_role(state: State, approval: ApprovalRecord, now: datetime) -> list[str | None]:
    """The due step of the approval, as a list: [role] for an escalation, [None] for a reminder, [] if no step is
    due."""
    rules = state.guardrails.get(approval.tenant_id)
    envelope = state.outbox[approval.tenant_id, approval.envelope_id]
    step = None if rules is None else next_step(rules[1].approval_reminders, envelope.risk, approval.reminder_steps)
    if step is None or approval.expires_at <= now:
        return []
    is_due = approval.requested_at + timedelta(seconds=step["after_seconds"]) <= now
    return [step.get("escalate_to")] if is_due else []


def _audit_entry(state: State, approval: ApprovalRecord, role: str | None, actor: Actor) -> AuditEntry:
    envelope = state.outbox[approval.tenant_id, approval.envelope_id]
    entry = envelope_entry(
        envelope, actor, "reminded", approval_id=approval.id, risk=envelope.risk, step=approval.reminder_steps,
        requested_at=moment_text(approval.requested_at), expires_at=moment_text(approval.expires_at), role=role,
        level=None if role is None else approval.escalation_level,
    )  # fmt: skip
    return replace(entry, category="approval.reminded" if role is None else "approval.escalated")
