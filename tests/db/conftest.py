"""A server of the oldest PostgreSQL version that hosted projects run."""

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from services.database.connect import connect
from services.database.embedded import Cluster
from tests.clusters import hosted_like
from tests.conftest import at

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
_numbers = count(1)


@pytest.fixture(scope="module")
def old_cluster() -> Iterator[Cluster]:
    """PostgreSQL 15."""
    if not (PROGRAMS / "initdb").exists():
        assert os.environ.get("REQUIRE_REAL") != "1", "REQUIRE_REAL=1, but postgresql-15 is not installed"
        pytest.skip("postgresql-15 is not installed")
    with hosted_like(PROGRAMS) as cluster:
        yield cluster


@pytest.fixture
def old_url(old_cluster: Cluster) -> str:
    """The URL of a new database without migrations, as role `postgres`."""
    name = f"fresh_{next(_numbers)}"
    with connect(at(old_cluster.url, "template1")) as connection:
        connection.execute(f"create database {name} template postgres".encode())
    return at(old_cluster.url, name)
