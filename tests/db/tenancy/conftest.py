"""The prepared database that the tests of access share."""

from collections.abc import Iterator

import pytest

from tests.db.tenancy.stage import Stage, staged


@pytest.fixture(scope="module")
def stage(module_database_url: str) -> Iterator[Stage]:
    """A database with two tenants, and what each caller can access. Tests must not change it."""
    with staged(module_database_url) as ready:
        yield ready
