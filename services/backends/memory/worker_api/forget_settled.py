"""Delete envelopes that were settled long ago."""

from collections import Counter
from datetime import timedelta

from services.audit_log import AuditEntry
from services.backends.memory.audit import append_audit
from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.state import State
from services.envelope import OPEN_STATUSES, Actor
from services.jsonb import moment_text


def forget_settled(state: State, *, keep: timedelta, limit: int, actor: Actor) -> int:
    """See `services.outbox.Outbox.forget_settled`."""
    check_texts(**actor_texts(actor))
    with state.change() as now:
        settled_before = now - keep
        old = sorted(
            (envelope.tenant_id, envelope.created_at, envelope.id)
            for envelope in state.outbox.values()
            if envelope.status not in OPEN_STATUSES
            and envelope.created_at < settled_before
            and envelope.updated_at < settled_before
        )[:limit]
        for key, use in list(state.grant_uses.items()):
            if use.used_at < settled_before:
                del state.grant_uses[key]
        for tenant, _, id_ in old:
            envelope = state.outbox.pop((tenant, id_))
            del state.external_ids[tenant, envelope.external_id]
        entries = [
            AuditEntry(
                tenant_id=tenant,
                actor=actor,
                category="outbox.forgotten",
                payload={"envelopes": deleted, "settled_before": moment_text(settled_before)},
            )
            for tenant, deleted in Counter(tenant for tenant, _, _ in old).items()
        ]
        append_audit(state, entries, now)
        return len(old)
