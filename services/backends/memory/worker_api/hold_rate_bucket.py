"""Empty a rate bucket until a moment, because a tool asked for a pause."""

from datetime import datetime, timedelta

from services.backends.memory.check_texts import check_texts
from services.backends.memory.state import Bucket, State
from services.guardrails import RateRequest


def hold_rate_bucket(state: State, request: RateRequest, *, until: datetime) -> None:
    """See `services.guardrails.Guardrails.hold_bucket`."""
    check_texts(bucket=request.bucket)
    with state.change():
        filled_at = until - timedelta(seconds=request.per_seconds / request.capacity)
        before = state.buckets.get((request.tenant_id, request.bucket))
        latest = filled_at if before is None else max(before.filled_at, filled_at)
        state.buckets[request.tenant_id, request.bucket] = Bucket(0.0, latest)
