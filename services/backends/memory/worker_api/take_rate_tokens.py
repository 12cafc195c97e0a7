"""Take tokens from rate buckets for calls that are about to be sent."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from services.backends.memory.state import Bucket, State
from services.guardrails import RateGrant, RateRequest

ROUNDING = 1e-9
"""A token counts as whole if it is short by no more than this rounding error."""


def take_rate_tokens(state: State, requests: Sequence[RateRequest]) -> dict[tuple[UUID, str], RateGrant]:
    """See `services.guardrails.Guardrails.take_rate_tokens`."""
    with state.change() as now:
        return {(request.tenant_id, request.bucket): _take_tokens(state, request, now) for request in requests}


def _take_tokens(state: State, request: RateRequest, now: datetime) -> RateGrant:
    bucket = state.buckets.get((request.tenant_id, request.bucket), Bucket(request.capacity, now))
    elapsed = max(0.0, (now - bucket.filled_at).total_seconds())
    tokens = min(float(request.capacity), bucket.tokens + elapsed * request.capacity / request.per_seconds)
    granted = min(request.wanted, math.floor(tokens + ROUNDING))
    after = Bucket(tokens - granted, max(bucket.filled_at, now))
    state.buckets[request.tenant_id, request.bucket] = after
    wait = timedelta(seconds=(1 - after.tokens) * request.per_seconds / request.capacity)
    return RateGrant(granted=granted, free_at=after.filled_at + wait if after.tokens < 1 else None)
