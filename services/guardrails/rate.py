"""Which rate bucket a call draws on: one for each limit and account, whoever calls, the worker or a job."""

from functools import lru_cache
from uuid import UUID

import orjson

from services.catalog import Tool
from services.errors import InvalidInput
from services.guardrails import GuardrailSettings, RateRequest
from services.guardrails.validate import rate_limit


def bucket_of(tool: Tool, settings: GuardrailSettings, account: str | UUID | None) -> str | None:
    """`slack.minute`, or `slack.minute@ACCOUNT` for a call through an account; None where the tenant sets no limit."""
    if tool.rate_bucket is None or tool.rate_bucket not in settings.rate_limits:
        return None
    return tool.rate_bucket if account is None else f"{tool.rate_bucket}@{account}"


def rate_request(bucket: str, limited: str | None, settings: GuardrailSettings, wanted: int) -> RateRequest | None:
    """For so many calls from a bucket of the limit `limited`, which the tenant sets.

    None where it was written past the check: nothing is granted until it is mended.
    """
    if limited is None:
        return None
    limit = _limit(limited, orjson.dumps(settings.rate_limits[limited], default=dict))
    if limit is None:
        return None
    capacity, per_seconds = limit
    return RateRequest(
        tenant_id=settings.tenant_id, bucket=bucket, wanted=wanted, capacity=capacity, per_seconds=per_seconds
    )


@lru_cache(maxsize=4096)
def _limit(bucket: str, written: bytes) -> tuple[int, int] | None:
    """Calls and seconds; None for what cannot be read."""
    try:
        limit = rate_limit(bucket, orjson.loads(written))
    except InvalidInput:
        return None
    return limit["limit"], limit["per_seconds"]
