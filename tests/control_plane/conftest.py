"""Fixtures for the tests of commands and settings."""

import os
from pathlib import Path

import pytest


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
