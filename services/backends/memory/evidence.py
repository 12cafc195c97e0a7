"""Evidence and signals in memory."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

from services.audit_log import AuditEntry
from services.backends.memory.audit import append_audit
from services.backends.memory.check_texts import check_texts
from services.backends.memory.state import State
from services.envelope import Actor
from services.evidence import Evidence, EvidenceKey, Found, Reading, Saved, Signal
from services.jsonb import stored


@check_texts
class MemoryEvidence:
    """See `services.evidence.EvidenceStore`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def save(self, tenant: UUID, readings: Sequence[Reading], *, actor: Actor) -> Saved:
        with self._state.change() as now:
            self._state.require_tenant(tenant)
            fresh = changed = 0
            for reading in {(r.tool_slug, r.connected_account_id): r for r in reversed(readings)}.values():
                whose = (tenant, reading.tool_slug, reading.connected_account_id)
                kept = next((e for e in self._of(tenant) if (*_whose(e), e.sha256) == (*whose, reading.sha256)), None)
                if kept is None:
                    fresh += 1
                    kept = Evidence(
                        id=uuid4(), tenant_id=tenant, tool_slug=reading.tool_slug,
                        connected_account_id=reading.connected_account_id, sha256=reading.sha256,
                        content=stored(reading.content), observed_at=now, seen_at=now,
                    )  # fmt: skip
                self._state.evidence[tenant, kept.id] = replace(kept, seen_at=max(kept.seen_at, now))
                before = self._state.signals.get(whose)
                is_same = before is not None and before.evidence_id == kept.id
                changed_at = before.changed_at if before is not None and is_same else now
                changed += not is_same
                self._state.signals[whose] = Signal(
                    tenant_id=tenant, tool_slug=reading.tool_slug, connected_account_id=reading.connected_account_id,
                    value=stored(reading.value), evidence_id=kept.id, observed_at=now, changed_at=changed_at,
                )  # fmt: skip
            if fresh:
                payload = {"evidence": fresh, "signals": changed}
                entry = AuditEntry(tenant_id=tenant, actor=actor, category="evidence.collected", payload=payload)
                append_audit(self._state, [entry], now)
            return Saved(evidence=fresh, signals=changed)

    async def find(self, keys: Iterable[EvidenceKey]) -> dict[EvidenceKey, Found]:
        kept = ((key, self._state.evidence.get(key)) for key in keys)
        return {key: Found(sha256=e.sha256, seen_at=e.seen_at) for key, e in kept if e is not None}

    async def list_evidence(self, tenant: UUID, *, limit: int = 50) -> list[Evidence]:
        by_id = sorted(self._of(tenant), key=lambda e: e.id)
        return sorted(by_id, key=lambda e: e.seen_at, reverse=True)[:limit]

    async def list_signals(self, tenant: UUID) -> list[Signal]:
        mine = [signal for signal in self._state.signals.values() if signal.tenant_id == tenant]
        return sorted(mine, key=lambda s: (s.tool_slug, s.connected_account_id is None, str(s.connected_account_id)))

    async def forget(self, *, keep: timedelta, limit: int) -> int:
        with self._state.change() as now:
            referred = {(signal.tenant_id, signal.evidence_id) for signal in self._state.signals.values()}
            old = [key for key, e in self._state.evidence.items() if e.seen_at < now - keep and key not in referred]
            for key in old[:limit]:
                del self._state.evidence[key]
            return len(old[:limit])

    def _of(self, tenant: UUID) -> list[Evidence]:
        return [e for e in self._state.evidence.values() if e.tenant_id == tenant]


def _whose(evidence: Evidence) -> tuple[UUID, str, UUID | None]:
    return evidence.tenant_id, evidence.tool_slug, evidence.connected_account_id
