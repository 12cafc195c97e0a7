"""One embedded PostgreSQL for all tests, and a new migrated database in it for each test that needs one."""

import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count

import pytest
from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, settings
from psycopg import sql

from services.backends import Access
from services.backends.open import postgres_access, postgres_backends
from services.database.connect import connect
from services.database.embedded import Cluster
from services.database.rest import RestStack, rest_stack
from services.database.rest.postgrest import find_program
from services.database.schema.migrate import migrate
from services.errors import NotReady
from tests.clusters import hush, new_cluster
from tests.emptied import empty
from tests.worker.world import World

BACKENDS = ("memory", "postgres", "supabase")

COLLECTED = pytest.StashKey[list[str]]()
"""The ids of all collected tests, also of those that are not selected."""

_numbers = count(1)


def pytest_configure() -> None:
    """The duration of an example says nothing about our code if the machine is busy.

    Child processes handle signals as in a terminal, even if nohup or `&` make these tests ignore them.
    """
    settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("any machine")
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Note all tests before any is deselected."""
    config.stash[COLLECTED] = [item.nodeid for item in items]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The number of passed contract tests by backend."""
    if all(kept := _kept(terminalreporter)):
        between = " = " if len(set(kept)) == 1 else " ≠ "
        told = between.join(f"{name} {count}" for name, count in zip(BACKENDS, kept, strict=True))
        terminalreporter.write_line(f"contract: {told}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A contract test that did not run on every backend is a failure, unless only some tests were selected."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    chosen = session.config.option.keyword or session.config.option.deselect or session.config.option.maxfail
    if exitstatus == 0 and not chosen and reporter is not None and len(set(_kept(reporter))) > 1:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _kept(reporter: pytest.TerminalReporter) -> list[int]:
    passed = [report.nodeid for report in reporter.stats.get("passed", [])]
    promises = [each for each in passed if "tests/contract/" in each and "test_state_machine" not in each]
    return [sum(f"[{name}" in each for each in promises) for name in BACKENDS]


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The server, which runs until the last test."""
    with new_cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


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
    migrate(at(cluster.url, "migrated"), say=hush)
    with connect(at(cluster.admin_url, "migrated")) as connection:
        connection.execute("vacuum full")  # otherwise every clone would copy the space of dead rows
    return "migrated"


@pytest.fixture
def fresh_database_url(cluster: Cluster, template_database: str) -> Iterator[str]:
    """A new migrated database, as role `postgres`."""
    with clone(cluster, template_database) as url:
        yield url


@pytest.fixture(scope="session")
def shared_database(cluster: Cluster, template_database: str) -> Iterator[str]:
    """The database of all tests that change nothing but rows."""
    with clone(cluster, template_database) as url:
        yield url


@pytest.fixture
def emptied_database_url(cluster: Cluster, shared_database: str) -> str:
    """The shared database without rows, as role `postgres`."""
    with connect(at(cluster.admin_url, shared_database.rpartition("/")[2])) as admin:
        empty(admin)
    return shared_database


@pytest.fixture(scope="session")
async def shared_access(shared_database: str) -> AsyncIterator[Access]:
    """Backends over the shared database, whose connections have planned most statements already."""
    async with postgres_access(shared_database, pool_size=4) as access:
        yield access


@pytest.fixture
def database_url(fresh_database_url: str) -> str:
    """A migrated database without rows, as role `postgres`. Folders whose tests change only rows share one."""
    return fresh_database_url


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """Backends over a fresh migrated database, and tools that the test plays."""
    async with postgres_backends(database_url) as backends:
        yield World(backends, database_url)


@pytest.fixture(scope="module")
def module_database_url(cluster: Cluster, template_database: str) -> Iterator[str]:
    """A fresh migrated database that the tests of one module share."""
    with clone(cluster, template_database) as url:
        yield url


@pytest.fixture
def blank_url(cluster: Cluster, blank_template: str) -> Iterator[str]:
    """The URL of a new database without migrations, for role `postgres`."""
    with clone(cluster, blank_template) as url:
        yield url


RestFor = Callable[[str], AbstractContextManager[RestStack]]


@pytest.fixture(scope="session")
def rest_for(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> RestFor:
    """Serves a database of the cluster by a real PostgREST, in a thread of its own, until the block ends.

    Skips the test if PostgREST is not installed, unless REQUIRE_REAL=1.
    """
    try:
        find_program()
    except NotReady as exc:
        if os.environ.get("REQUIRE_REAL"):
            raise
        pytest.skip(str(exc))
    folder = tmp_path_factory.mktemp("rest")

    @contextmanager
    def serving(url: str) -> Iterator[RestStack]:
        authenticator = at(cluster.authenticator_url, url.rpartition("/")[2])
        with (
            start_blocking_portal() as portal,  # when uvloop is closed, it may wait for ever for an open handle
            portal.wrap_async_context_manager(rest_stack(authenticator, folder, say=hush)) as stack,
        ):
            yield stack

    return serving


@pytest.fixture
def rest(rest_for: RestFor, database_url: str) -> Iterator[RestStack]:
    """A Supabase project's data API over the fresh database of `database_url`."""
    with rest_for(database_url) as stack:
        yield stack


@pytest.fixture(scope="module")
def module_rest(rest_for: RestFor, module_database_url: str) -> Iterator[RestStack]:
    """A Supabase project's data API over the database that the tests of one module share."""
    with rest_for(module_database_url) as stack:
        yield stack


def at(url: str, name: str) -> str:
    """The same server and role, another database."""
    return f"{url.rpartition('/')[0]}/{name}"


@contextmanager
def clone(cluster: Cluster, template: str) -> Iterator[str]:
    """A database of its own, until the block ends."""
    name = f"test_{next(_numbers)}"
    with connect(cluster.url) as connection:
        connection.execute(_create(name, template))
    try:
        yield at(cluster.url, name)
    finally:
        with connect(cluster.url) as connection:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def _create(name: str, template: str) -> sql.Composed:
    """Created by copying files, because writing each page to the log takes five times the CPU time."""
    return sql.SQL("create database {} template {} strategy file_copy").format(
        sql.Identifier(name), sql.Identifier(template)
    )
