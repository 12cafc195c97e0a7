"""DATABASE_URL_RO: lists and reports come from the replica, with a role that can only read. All other calls use the
primary."""

from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import psycopg
import pytest

from services.backends import Backends
from services.backends.database.transport.functions import FUNCTIONS_DIR, read_declaration
from services.backends.open import postgres_backends
from services.database.embedded import Cluster
from services.database.schema.migrate import seed
from services.envelope import Actor, ActorType
from tests.builders import operator
from tests.clusters import hush
from tests.conftest import at
from tests.contract.builders import a_proposal


@pytest.fixture(scope="module")
def replica_url(cluster: Cluster, module_database_url: str) -> Iterator[str]:
    """The URL of another database with the demo tenants, in place of a replica, for a login with role app_ro."""
    seed(module_database_url, say=hush)
    parts = urlsplit(at(cluster.url, module_database_url.rpartition("/")[2]))
    with psycopg.connect(module_database_url, autocommit=True) as connection:
        connection.execute("create role bi_reader login password 'reads' in role app_ro")
        yield f"postgresql://bi_reader:reads@{parts.hostname}:{parts.port}{parts.path}"
        connection.execute("drop role bi_reader")


@pytest.fixture
async def backends(database_url: str, replica_url: str) -> AsyncIterator[Backends]:
    async with postgres_backends(database_url, read_only_url=replica_url) as backends:
        yield backends


async def test_reports_come_from_the_read_only_database(backends: Backends) -> None:
    tenants = await backends.tenants.list_tenants()
    assert [tenant.name for tenant in tenants] == ["Acme Robotics", "Borealis Bank"]
    acme = tenants[0].id
    assert await backends.outbox.list_envelopes(acme, status=None, limit=9) != []
    assert await backends.audit_log.tail(acme, limit=9) != []
    assert await backends.catalog.list_tools(acme) != []
    assert await backends.accounts.list_accounts(acme) != []
    assert await backends.objectives.list_objectives(acme) != []
    assert await backends.approvals.list_open() != []
    assert [status.name for status in await backends.outbox.status()] == ["Acme Robotics", "Borealis Bank"]


async def test_changes_and_the_rules_for_them_use_the_primary(backends: Backends, database_url: str) -> None:
    borealis = (await backends.tenants.list_tenants())[1]
    await backends.tenants.save(borealis, actor=operator("olga"))
    [enqueued] = await backends.outbox.enqueue(
        [a_proposal(borealis.id)], actor=Actor(type=ActorType.AGENT, id="planner")
    )
    assert await backends.outbox.get(borealis.id, enqueued.envelope.id) == enqueued.envelope
    assert set(await backends.guardrails.policies([borealis.id])) == {borealis.id}
    with psycopg.connect(database_url) as connection:
        assert connection.execute("select name from public.tenants").fetchall() == [("Borealis Bank",)]


def test_app_ro_may_make_every_call_of_a_replica_and_no_function_that_changes_data(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        readable = connection.execute(
            "select proname, provolatile from pg_proc"
            " where pronamespace = 'worker_api'::regnamespace and has_function_privilege('app_ro', oid, 'execute')"
        ).fetchall()
    assert {volatility for _, volatility in readable} <= {"s", "i"}, "stable or immutable"
    replica_calls = {
        path.stem
        for path in (FUNCTIONS_DIR / "worker_api").glob("*.sql")
        if read_declaration(path.stem).may_use_replica
    }
    assert {name for name, _ in readable} == replica_calls | {
        "cause_of", "get_envelope", "get_tenant", "list_viewers", "verdicts_of", "waits_for",
    }  # fmt: skip
