"""Store the readings of a scan as evidence and signals."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

from services.audit_log import AuditEntry
from services.backends.memory.audit import append_audit
from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.column_rules import require_value
from services.backends.memory.evidence import evidence_of
from services.backends.memory.state import State
from services.envelope import Actor
from services.evidence import Evidence, Reading, SavedReadings, Signal
from services.jsonb import as_stored


def save_readings(state: State, tenant: UUID, readings: Sequence[Reading], *, actor: Actor) -> SavedReadings:
    """See `services.evidence.EvidenceStore.save`."""
    check_texts(**actor_texts(actor))
    with state.change() as now:
        state.require_tenant(tenant)
        added = changed = 0
        for reading in {(r.tool_slug, r.connected_account_id): r for r in reversed(readings)}.values():
            require_value("content", reading.content)
            require_value("value", reading.value)
            evidence = _find_evidence(state, tenant, reading)
            if evidence is None:
                added += 1
                evidence = _new_evidence(tenant, reading, now)
            state.evidence[tenant, evidence.id] = replace(evidence, seen_at=max(evidence.seen_at, now))
            changed += _write_signal(state, tenant, reading, evidence, now)
        if added:
            entry = AuditEntry(
                tenant_id=tenant,
                actor=actor,
                category="evidence.collected",
                payload={"evidence": added, "signals": changed},
            )
            append_audit(state, [entry], now)
        return SavedReadings(evidence=added, signals=changed)


def _find_evidence(state: State, tenant: UUID, reading: Reading) -> Evidence | None:
    """The stored evidence with the same tool, account and answer, or None."""
    key = (reading.tool_slug, reading.connected_account_id, reading.sha256)
    return next(
        (
            evidence
            for evidence in evidence_of(state, tenant)
            if (evidence.tool_slug, evidence.connected_account_id, evidence.sha256) == key
        ),
        None,
    )


def _new_evidence(tenant: UUID, reading: Reading, now: datetime) -> Evidence:
    return Evidence(
        id=uuid4(), tenant_id=tenant, tool_slug=reading.tool_slug,
        connected_account_id=reading.connected_account_id, sha256=reading.sha256,
        content=as_stored(reading.content), observed_at=now, seen_at=now,
    )  # fmt: skip


def _write_signal(state: State, tenant: UUID, reading: Reading, evidence: Evidence, now: datetime) -> bool:
    """Store the signal. Returns whether the tool's answer has changed."""
    key = (tenant, reading.tool_slug, reading.connected_account_id)
    before = state.signals.get(key)
    is_unchanged = before is not None and before.evidence_id == evidence.id
    state.signals[key] = Signal(
        tenant_id=tenant, tool_slug=reading.tool_slug, connected_account_id=reading.connected_account_id,
        value=as_stored(reading.value), evidence_id=evidence.id, observed_at=now,
        changed_at=before.changed_at if before is not None and is_unchanged else now,
    )  # fmt: skip
    return not is_unchanged
