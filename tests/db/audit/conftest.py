"""A database in which only the trigger prevents tampering with audit rows."""

from collections.abc import AsyncIterator, Iterator
from uuid import UUID

import psycopg
import pytest

from services.backends import Backends
from services.backends.open import postgres_backends
from services.database.connect import connect
from services.database.embedded import Cluster
from tests.db.audit.tampering import a_chain
from tests.db.sql import as_superuser

LOOSEN = """
set role app_owner;
alter table public.audit_log drop constraint audit_log_pkey;
alter table public.audit_log
  alter seq drop not null, alter actor_type drop not null, alter actor_id drop not null, alter category drop not null,
  alter payload drop not null, alter created_at drop not null, alter previous_hash drop not null,
  alter hash drop not null
"""


@pytest.fixture(scope="module")
def loose_url(module_database_url: str) -> str:
    """A database whose owner has removed every constraint of the audit log; the trigger is left."""
    with connect(module_database_url) as connection:
        connection.execute(LOOSEN.encode())
    return module_database_url


@pytest.fixture(scope="module")
async def backends(loose_url: str) -> AsyncIterator[Backends]:
    async with postgres_backends(loose_url) as opened:
        yield opened


@pytest.fixture
async def tenant(backends: Backends) -> UUID:
    """A tenant with ROWS audit rows."""
    return await a_chain(backends)


@pytest.fixture(params=["owner", "superuser"])
def intruder(request: pytest.FixtureRequest, cluster: Cluster, loose_url: str) -> Iterator[psycopg.Connection]:
    """A connection for which the log is not append-only."""
    if request.param == "superuser":
        with connect(as_superuser(cluster, loose_url)) as connection:
            connection.execute("set session_replication_role = replica")
            yield connection
    else:
        with connect(loose_url) as connection:
            connection.execute("set role app_owner")
            connection.execute("alter table public.audit_log disable trigger audit_log_append_only")
            yield connection
            connection.execute("alter table public.audit_log enable trigger audit_log_append_only")
