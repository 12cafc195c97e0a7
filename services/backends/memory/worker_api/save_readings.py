"""Write what a scan read as evidence and signals."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

from services.audit_log import AuditEntry
from services.backends.memory.audit import append_audit
from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.evidence import evidence_of
from services.backends.memory.fits import require
from services.backends.memory.state import State
from services.envelope import Actor
from services.evidence import Evidence, Reading, SavedReadings, Signal
from services.jsonb import as_stored


def save_readings(state: State, tenant: UUID, readings: Sequence[Reading], *, actor: Actor) -> SavedReadings:
    """See `services.evidence.EvidenceStore.save`."""
    check_texts(**actor_texts(actor))
    with state.change() as now:
        state.require_tenant(tenant)
        fresh = changed = 0
        for reading in {(r.tool_slug, r.connected_account_id): r for r in reversed(readings)}.values():
            require("content", reading.content)
            require("value", reading.value)
            kept = _known(state, tenant, reading)
            if kept is None:
                fresh += 1
                kept = _new(tenant, reading, now)
            state.evidence[tenant, kept.id] = replace(kept, seen_at=max(kept.seen_at, now))
            changed += _write_signal(state, tenant, reading, kept, now)
        if fresh:
            entry = AuditEntry(
                tenant_id=tenant,
                actor=actor,
                category="evidence.collected",
                payload={"evidence": fresh, "signals": changed},
            )
            append_audit(state, [entry], now)
        return SavedReadings(evidence=fresh, signals=changed)


def _known(state: State, tenant: UUID, reading: Reading) -> Evidence | None:
    """The same answer of the same tool through the same account."""
    of = (reading.tool_slug, reading.connected_account_id, reading.sha256)
    mine = evidence_of(state, tenant)
    return next((each for each in mine if (each.tool_slug, each.connected_account_id, each.sha256) == of), None)


def _new(tenant: UUID, reading: Reading, now: datetime) -> Evidence:
    return Evidence(
        id=uuid4(), tenant_id=tenant, tool_slug=reading.tool_slug,
        connected_account_id=reading.connected_account_id, sha256=reading.sha256,
        content=as_stored(reading.content), observed_at=now, seen_at=now,
    )  # fmt: skip


def _write_signal(state: State, tenant: UUID, reading: Reading, kept: Evidence, now: datetime) -> bool:
    """Whether the tool says something else than last time."""
    key = (tenant, reading.tool_slug, reading.connected_account_id)
    before = state.signals.get(key)
    is_same = before is not None and before.evidence_id == kept.id
    state.signals[key] = Signal(
        tenant_id=tenant, tool_slug=reading.tool_slug, connected_account_id=reading.connected_account_id,
        value=as_stored(reading.value), evidence_id=kept.id, observed_at=now,
        changed_at=before.changed_at if before is not None and is_same else now,
    )  # fmt: skip
    return not is_same
