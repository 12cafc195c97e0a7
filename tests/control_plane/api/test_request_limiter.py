"""What a process remembers of its callers, so that a flood costs the database little."""

from dataclasses import replace
from uuid import UUID

import pytest
from fastapi import Request

from control_plane.api import request_limiter
from control_plane.api.identity import Principal
from control_plane.api.problems import Problem
from control_plane.api.request_limiter import REFUSE_FOR, RequestLimiter
from services.backends.open import memory_backends
from services.envelope import Actor, ActorType, Door
from services.errors import NotAuthenticated
from services.request_limits import Quota, RequestLimits, RequestQuotas
from tests.builders import TENANT

OTHER = UUID("7e4a0000-0000-4000-8000-000000000002")


class Counter:
    """Answers as the test says, and counts how often it is asked."""

    def __init__(self) -> None:
        self.taken = RequestQuotas()
        self.asked: list[tuple[UUID, str]] = []

    async def take(self, tenant: UUID, caller: str, limits: RequestLimits) -> RequestQuotas:
        assert limits == RequestLimits(tenant=6, caller=3)
        self.asked.append((tenant, caller))
        return self.taken


class World:
    """A limiter on a clock of its own; tokens are named by their caller, and `wrong…` is nobody's."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, principal: Principal) -> None:
        self.now = 1000.0
        self.counter = Counter()
        self.identified: list[str] = []
        self.limiter = RequestLimiter(
            self.counter, RequestLimits(tenant=6, caller=3), failures=2, clock=lambda: self.now
        )

        async def identify(request: Request, door: Door, *, token: str | None) -> Principal:
            assert (door, token) == (Door.API, None)
            who = request.headers["authorization"].removeprefix("Bearer ")
            self.identified.append(who)
            if who.startswith("wrong"):
                raise NotAuthenticated("token: is unknown, revoked or expired")
            tenant = OTHER if who == "theirs" else TENANT
            return replace(principal, tenant_id=tenant, actor=Actor(type=ActorType.USER, id=who))

        monkeypatch.setattr(request_limiter, "authenticate_at", identify)

    async def ask(self, who: str = "maria", *, address: str = "192.0.2.1") -> int | None:
        """Send a request: the seconds to wait if it is refused, else None."""
        headers = [(b"authorization", f"Bearer {who}".encode())]
        request = Request({"type": "http", "headers": headers, "client": (address, 1), "state": {}})
        try:
            await self.limiter.admit(request, Door.API)
        except Problem as exc:
            return int((exc.headers or {})["Retry-After"]) if exc.status == 429 else -exc.status
        return None


@pytest.fixture
async def world(monkeypatch: pytest.MonkeyPatch) -> World:
    async with memory_backends() as backends:
        principal = Principal(Actor(type=ActorType.USER, id="x"), backends, TENANT)
    return World(monkeypatch, principal)


async def test_a_refused_caller_is_refused_again_without_identity_or_database(world: World) -> None:
    assert await world.ask() is None
    world.counter.taken = RequestQuotas(caller=Quota(3, 0.5, False))
    assert await world.ask() == 10
    asked, identified = len(world.counter.asked), len(world.identified)
    for _ in range(50):
        assert await world.ask() is not None
    assert (len(world.counter.asked), len(world.identified)) == (asked, identified)

    world.counter.taken = RequestQuotas()
    assert await world.ask("omar") is None
    world.now += 10
    assert await world.ask() is None


async def test_a_refusal_of_the_tenant_is_for_all_its_callers_and_for_no_other_tenant(world: World) -> None:
    assert await world.ask("omar") is None
    world.counter.taken = RequestQuotas(tenant=Quota(60_000, 0.9999, False))
    assert await world.ask("maria") == 1
    world.counter.taken = RequestQuotas()
    assert await world.ask("omar") == 1
    assert await world.ask("new") == 1
    assert await world.ask("theirs") is None
    world.now += REFUSE_FOR
    assert await world.ask("maria") is None


async def test_wrong_tokens_of_one_address_are_bounded_and_come_back_with_time(world: World) -> None:
    for number in range(2):
        with pytest.raises(NotAuthenticated):
            await world.ask(f"wrong{number}")
    for number in range(20):
        assert await world.ask(f"wrong again {number}") == 30
    assert world.identified == ["wrong0", "wrong1"]
    with pytest.raises(NotAuthenticated):
        await world.ask("wrong", address="192.0.2.2")
    world.now += 30
    with pytest.raises(NotAuthenticated):
        await world.ask("wrong")
    assert await world.ask("wrong") == 30


async def test_all_addresses_of_a_network_count_as_one(world: World) -> None:
    for host in ("2001:db8::1", "2001:db8::2"):
        with pytest.raises(NotAuthenticated):
            await world.ask("wrong", address=host)
    assert await world.ask("wrong", address="2001:db8::3") == 30
    with pytest.raises(NotAuthenticated):
        await world.ask("wrong", address="2001:db8:0:1::1")
