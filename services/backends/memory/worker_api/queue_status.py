"""Report the state of the tenants' queues."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from services.backends.memory.lanes import pending_heads
from services.backends.memory.state import State
from services.backends.memory.tenants import without_ended_pause
from services.envelope import OPEN_STATUSES, Envelope, Status
from services.jsonb import moment_text
from services.outbox.queue_status import QueueStatus
from services.tenants import Tenant

MAX_RETRIES = 20
"""How many of the next retries are listed."""


def queue_status(state: State, tenant: UUID | None) -> list[QueueStatus]:
    """See `services.outbox.Outbox.status`."""
    now = state.clock()
    tenants = state.tenants.values() if tenant is None else [state.require_tenant(tenant, "tenant")]
    return [
        _status_of(state, without_ended_pause(shown, now), now)
        for shown in sorted(tenants, key=lambda shown: (shown.name, shown.id))
    ]


def _status_of(state: State, tenant: Tenant, now: datetime) -> QueueStatus:
    envelopes = [envelope for envelope in state.outbox.values() if envelope.tenant_id == tenant.id]
    pending = [
        (envelope.next_run_at or now, envelope.id, envelope)
        for envelope in envelopes
        if envelope.status is Status.PENDING
    ]
    due_moments = [head.next_run_at or now for head in pending_heads(state) if head.tenant_id == tenant.id]
    retries = sorted((moment, id_, envelope) for moment, id_, envelope in pending if envelope.attempts > 0)
    return QueueStatus(
        tenant_id=tenant.id,
        name=tenant.name,
        paused=tenant.paused_at is not None,
        depth=dict(Counter(envelope.status.value for envelope in envelopes if envelope.status in OPEN_STATUSES)),
        in_flight=sum(len(lane.in_flight) for (tenant_id, _), lane in state.lanes.items() if tenant_id == tenant.id),
        dlq=sum(dead.tenant_id == tenant.id for dead in state.dead_letters.values()),
        doubtful=sum(dead.tenant_id == tenant.id and dead.doubtful for dead in state.dead_letters.values()),
        oldest_due_at=None
        if tenant.paused_at
        else min((moment for moment in due_moments if moment <= now), default=None),
        retrying=len(retries),
        retries=tuple(_retry_details(envelope, moment, now) for moment, _, envelope in retries[:MAX_RETRIES]),
    )


def _retry_details(envelope: Envelope, moment: datetime, now: datetime) -> Mapping[str, Any]:
    wait = Decimal((moment - now) // timedelta(microseconds=1)) / 1_000_000
    return {
        "envelope_id": str(envelope.id),
        "tool_slug": envelope.tool_slug,
        "attempts": envelope.attempts,
        "next_run_at": moment_text(moment),
        "wait_seconds": max(0.0, float(wait.quantize(Decimal("0.1"), ROUND_HALF_UP))),
        "last_error": envelope.last_error,
    }
