"""A world behind real workers, and a tool in front of them."""

import os
import select
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from services.backends.open import postgres_backends
from services.database import embedded
from services.database.embedded import Cluster
from services.database.embedded.home import find_home
from services.database.embedded.server import read_postmaster
from services.database.schema.migrate import migrate
from tests.faults.receiver import Receiver
from tests.worker.world import World


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A webhook receiver that holds every call until its curtain rises."""
    async with Receiver() as receiver:
        yield receiver


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """A migrated database without rows, and the services over it."""
    async with postgres_backends(database_url) as backends:
        yield World(backends, database_url)


@pytest.fixture
def own_cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A server that this test may kill."""
    data_dir = tmp_path / ".local"
    cluster = embedded.start(data_dir, say=hush)
    migrate(cluster.url, say=hush)
    yield cluster
    embedded.destroy(data_dir)


def hush(_line: str) -> None:
    """Tests say nothing."""


def crash(cluster: Cluster) -> None:
    """PostgreSQL's immediate shutdown: no checkpoint, no goodbye; the next start recovers. Returns once it is gone."""
    home = find_home(cluster.data_dir)
    assert home is not None
    postmaster = read_postmaster(home)
    assert postmaster is not None
    gone = os.pidfd_open(postmaster.pid)
    os.kill(postmaster.pid, signal.SIGQUIT)
    assert select.select([gone], [], [], 60)[0], "PostgreSQL did not go"
    os.close(gone)
