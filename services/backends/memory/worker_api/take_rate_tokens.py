"""Take tokens from rate buckets for calls that are about to be sent."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from services.backends.memory.state import Bucket, State
from services.guardrails import RateGrant, RateRequest

ROUNDING = 1e-9
"""A token counts as whole if it is short by no more than this rounding error."""


def take_rate_tokens(state: State, asks: Sequence[RateRequest]) -> dict[tuple[UUID, str], RateGrant]:
    """See `services.guardrails.Guardrails.take_rate_tokens`."""
    with state.change() as now:
        return {(ask.tenant_id, ask.bucket): _take(state, ask, now) for ask in asks}


def _take(state: State, ask: RateRequest, now: datetime) -> RateGrant:
    bucket = state.buckets.get((ask.tenant_id, ask.bucket), Bucket(ask.capacity, now))
    elapsed = max(0.0, (now - bucket.filled_at).total_seconds())
    tokens = min(float(ask.capacity), bucket.tokens + elapsed * ask.capacity / ask.per_seconds)
    granted = min(ask.wanted, math.floor(tokens + ROUNDING))
    after = Bucket(tokens - granted, max(bucket.filled_at, now))
    state.buckets[ask.tenant_id, ask.bucket] = after
    wait = timedelta(seconds=(1 - after.tokens) * ask.per_seconds / ask.capacity)
    return RateGrant(granted=granted, free_at=after.filled_at + wait if after.tokens < 1 else None)
