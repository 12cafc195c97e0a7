"""A helpdesk of a new tenant over a database that the tests of a module share."""

from collections.abc import AsyncIterator

import pytest

from services.backends.open import postgres_access
from tests.control_plane.apps.autopilot.clustered import Clustered, open_clustered
from tests.control_plane.apps.autopilot.helpdesk import Helpdesk, open_helpdesk
from tests.control_plane.console.conftest import browser, open_page, postgres_console

__all__ = ["browser", "open_page", "postgres_console"]  # fixtures of the console


@pytest.fixture
async def helpdesk(module_database_url: str) -> AsyncIterator[Helpdesk]:
    async with postgres_access(module_database_url, pool_size=4) as access:
        yield await open_helpdesk(access, module_database_url)


@pytest.fixture
async def clustered(helpdesk: Helpdesk) -> Clustered:
    """A cluster of an active model, without tickets."""
    return await open_clustered(helpdesk)


@pytest.fixture
async def other(helpdesk: Helpdesk) -> Helpdesk:
    """The helpdesk of another tenant in the same database."""
    return await open_helpdesk(helpdesk.access, helpdesk.url)
