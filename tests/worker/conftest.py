"""The database of the tests of the worker."""

import pytest


@pytest.fixture
def database_url(emptied_database_url: str) -> str:
    """The shared database without rows."""
    return emptied_database_url
