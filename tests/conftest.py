"""One embedded PostgreSQL for all tests, and for each test that wants one a fresh migrated database in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import pytest
from psycopg import sql

from services.database import embedded
from services.database.connect import connect
from services.database.embedded import Cluster
from services.database.migrate import migrate

_numbers = count(1)


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The server; it is deleted, data and all, after the last test, so it need not wait for the disk."""
    data_dir = tmp_path_factory.mktemp("cluster")
    with embedded.running(data_dir, say=_hush) as running:
        with connect(running.admin_url) as connection:
            connection.execute("alter system set fsync = off")
            connection.execute("select pg_reload_conf()")
        yield running
    embedded.destroy(data_dir)


@pytest.fixture(scope="session")
def blank_template(cluster: Cluster) -> str:
    """A database as a new hosted project has it."""
    # the clone is ordered from template1, since nobody may be connected to what is cloned
    with connect(at(cluster.url, "template1")) as connection:
        connection.execute("create database blank template postgres")
    return "blank"


@pytest.fixture(scope="session")
def template_database(cluster: Cluster, blank_template: str) -> str:
    """A database with every migration and function applied, and no rows."""
    with connect(cluster.url) as connection:
        connection.execute(_create("migrated", blank_template))
    migrate(at(cluster.url, "migrated"), say=_hush)
    return "migrated"


@pytest.fixture
def database_url(cluster: Cluster, template_database: str) -> Iterator[str]:
    """A fresh migrated database, as role `postgres`."""
    with _clone(cluster, template_database) as url:
        yield url


@pytest.fixture(scope="module")
def module_database_url(cluster: Cluster, template_database: str) -> Iterator[str]:
    """A fresh migrated database that the tests of one module share."""
    with _clone(cluster, template_database) as url:
        yield url


@pytest.fixture
def blank_url(cluster: Cluster, blank_template: str) -> Iterator[str]:
    """A fresh database without a migration, as role `postgres`."""
    with _clone(cluster, blank_template) as url:
        yield url


def at(url: str, name: str) -> str:
    """The same server and role, another database."""
    return f"{url.rpartition('/')[0]}/{name}"


@contextmanager
def _clone(cluster: Cluster, template: str) -> Iterator[str]:
    name = f"test_{next(_numbers)}"
    with connect(cluster.url) as connection:
        connection.execute(_create(name, template))
    try:
        yield at(cluster.url, name)
    finally:
        with connect(cluster.url) as connection:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def _create(name: str, template: str) -> sql.Composed:
    return sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template))


def _hush(_line: str) -> None:
    """Tests say nothing."""
