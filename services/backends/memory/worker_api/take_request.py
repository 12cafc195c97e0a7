"""Take a token for one request of the API."""

from datetime import datetime
from uuid import UUID

from services.backends.memory.check_texts import check_texts
from services.backends.memory.state import Bucket, State
from services.request_limits import WINDOW_SECONDS, Quota, RequestLimits, RequestQuotas


def take_request(state: State, tenant: UUID, caller: str, limits: RequestLimits) -> RequestQuotas:
    """See `services.request_limits.RequestCounter.take`."""
    check_texts(caller=caller)
    row = state.tenants.get(tenant)
    own_limit = None if row is None else row.token_requests_per_minute
    shared_limit = None if row is None else row.requests_per_minute
    with state.change() as now:
        own = _take_token(state, (tenant, caller), limits.caller if own_limit is None else own_limit, now)
        if own is not None and not own.granted:
            return RequestQuotas(caller=own)
        shared = _take_token(state, (tenant, ""), limits.tenant if shared_limit is None else shared_limit, now)
        return RequestQuotas(caller=own, tenant=shared)


def _take_token(state: State, key: tuple[UUID, str], limit: int, now: datetime) -> Quota | None:
    if limit == 0:
        return None
    bucket = state.request_buckets.get(key, Bucket(limit, now))
    gained = max(0.0, (now - bucket.filled_at).total_seconds()) * limit / WINDOW_SECONDS
    level = min(limit, bucket.tokens + gained)
    granted = level >= 1
    state.request_buckets[key] = Bucket(level - granted, max(bucket.filled_at, now))
    return Quota(limit, level - granted, granted)
