"""A world behind real workers, and a tool in front of them."""

from collections.abc import AsyncIterator

import pytest

from services.backends import postgres_backends
from tests.faults.receiver import Receiver
from tests.worker.world import World


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A webhook receiver that holds every call until its curtain rises."""
    async with Receiver() as receiver:
        yield receiver


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """A migrated database without rows, and the services over it."""
    async with postgres_backends(database_url) as backends:
        yield World(backends, database_url)
