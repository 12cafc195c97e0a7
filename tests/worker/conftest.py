"""A world per test."""

from collections.abc import AsyncIterator

import pytest

from services.backends.open import postgres_backends
from tests.worker.world import World


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """A migrated database without rows, the services over it, and a stage."""
    async with postgres_backends(database_url) as backends:
        yield World(backends, database_url)
