"""Stop executing a part of a tenant's envelopes."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.audit_log import AuditEntry
from services.backends.memory.audit import append_audit
from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.column_rules import check_column
from services.backends.memory.lanes import release_held
from services.backends.memory.state import State
from services.backends.memory.tenants import next_paused_at
from services.envelope import Actor
from services.errors import InvalidInput
from services.pauses import Pause, PauseKind

MAX_TARGET = 255
"""The most characters of the target of a pause."""


def start_pause(
    state: State,
    tenant: UUID,
    kind: PauseKind,
    target: str,
    *,
    reason: str | None,
    ends_at: datetime | None,
    actor: Actor,
) -> Pause:
    """See `services.pauses.Pauses.start`."""
    check_texts(kind=kind, target=target, reason=reason, **actor_texts(actor))
    with state.change() as now:
        if ends_at is not None and ends_at <= now:
            raise InvalidInput("ends_at", "must be later than now")
        changed_at = next_paused_at(state, state.require_tenant(tenant), now)
        for key, pause in list(state.pauses.items()):
            if key[0] == tenant and pause.ends_at is not None and pause.ends_at <= now:
                del state.pauses[key]
        if sum(key[0] == tenant and key[1:] != (kind, target) for key in state.pauses) >= 200:
            raise InvalidInput("pauses", "a tenant has at most 200; end some first")
        check_column("kind", kind in set(PauseKind))
        check_column("target", 1 <= len(target) <= MAX_TARGET)
        before = state.pauses.get((tenant, kind, target))
        started = (
            replace(before, reason=reason, ends_at=ends_at, changed_at=changed_at)
            if before
            else Pause(
                tenant_id=tenant, kind=kind, target=target, reason=reason, started_at=now, started_by=actor.id,
                ends_at=ends_at, changed_at=changed_at,
            )
        )  # fmt: skip
        state.pauses[tenant, kind, target] = started
        release_held(state, tenant, {"paused"}, now)
        payload = {"kind": kind, "target": target, "reason": reason, "ends_at": ends_at}
        append_audit(state, [AuditEntry(tenant_id=tenant, actor=actor, category="pause.started", payload=payload)], now)
        return started
