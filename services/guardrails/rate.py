"""The rate bucket of a call: one for each limit and account, shared by the worker and the jobs."""

from functools import lru_cache
from uuid import UUID

import orjson

from services.catalog import Tool
from services.errors import InvalidInput
from services.guardrails import GuardrailSettings, RateRequest
from services.guardrails.validate import rate_limit


def bucket_of(tool: Tool, settings: GuardrailSettings, account: str | UUID | None) -> str | None:
    """The rate bucket of a call: `slack.minute`, for example, or `slack.minute@ACCOUNT` for a call through an account.

    None if the tool has no rate bucket, or if the tenant sets no limit for it.
    """
    if tool.rate_bucket is None or tool.rate_bucket not in settings.rate_limits:
        return None
    return tool.rate_bucket if account is None else f"{tool.rate_bucket}@{account}"


def rate_request(bucket: str, limit_name: str | None, settings: GuardrailSettings, wanted: int) -> RateRequest | None:
    """A request for `wanted` tokens from a bucket of the tenant's limit `limit_name`.

    None if there is no limit, or if the limit is invalid. With an invalid limit, calls wait until somebody corrects it.
    """
    if limit_name is None:
        return None
    limit = _parse_limit(limit_name, orjson.dumps(settings.rate_limits[limit_name], default=dict))
    if limit is None:
        return None
    capacity, per_seconds = limit
    return RateRequest(
        tenant_id=settings.tenant_id, bucket=bucket, wanted=wanted, capacity=capacity, per_seconds=per_seconds
    )


@lru_cache(maxsize=4096)
def _parse_limit(bucket: str, document: bytes) -> tuple[int, int] | None:
    """Calls and seconds; None if the limit is invalid."""
    try:
        limit = rate_limit(bucket, orjson.loads(document))
    except InvalidInput:
        return None
    return limit["limit"], limit["per_seconds"]
