"""What real workers need: a tool to call, and a database server that a test may crash."""

import os
import select
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from services.database import embedded
from services.database.connect import connect
from services.database.embedded import Cluster
from services.database.embedded.home import find_home
from services.database.embedded.server import read_postmaster
from services.database.schema.migrate import migrate
from tests.clusters import hush
from tests.conftest import at
from tests.faults.receiver import Receiver
from tests.worker.world import AGAIN, ONCE, World


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A webhook receiver that answers no call until its curtain is set."""
    async with Receiver() as receiver:
        yield receiver


@pytest.fixture
def own_cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A server that this test may kill."""
    data_dir = tmp_path / ".local"
    cluster = embedded.start(data_dir, say=hush)
    migrate(cluster.url, say=hush)
    yield cluster
    embedded.destroy(data_dir)


@pytest.fixture
def admin(cluster: Cluster, database_url: str) -> Iterator[psycopg.Connection]:
    """A connection as superuser to the database of this test."""
    with connect(at(cluster.admin_url, database_url.rpartition("/")[2])) as connection:
        yield connection


async def propose_to_two_tenants(world: World, receiver: Receiver, count: int) -> list[UUID]:
    """So many envelopes for each of two tools of two tenants."""
    tenants = [await world.add_tenant(name, lanes=2, config=receiver.config) for name in ("one", "two")]
    return [
        each for tenant in tenants for slug in (AGAIN, ONCE) for each in await world.propose(tenant, count, slug=slug)
    ]


def crash(cluster: Cluster) -> None:
    """Stop PostgreSQL at once, without a checkpoint. The next start recovers. Returns when it has ended."""
    home = find_home(cluster.data_dir)
    assert home is not None
    postmaster = read_postmaster(home)
    assert postmaster is not None
    gone = os.pidfd_open(postmaster.pid)
    os.kill(postmaster.pid, signal.SIGQUIT)
    assert select.select([gone], [], [], 60)[0], "PostgreSQL did not go"
    os.close(gone)
