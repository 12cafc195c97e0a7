"""A memory backend with one tenant."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from services.add_tenant import add_tenant
from services.backends import Backends
from services.backends.open import memory_backends
from services.clock import FakeClock
from tests.builders import NOW
from tests.use_cases.actors import OLGA


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
async def backends(clock: FakeClock) -> AsyncIterator[Backends]:
    async with memory_backends(clock=clock) as backends:
        yield backends


@pytest.fixture
async def tenant(backends: Backends) -> UUID:
    return (await add_tenant(backends, "Acme", plan="standard", lanes=1, actor=OLGA)).id
