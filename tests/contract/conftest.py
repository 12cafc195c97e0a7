"""Run each test on every backend, without rows and with a clock that the test moves. `-k memory` selects one
backend."""

from collections.abc import AsyncIterator, Iterator
from typing import cast
from uuid import UUID, uuid4

import psycopg
import pytest

from services.accounts import Accounts
from services.approvals import Approvals
from services.audit_log import AuditLogger
from services.backends import Backends
from services.backends import open as choice
from services.catalog import Catalog
from services.database.connect import connect
from services.database.embedded import Cluster
from services.database.rest import RestStack
from services.guardrails import Guardrails
from services.objectives import Objectives
from services.outbox import Outbox
from services.tenants import Tenant, Tenants
from tests.builders import NOW, operator
from tests.clock import FakeClock
from tests.conftest import BACKENDS, RestFor, at, clone
from tests.emptied import empty


@pytest.fixture(scope="session")
def contract_clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def clock(contract_clock: FakeClock) -> FakeClock:
    """A clock that shows `NOW` when the test begins."""
    contract_clock.now = NOW
    return contract_clock


@pytest.fixture(scope="session")
def contract_database(cluster: Cluster, template_database: str) -> Iterator[str]:
    """One database for all tests; it is emptied before each."""
    with clone(cluster, template_database) as url:
        yield url


@pytest.fixture(scope="session")
def contract_admin(cluster: Cluster, contract_database: str) -> Iterator[psycopg.Connection]:
    """A connection as superuser without triggers: no other role can empty the audit log."""
    with connect(at(cluster.admin_url, contract_database.rpartition("/")[2])) as connection:
        connection.execute("set session_replication_role = replica")
        yield connection


@pytest.fixture(scope="session")
async def contract_postgres(contract_database: str, contract_clock: FakeClock) -> AsyncIterator[Backends]:
    async with choice.postgres_backends(contract_database, clock=contract_clock) as backends:
        yield backends


@pytest.fixture(scope="session")
def contract_rest(rest_for: RestFor, contract_database: str) -> Iterator[RestStack]:
    with rest_for(contract_database) as stack:
        yield stack


@pytest.fixture(scope="session")
async def contract_supabase(contract_rest: RestStack, contract_clock: FakeClock) -> AsyncIterator[Backends]:
    async with choice.supabase_backends(contract_rest.url, contract_rest.keys.secret, clock=contract_clock) as backends:
        yield backends


@pytest.fixture
def supabase_backends(contract_supabase: Backends, contract_admin: psycopg.Connection) -> Backends:
    empty(contract_admin)
    return contract_supabase


@pytest.fixture
def postgres_backends(contract_postgres: Backends, contract_admin: psycopg.Connection) -> Backends:
    empty(contract_admin)
    return contract_postgres


@pytest.fixture
async def memory_backends(clock: FakeClock) -> AsyncIterator[Backends]:
    async with choice.memory_backends(clock=clock) as backends:
        yield backends


@pytest.fixture(params=BACKENDS)
def backends(request: pytest.FixtureRequest, clock: FakeClock) -> Backends:
    """All services on one backend without rows."""
    assert clock() == NOW
    return cast("Backends", request.getfixturevalue(f"{request.param}_backends"))


@pytest.fixture
def outbox(backends: Backends) -> Outbox:
    return backends.outbox


@pytest.fixture
def audit_log(backends: Backends) -> AuditLogger:
    return backends.audit_log


@pytest.fixture
def approvals(backends: Backends) -> Approvals:
    return backends.approvals


@pytest.fixture
def tenants(backends: Backends) -> Tenants:
    return backends.tenants


@pytest.fixture
def guardrails(backends: Backends) -> Guardrails:
    return backends.guardrails


@pytest.fixture
def accounts(backends: Backends) -> Accounts:
    return backends.accounts


@pytest.fixture
def catalog(backends: Backends) -> Catalog:
    return backends.catalog


@pytest.fixture
def objectives(backends: Backends) -> Objectives:
    return backends.objectives


@pytest.fixture
async def tenant(tenants: Tenants) -> UUID:
    """A tenant with one lane."""
    acme = Tenant(id=uuid4(), name="acme")
    await tenants.save(acme, actor=operator("olga"))
    return acme.id


@pytest.fixture
async def other_tenant(tenants: Tenants) -> UUID:
    """Another tenant with one lane."""
    zebra = Tenant(id=uuid4(), name="zebra")
    await tenants.save(zebra, actor=operator("olga"))
    return zebra.id
