"""Fixtures for the tests of commands and settings."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.database.rest import RestStack
from tests.conftest import RestFor


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty current folder without a `.env`, and none of our variables in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith(("ACP_", "DATABASE_URL", "SUPABASE_")):
            monkeypatch.delenv(name)


@pytest.fixture
def database_url(emptied_database_url: str) -> str:
    """The database that the tests of doors share, without rows."""
    return emptied_database_url


@pytest.fixture(scope="session")
def shared_rest(rest_for: RestFor, shared_database: str) -> Iterator[RestStack]:
    """A Supabase project's data API over that database."""
    with rest_for(shared_database) as stack:
        yield stack


@pytest.fixture
def rest(database_url: str, shared_rest: RestStack) -> RestStack:
    """The data API over the shared database without rows."""
    del database_url
    return shared_rest
