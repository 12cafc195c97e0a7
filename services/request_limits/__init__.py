"""Request limits: how many requests of the API a tenant and each of its callers may make, counted over all replicas."""

import math
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

WINDOW_SECONDS = 60
"""Seconds in which an empty bucket fills up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLimits:
    """Requests per minute; 0 for no limit."""

    tenant: int = 0
    """The limit for a whole tenant."""
    caller: int = 0
    """The limit for each API token and user of the tenant."""


@dataclass(frozen=True, slots=True)
class Quota:
    """The state of a bucket of request tokens after a request."""

    limit: int
    tokens: float
    granted: bool
    """Whether the request got a token."""

    @property
    def left(self) -> int:
        """How many more requests the bucket allows now."""
        return max(0, math.floor(self.tokens))

    @property
    def full_in(self) -> int:
        """Seconds until the bucket is full, if no request comes."""
        return math.ceil((self.limit - self.tokens) * WINDOW_SECONDS / self.limit)

    @property
    def next_in(self) -> float:
        """Seconds until the next token."""
        return max(0.0, 1 - self.tokens) * WINDOW_SECONDS / self.limit


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestQuotas:
    """Whether the request limits of the tenant and of the caller allow one request, and how many requests are left."""

    caller: Quota | None = None
    """None if the caller has no limit."""
    tenant: Quota | None = None
    """None if the tenant has no limit, or if the caller's limit had already refused the request."""

    @property
    def refused(self) -> Quota | None:
        """The bucket that refused the request; None if the request is allowed."""
        return next((quota for quota in (self.caller, self.tenant) if quota is not None and not quota.granted), None)


class RequestCounter(Protocol):
    """Counts requests in the database, so that all replicas of the API share the limits."""

    async def take(self, tenant: UUID, caller: str, limits: RequestLimits) -> RequestQuotas:
        """Count one request. The tenant's own limits replace `limits`. Raises InvalidInput for a long `caller`."""
