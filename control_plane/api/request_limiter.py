"""Limit the requests of each tenant and each caller, and the requests with invalid tokens or signatures.

Requests of known callers are counted in the database, so the limits hold over all replicas. A process also caches which
callers were just refused, which tokens are valid, and how many wrong tokens an address has sent. So a flood of requests
costs the database no more than the limit and a few calls a second.
"""

import hashlib
import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from fastapi import Request
from fastapi.security.utils import get_authorization_scheme_param

from control_plane.api.identity import Principal, authenticate_at
from control_plane.api.problems import Problem
from services.envelope import Door
from services.errors import Locked, NotAuthenticated, NotFound
from services.request_limits import WINDOW_SECONDS, Quota, RequestCounter, RequestLimits, RequestQuotas

V = TypeVar("V")
MAX_CACHED = 10_000
"""Callers, tokens or addresses that a process remembers; the least recently used are forgotten first."""
REFUSE_FOR = 0.25
"""Seconds for which a process refuses a caller without asking the database. The bucket fills up in the meantime."""
MAX_CALLER_LENGTH = 200
Caller = tuple[UUID, str]
"""Tenant and caller; an empty caller is the tenant as a whole."""


class _Recent(Generic[V]):
    """A dict of the most recently used keys."""

    def __init__(self) -> None:
        self._values: OrderedDict[object, V] = OrderedDict()

    def get(self, key: object) -> V | None:
        if key in self._values:
            self._values.move_to_end(key)
        return self._values.get(key)

    def put(self, key: object, value: V) -> None:
        self._values[key] = value
        self._values.move_to_end(key)
        if len(self._values) > MAX_CACHED:
            self._values.popitem(last=False)

    def drop(self, key: object) -> None:
        self._values.pop(key, None)


@dataclass(frozen=True, slots=True)
class _Refusal:
    until: float
    detail: str
    headers: Mapping[str, str]


class RequestLimiter:
    """The limits of one process. `failures` is how many wrong tokens and signatures an address may send in a minute;
    0: no limit."""

    def __init__(
        self,
        counter: RequestCounter,
        limits: RequestLimits,
        *,
        failures: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._counter = counter
        self._limits = limits
        self._failures = failures
        self._clock = clock
        self._callers: _Recent[Caller] = _Recent()
        """The callers of valid tokens, by the SHA-256 of the token."""
        self._refused: _Recent[_Refusal] = _Recent()
        """By Caller."""
        self._signed_at: _Recent[bool] = _Recent()
        """Paths of the API at which a valid signature has been seen."""
        self._left: _Recent[tuple[float, float]] = _Recent()
        """For each address: how many more wrong tokens and signatures it may send, and when this number was
        computed."""

    async def admit(self, request: Request, door: Door, *, token: str | None = None) -> Principal:
        """The caller of a request within the limits. Raises Problem 429, and the errors of `authenticate_at`."""
        sent = get_authorization_scheme_param(request.headers.get("authorization"))[1] if token is None else token
        token_hash = hashlib.sha256(sent.encode()).digest()
        caller = self._callers.get(token_hash)
        if caller is not None:
            self._repeat_refusal(request, caller)
        elif sent:
            self.check_failures(_address(request))
        try:
            principal = await authenticate_at(request, door, token=token)
        except NotAuthenticated:
            self._callers.drop(token_hash)
            self.note_failure(_address(request))
            raise
        if principal.tenant_id is not None:  # operators have no limit
            caller = principal.tenant_id, _short(principal.proposer)
            self._callers.put(token_hash, caller)
            await self._count(request, caller)
        return principal

    def check_failures(self, address: str) -> None:
        """Raise Problem 429 if this address sent too many wrong tokens and signatures."""
        if self._failures and self._left_of(address) < 1:
            problem = f"address: it sent more than {self._failures} wrong tokens or signatures in a minute"
            raise _too_many(problem, WINDOW_SECONDS / self._failures)

    def note_failure(self, address: str) -> None:
        """Count a wrong token or signature."""
        if self._failures:
            self._left.put(address, (self._left_of(address) - 1, self._clock()))

    async def count_sender(self, request: Request, tenant: UUID, sender: str) -> None:
        """Count a request that this sender has signed. Raises Problem 429."""
        self._signed_at.put(request.url.path, value=True)
        await self._count(request, (tenant, _short(sender)))

    def failure_key(self, request: Request) -> str:
        """The key under which wrong signatures are counted: the address. If the path has had a valid signature, it is
        the address with the path.

        A webhook service sends for many customers from one address. A customer with a wrong secret must not block the
        others.
        """
        path = request.url.path
        return f"{_address(request)} {path}" if self._signed_at.get(path) else _address(request)

    async def _count(self, request: Request, caller: Caller) -> None:
        self._repeat_refusal(request, caller)
        tenant, name = caller
        try:
            taken = await self._counter.take(tenant, name, self._limits)
        except Locked:  # another request holds the bucket: allow this one without a token
            return
        headers = _headers(taken)
        request.state.rate_limit_headers = headers
        if (refused := taken.refused) is None:
            return
        is_shared = refused is taken.tenant
        whose = "tenant: its tokens and users together have" if is_shared else "token: it has"
        until = self._clock() + max(refused.next_in, REFUSE_FOR)
        detail = f"{whose} made more than {refused.limit} requests in a minute"
        self._refused.put((tenant, "") if is_shared else caller, _Refusal(until, detail, headers))
        raise _too_many(detail, refused.next_in)

    def _repeat_refusal(self, request: Request, caller: Caller) -> None:
        """Raise Problem 429 if the caller or its tenant was just refused."""
        for key in (caller, (caller[0], "")):
            refusal = self._refused.get(key)
            if refusal is not None and refusal.until > self._clock():
                request.state.rate_limit_headers = refusal.headers
                raise _too_many(refusal.detail, refusal.until - self._clock())

    def _left_of(self, address: str) -> float:
        left, at = self._left.get(address) or (float(self._failures), self._clock())
        return min(self._failures, left + (self._clock() - at) * self._failures / WINDOW_SECONDS)


async def limit_failed_signatures(request: Request) -> AsyncIterator[None]:
    """A dependency of routes that need a signature and no token: counts the requests with an invalid signature, by
    address."""
    limiter: RequestLimiter = request.app.state.limiter
    key = limiter.failure_key(request)
    limiter.check_failures(key)
    try:
        yield
    except (NotAuthenticated, NotFound):
        limiter.note_failure(key)
        raise


def _headers(taken: RequestQuotas) -> dict[str, str]:
    """`RateLimit-Policy` and `RateLimit` as in draft-ietf-httpapi-ratelimit-headers-10: lists of structured fields."""
    quotas = {"tenant": taken.tenant, "token": taken.caller}
    named: dict[str, Quota] = {name: quota for name, quota in quotas.items() if quota is not None}
    if not named:
        return {}
    return {
        "RateLimit-Policy": ", ".join(f'"{name}";q={quota.limit};w={WINDOW_SECONDS}' for name, quota in named.items()),
        "RateLimit": ", ".join(f'"{name}";r={quota.left};t={quota.full_in}' for name, quota in named.items()),
    }


def _too_many(problem: str, next_in: float) -> Problem:
    seconds = max(1, math.ceil(next_in))
    return Problem(429, f"{problem}; try again in {seconds} s", headers={"Retry-After": str(seconds)})


def _short(name: str) -> str:
    """The name of a caller's bucket, short enough for the database."""
    return name if len(name) <= MAX_CALLER_LENGTH else hashlib.sha256(name.encode()).hexdigest()


def _address(request: Request) -> str:
    """The caller's IP address; for IPv6 its network, because one host has many addresses."""
    host = "" if request.client is None else request.client.host
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else host
