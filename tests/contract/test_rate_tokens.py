"""Rate buckets are full at first, and are filled again over time, up to their capacity."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from services.guardrails import Guardrails, RateGrant, RateRequest
from tests.builders import NOW
from tests.clock import FakeClock


@pytest.fixture
def rate_request(tenant: UUID) -> RateRequest:
    """A request for one token of a bucket with ten, which gets one token every six seconds."""
    return RateRequest(tenant_id=tenant, bucket="slack.minute", wanted=1, capacity=10, per_seconds=60)


async def test_a_new_bucket_is_full(guardrails: Guardrails, rate_request: RateRequest) -> None:
    assert await _take(guardrails, rate_request, 4) == RateGrant(granted=4, free_at=None)
    assert await _take(guardrails, rate_request, 6) == RateGrant(granted=6, free_at=NOW + timedelta(seconds=6))


async def test_no_more_tokens_are_granted_than_there_are(
    guardrails: Guardrails, rate_request: RateRequest, clock: FakeClock
) -> None:
    assert await _take(guardrails, rate_request, 25) == RateGrant(granted=10, free_at=NOW + timedelta(seconds=6))

    clock.advance(seconds=3)
    assert await _take(guardrails, rate_request) == RateGrant(granted=0, free_at=NOW + timedelta(seconds=6))
    clock.advance(seconds=3)
    assert await _take(guardrails, rate_request) == RateGrant(granted=1, free_at=NOW + timedelta(seconds=12))


async def test_a_bucket_never_holds_more_than_its_capacity(
    guardrails: Guardrails, rate_request: RateRequest, clock: FakeClock
) -> None:
    await _take(guardrails, rate_request, 10)
    clock.advance(days=1)

    assert (await _take(guardrails, rate_request, 100)).granted == 10


async def test_a_smaller_capacity_applies_at_once(guardrails: Guardrails, rate_request: RateRequest) -> None:
    await _take(guardrails, rate_request, 1)

    assert (await _take(guardrails, replace(rate_request, capacity=5), 100)).granted == 5


async def test_a_clock_set_back_neither_adds_nor_removes_tokens(
    guardrails: Guardrails, rate_request: RateRequest, clock: FakeClock
) -> None:
    await _take(guardrails, rate_request, 8)
    clock.advance(minutes=-10)
    assert await _take(guardrails, rate_request, 9) == RateGrant(granted=2, free_at=NOW + timedelta(seconds=6))

    clock.advance(minutes=10)
    assert (await _take(guardrails, rate_request)).granted == 0
    clock.advance(seconds=6)
    assert (await _take(guardrails, rate_request)).granted == 1


async def test_buckets_are_separate_by_name_and_tenant(
    guardrails: Guardrails, rate_request: RateRequest, other_tenant: UUID
) -> None:
    requests = [rate_request, replace(rate_request, bucket="slack.day"), replace(rate_request, tenant_id=other_tenant)]
    await _take(guardrails, rate_request, 10)

    granted = await guardrails.take_rate_tokens(requests)

    assert {key: grant.granted for key, grant in granted.items()} == {
        (rate_request.tenant_id, "slack.minute"): 0,
        (rate_request.tenant_id, "slack.day"): 1,
        (other_tenant, "slack.minute"): 1,
    }
    assert await guardrails.take_rate_tokens([]) == {}


async def test_simultaneous_requests_get_each_token_once(guardrails: Guardrails, rate_request: RateRequest) -> None:
    """A request that finds the bucket locked gets no token, and is sent again later."""
    granted = 0
    async with asyncio.timeout(60):
        while granted < 10:
            granted += sum(
                grant.granted for grant in await asyncio.gather(*[_take(guardrails, rate_request, 3) for _ in range(8)])
            )

    assert granted == 10
    assert (await _take(guardrails, rate_request)).granted == 0


async def _take(guardrails: Guardrails, rate_request: RateRequest, wanted: int = 1) -> RateGrant:
    [grant] = (await guardrails.take_rate_tokens([replace(rate_request, wanted=wanted)])).values()
    return grant


async def test_a_held_bucket_has_its_next_token_when_the_hold_ends(
    guardrails: Guardrails, rate_request: RateRequest, clock: FakeClock
) -> None:
    await _take(guardrails, rate_request, 2)
    until = NOW + timedelta(seconds=90)
    await guardrails.hold_bucket(rate_request, until=until)
    await guardrails.hold_bucket(rate_request, until=NOW + timedelta(seconds=30))
    assert await _take(guardrails, rate_request) == RateGrant(granted=0, free_at=until)
    clock.advance(seconds=89)
    assert await _take(guardrails, rate_request) == RateGrant(granted=0, free_at=until)
    clock.advance(seconds=1)
    assert await _take(guardrails, rate_request, 5) == RateGrant(granted=1, free_at=until + timedelta(seconds=6))


async def test_an_unused_bucket_can_be_held(guardrails: Guardrails, rate_request: RateRequest) -> None:
    await guardrails.hold_bucket(rate_request, until=NOW + timedelta(seconds=30))
    assert await _take(guardrails, rate_request) == RateGrant(granted=0, free_at=NOW + timedelta(seconds=30))
