"""A desk of a new tenant over a database that the tests of a module share, and rows in a database of a test's own."""

from collections.abc import AsyncIterator, Iterator

import pytest

from services.backends import Access, Backends
from services.backends.functions import Functions
from services.backends.open import postgres_access
from tests.control_plane.apps.drafts.desk import Desk, open_desk
from tests.control_plane.apps.drafts.rows import Rows, rows_of
from tests.control_plane.console.conftest import browser, open_page, postgres_console

__all__ = ["browser", "open_page", "postgres_console"]  # fixtures of the console


@pytest.fixture
async def desk(module_database_url: str) -> AsyncIterator[Desk]:
    """A tenant that answers mail."""
    async with postgres_access(module_database_url, pool_size=4) as access:
        yield await open_desk(access, module_database_url)


@pytest.fixture
def rows(database_url: str) -> Iterator[Rows]:
    """A tenant whose conversations and drafts the test writes."""
    with rows_of(database_url) as written:
        yield written


@pytest.fixture
async def access(database_url: str) -> AsyncIterator[Access]:
    """The services over the database of `rows`."""
    async with postgres_access(database_url, pool_size=2) as opened:
        yield opened


@pytest.fixture
def backends(access: Access) -> Backends:
    """The services for operators."""
    return access.operator


@pytest.fixture
def functions(backends: Backends) -> Functions:
    """The SQL functions for operators."""
    assert backends.functions is not None
    return backends.functions
