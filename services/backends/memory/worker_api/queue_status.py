"""How each tenant's queue stands."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from services.backends.memory.lanes import pending_heads
from services.backends.memory.state import State
from services.envelope import OPEN, Envelope, Status
from services.jsonb import moment_text
from services.outbox import QueueStatus
from services.tenants import Tenant

SOONEST = 20


def queue_status(state: State, tenant: UUID | None) -> list[QueueStatus]:
    """One tenant, or all of them by name. Raises NotFound."""
    now = state.clock()
    tenants = state.tenants.values() if tenant is None else [state.require_tenant(tenant, "tenant")]
    return [_of(state, each, now) for each in sorted(tenants, key=lambda one: (one.name, one.id))]


def _of(state: State, tenant: Tenant, now: datetime) -> QueueStatus:
    envelopes = [envelope for envelope in state.outbox.values() if envelope.tenant_id == tenant.id]
    moments = [(each.next_run_at or now, each.id, each) for each in envelopes if each.status is Status.PENDING]
    heads = [head.next_run_at or now for head in pending_heads(state) if head.tenant_id == tenant.id]
    retries = sorted((moment, id_, each) for moment, id_, each in moments if each.attempts > 0)
    return QueueStatus(
        tenant_id=tenant.id,
        name=tenant.name,
        paused=tenant.paused_at is not None,
        depth=dict(Counter(envelope.status.value for envelope in envelopes if envelope.status in OPEN)),
        in_flight=sum(len(lane.in_flight) for (owner, _), lane in state.lanes.items() if owner == tenant.id),
        dlq=sum(dead.tenant_id == tenant.id for dead in state.dead_letters.values()),
        doubtful=sum(dead.tenant_id == tenant.id and dead.doubtful for dead in state.dead_letters.values()),
        oldest_due_at=None if tenant.paused_at else min((at for at in heads if at <= now), default=None),
        retrying=len(retries),
        retries=tuple(_retry(envelope, moment, now) for moment, _, envelope in retries[:SOONEST]),
    )


def _retry(envelope: Envelope, moment: datetime, now: datetime) -> Mapping[str, Any]:
    wait = Decimal((moment - now) // timedelta(microseconds=1)) / 1_000_000
    return {
        "envelope_id": str(envelope.id),
        "tool_slug": envelope.tool_slug,
        "attempts": envelope.attempts,
        "next_run_at": moment_text(moment),
        "wait_seconds": max(0.0, float(wait.quantize(Decimal("0.1"), ROUND_HALF_UP))),
        "last_error": envelope.last_error,
    }
