"""End a shadow run."""

from dataclasses import replace
from uuid import UUID

from services.audit_log import AuditEntry
from services.backends.memory.audit import append_audit
from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.state import State
from services.envelope import Actor
from services.errors import NotFound


def stop_shadow(state: State, tenant: UUID, id: UUID, *, actor: Actor) -> None:  # noqa: A002
    """See `services.shadow_runs.ShadowRuns.stop`."""
    check_texts(**actor_texts(actor))
    with state.change() as now:
        run = state.shadow_runs.get((tenant, id))
        if run is None:
            raise NotFound("shadow run", id)
        if run.stopped_at is None:
            state.shadow_runs[tenant, id] = replace(run, stopped_at=now, stopped_by=actor.id)
            payload = {"run_id": id, "envelopes": run.envelopes}
            entry = AuditEntry(tenant_id=tenant, actor=actor, category="shadow.stopped", payload=payload)
            append_audit(state, [entry], now)
