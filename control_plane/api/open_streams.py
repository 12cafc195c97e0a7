"""Limit how many event streams may be open at once, for each token or person and for each tenant.

A stream lives in one process, so each process counts its own, in memory.
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from uuid import UUID

from fastapi import Request

from control_plane.api.identity import Principal
from control_plane.api.problems import Problem

PER_CALLER = 20
"""Open streams of one token or user. A browser opens one for all its tabs, or one for each visible tab."""
PER_TENANT = 200
RETRY_AFTER = 10
"""Seconds until a refused client may ask again."""


class OpenStreams:
    """The open streams of one process. Operators have no tenant, so only the limit of each person holds for them."""

    def __init__(self, *, per_caller: int = PER_CALLER, per_tenant: int = PER_TENANT) -> None:
        self._per_caller = per_caller
        self._per_tenant = per_tenant
        self._open: Counter[tuple[UUID | None, str]] = Counter()
        """By tenant and caller; an empty caller is the tenant as a whole."""

    @property
    def count(self) -> int:
        """How many streams are open."""
        return sum(streams for (_, caller), streams in self._open.items() if caller)

    @contextmanager
    def hold(self, principal: Principal) -> Iterator[None]:
        """Count one more stream of this caller until the end of the block. Raises Problem 429 over a limit."""
        caller, tenant = (principal.tenant_id, principal.proposer), (principal.tenant_id, "")
        if self._open[caller] >= self._per_caller:
            raise _too_many("token or user: it has", self._per_caller)
        if principal.tenant_id is not None and self._open[tenant] >= self._per_tenant:
            raise _too_many("tenant: its tokens and users together have", self._per_tenant)
        self._open.update((caller, tenant))
        try:
            yield
        finally:
            self._open.subtract((caller, tenant))
            self._open = +self._open  # unary `+` removes callers whose count is 0


async def hold_stream(request: Request) -> AsyncIterator[None]:
    """A dependency of routes that answer with a stream: counts the stream as open until it has ended for any reason."""
    streams: OpenStreams = request.app.state.streams
    with streams.hold(request.state.principal):
        yield


def _too_many(whose: str, limit: int) -> Problem:
    detail = f"{whose} {limit} event streams open, the most at once; close one, or try again in {RETRY_AFTER} s"
    return Problem(429, detail, headers={"Retry-After": str(RETRY_AFTER)})
