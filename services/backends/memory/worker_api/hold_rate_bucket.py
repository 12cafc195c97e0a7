"""Empty a rate bucket until a moment, because a tool asked for a pause."""

from datetime import datetime, timedelta

from services.backends.memory.check_texts import check_texts
from services.backends.memory.state import Bucket, State
from services.guardrails import RateRequest


def hold_rate_bucket(state: State, ask: RateRequest, *, until: datetime) -> None:
    """See `services.guardrails.Guardrails.hold_bucket`."""
    check_texts(bucket=ask.bucket)
    with state.change():
        filled_at = until - timedelta(seconds=ask.per_seconds / ask.capacity)
        before = state.buckets.get((ask.tenant_id, ask.bucket))
        latest = filled_at if before is None else max(before.filled_at, filled_at)
        state.buckets[ask.tenant_id, ask.bucket] = Bucket(0.0, latest)
