"""Requests of the API are counted for their tenant and their caller, however many replicas count."""

from uuid import UUID, uuid4

import pytest

from services.backends import Backends
from services.errors import InvalidInput, NotFound
from services.request_limits import Quota, RequestLimits, RequestQuotas
from services.tenants import Tenant
from tests.builders import operator
from tests.clock import FakeClock

SIX = RequestLimits(tenant=6, caller=3)
OLGA = operator("olga")


async def granted(backends: Backends, tenant: UUID, caller: str, count: int, limits: RequestLimits = SIX) -> int:
    """How many of so many requests are allowed."""
    taken = [await backends.request_limits.take(tenant, caller, limits) for _ in range(count)]
    return sum(each.refused is None for each in taken)


async def test_a_caller_has_its_own_limit_and_the_tenant_one_for_all(backends: Backends, tenant: UUID) -> None:
    first = await backends.request_limits.take(tenant, "token:a", SIX)
    assert first == RequestQuotas(caller=Quota(3, 2, True), tenant=Quota(6, 5, True))
    assert await granted(backends, tenant, "token:a", 5) == 2
    assert await granted(backends, tenant, "token:b", 5) == 3
    refused = await backends.request_limits.take(tenant, "token:c", SIX)

    assert refused == RequestQuotas(caller=Quota(3, 2, True), tenant=Quota(6, 0, False))
    assert refused.refused == refused.tenant


async def test_what_a_caller_is_refused_costs_the_tenant_nothing(backends: Backends, tenant: UUID) -> None:
    assert await granted(backends, tenant, "token:a", 50) == 3
    last = await backends.request_limits.take(tenant, "token:a", SIX)
    assert last == RequestQuotas(caller=Quota(3, 0, False), tenant=None)
    assert await granted(backends, tenant, "token:b", 50) == 3


async def test_another_tenant_has_its_own_tokens(backends: Backends, tenant: UUID, other_tenant: UUID) -> None:
    assert await granted(backends, tenant, "token:a", 9) == 3
    assert await granted(backends, other_tenant, "token:a", 9) == 3


async def test_tokens_come_back_evenly_and_no_more_than_the_limit(
    backends: Backends, tenant: UUID, clock: FakeClock
) -> None:
    assert await granted(backends, tenant, "token:a", 9) == 3
    empty = (await backends.request_limits.take(tenant, "token:a", SIX)).refused
    assert empty is not None
    assert (empty.next_in, empty.full_in, empty.left) == (20, 60, 0)
    clock.advance(seconds=20)
    assert await granted(backends, tenant, "token:a", 9) == 1
    clock.advance(hours=2)
    assert await granted(backends, tenant, "token:a", 9) == 3


async def test_a_clock_that_was_set_back_gives_and_takes_nothing(
    backends: Backends, tenant: UUID, clock: FakeClock
) -> None:
    assert await granted(backends, tenant, "token:a", 2) == 2
    clock.advance(hours=-1)
    assert await granted(backends, tenant, "token:a", 9) == 1
    clock.advance(hours=1)
    assert await granted(backends, tenant, "token:a", 9) == 0


async def test_the_limits_of_the_tenant_go_before_those_of_the_call(backends: Backends, tenant: UUID) -> None:
    set_limits = backends.tenants.set_request_limits
    await set_limits(tenant, requests_per_minute=2, token_requests_per_minute=0, actor=OLGA)
    acme = await backends.tenants.get(tenant)
    assert (acme.requests_per_minute, acme.token_requests_per_minute) == (2, 0)
    assert await granted(backends, tenant, "token:a", 9) == 2

    await backends.tenants.save(Tenant(id=tenant, name="renamed"), actor=OLGA)
    assert (await backends.tenants.get(tenant)).requests_per_minute == 2
    await set_limits(tenant, requests_per_minute=0, token_requests_per_minute=None, actor=OLGA)
    assert await granted(backends, tenant, "token:b", 9) == 3
    [change, *_] = await backends.audit_log.tail(tenant, limit=1)
    assert (change.entry.category, change.entry.actor.id) == ("tenants.update", "olga")
    assert change.entry.payload["changed"] == {"requests_per_minute": 0, "token_requests_per_minute": None}


async def test_a_tenant_that_does_not_exist_has_the_limits_of_the_call(backends: Backends) -> None:
    assert await granted(backends, uuid4(), "token:a", 9) == 3


async def test_no_limit_and_bad_limits(backends: Backends, tenant: UUID) -> None:
    assert await backends.request_limits.take(tenant, "token:a", RequestLimits()) == RequestQuotas()
    for wrong in ({"requests_per_minute": -1, "token_requests_per_minute": 1},
                  {"requests_per_minute": 1, "token_requests_per_minute": -1}):  # fmt: skip
        with pytest.raises(InvalidInput, match="requests_per_minute"):
            await backends.tenants.set_request_limits(tenant, **wrong, actor=OLGA)
    with pytest.raises(NotFound):
        await backends.tenants.set_request_limits(
            uuid4(), requests_per_minute=1, token_requests_per_minute=1, actor=OLGA
        )
    with pytest.raises(InvalidInput, match="caller"):
        await backends.request_limits.take(tenant, "x" * 2000, SIX)
