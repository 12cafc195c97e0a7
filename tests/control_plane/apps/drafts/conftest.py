"""A desk of a new tenant, over a database that the tests of a module share."""

from collections.abc import AsyncIterator

import pytest

from services.backends.open import postgres_access
from tests.control_plane.apps.drafts.desk import Desk, open_desk
from tests.control_plane.console.conftest import browser, open_page, postgres_console

__all__ = ["browser", "open_page", "postgres_console"]  # fixtures of the console


@pytest.fixture
async def desk(module_database_url: str) -> AsyncIterator[Desk]:
    """A tenant that answers mail."""
    async with postgres_access(module_database_url, pool_size=4) as access:
        yield await open_desk(access, module_database_url)
