"""Data folders of the embedded PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.database import embedded
from tests.clusters import hush


@pytest.fixture(scope="module")
def created_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One cluster for the tests that do not damage it."""
    data_dir = tmp_path_factory.mktemp("embedded")
    with embedded.running(data_dir, say=hush):
        pass
    yield data_dir
    embedded.destroy(data_dir)


@pytest.fixture
def data_dir(created_dir: Path) -> Iterator[Path]:
    """A cluster that was created before and does not run."""
    yield created_dir
    embedded.stop(created_dir)


@pytest.fixture
def fresh_dir(tmp_path: Path) -> Iterator[Path]:
    """A folder where nothing was created yet."""
    fresh = tmp_path / ".local"
    yield fresh
    embedded.destroy(fresh)
