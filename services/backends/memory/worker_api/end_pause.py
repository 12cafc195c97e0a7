"""End a pause of a tool, an account or an agent."""

from uuid import UUID

from services.audit_log import AuditEntry
from services.backends.memory.audit import append_audit
from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.lanes import release_held
from services.backends.memory.state import State
from services.envelope import Actor
from services.errors import NotFound
from services.pauses import PauseKind


def end_pause(state: State, tenant: UUID, kind: PauseKind, target: str, *, actor: Actor) -> None:
    """See `services.pauses.Pauses.end`."""
    check_texts(kind=kind, target=target, **actor_texts(actor))
    with state.change() as now:
        pause = state.pauses.get((tenant, kind, target))
        if pause is None or (pause.ends_at is not None and pause.ends_at <= now):
            raise NotFound("pause", target, f"no pause of {kind} {target}")
        del state.pauses[tenant, kind, target]
        release_held(state, tenant, {"paused"}, now)
        payload = {"kind": kind, "target": target}
        append_audit(state, [AuditEntry(tenant_id=tenant, actor=actor, category="pause.ended", payload=payload)], now)
