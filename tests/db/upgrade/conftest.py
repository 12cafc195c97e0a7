"""The released version, as its users run it."""

import tarfile
from pathlib import Path

import pytest

ARCHIVE = Path(__file__).with_name("0.1.0.tar.xz")


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The worker, services, SQL files and contract tests of release 0.1.0, unpacked and unchanged."""
    folder = tmp_path_factory.mktemp("release")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    return folder / "0.1.0"
