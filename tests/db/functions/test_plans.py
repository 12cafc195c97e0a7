"""The most frequent functions read their rows by index and from few pages, however many other rows there are."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from services.backends.open import postgres_backends
from services.database.connect import connect
from services.envelope import Actor, ActorType
from services.outbox import Disposition
from services.tenants import Tenant
from tests.builders import operator
from tests.contract.builders import a_dead_letter, a_proposal, in_order, settled

TENANTS, HELD, DUE = 40, 60, 10
BATCH = 100
WAITING = 50_000
"""Envelopes behind one ordering key."""
HOT = ("public.outbox", "public.audit_log", "app_private.open_envelopes", "app_private.audit_heads")
"""Without lanes and tenants: their few rows fit on one page, which is read as quickly without an index."""
SCANS = "select sum(seq_scan)::int from pg_stat_all_tables where relid = any (%s::regclass[])"


@pytest.fixture
async def busy_url(database_url: str) -> str:
    """Held, due and settled envelopes of many tenants."""
    later = datetime.now(UTC) + timedelta(days=1)
    async with postgres_backends(database_url) as backends:
        for tenant in [uuid4() for _ in range(TENANTS)]:
            await backends.tenants.save(Tenant(id=tenant, name=str(tenant)), actor=operator("olga"))
            proposals = [a_proposal(tenant, next_run_at=later) for _ in range(HELD)]
            proposals += [a_proposal(tenant) for _ in range(DUE)]
            await backends.outbox.enqueue(proposals, actor=Actor(type=ActorType.AGENT, id="a"))
        claimed = await backends.outbox.claim("w", limit=BATCH, lease_for=timedelta(minutes=5))
        await backends.outbox.settle("w", [settled(each, Disposition.SUCCESS) for each in claimed])
    with connect(database_url) as connection:
        connection.execute("vacuum analyze")
    return database_url


def test_a_claim_reads_few_pages_for_each_envelope(busy_url: str) -> None:
    with connect(busy_url) as connection:
        claim = "select worker_api.claim('w', '{}', {}, '5 min', except_tenants => array[]::uuid[])"
        _explained(connection, claim.format(uuid4(), 1))  # plans are made
        spent, answer = _explained(connection, claim.format(uuid4(), BATCH))
        claimed = connection.execute("select sum(cardinality(in_flight)) from app_private.lanes").fetchall()[0][0]
    assert claimed == 1 + BATCH
    assert spent / BATCH < 20, answer


async def test_a_claim_reads_no_envelope_that_waits_for_its_ordering_key(database_url: str) -> None:
    tenant, neighbour = uuid4(), uuid4()
    actor = Actor(type=ActorType.AGENT, id="a")
    async with postgres_backends(database_url, pool_size=1) as backends:
        for each in (tenant, neighbour):
            await backends.tenants.save(Tenant(id=each, name=str(each)), actor=operator("olga"))
        for _ in range(WAITING // 5000):
            await backends.outbox.enqueue([in_order(tenant, "case-7") for _ in range(5000)], actor=actor)
        await backends.outbox.enqueue([a_proposal(neighbour)], actor=actor)
        with connect(database_url) as connection:
            connection.execute("vacuum analyze")
            one = "select worker_api.claim('w', '{}', 1, '5 min', '{}', except_tenants => array[]::uuid[])"
            _explained(connection, one.format(uuid4(), neighbour))  # plans are made
            spent, answer = _explained(connection, one.format(uuid4(), tenant))
            assert spent < 100, answer
            connection.execute("alter role postgres set statement_timeout = '500ms'")
        try:
            async with postgres_backends(database_url, pool_size=1) as hurried:
                claimed = await hurried.outbox.claim("w", limit=BATCH, lease_for=timedelta(minutes=5))
                assert claimed == []
        finally:
            with connect(database_url) as connection:
                connection.execute("alter role postgres reset statement_timeout")


async def test_claims_and_settlements_scan_no_whole_table(busy_url: str) -> None:
    before = _scans(busy_url)
    async with postgres_backends(busy_url, pool_size=1) as backends:
        for _ in range(3):
            claimed = await backends.outbox.claim("w", limit=BATCH // 2, lease_for=timedelta(minutes=5))
            assert claimed
            await backends.outbox.settle("w", [settled(each, Disposition.SUCCESS) for each in claimed])
        await backends.outbox.enqueue(
            [a_proposal(UUID(str(claimed[0].envelope.tenant_id)))], actor=Actor(type=ActorType.AGENT, id="a")
        )
    assert _scans(busy_url) == before


@pytest.fixture(scope="module")
async def reviewed(module_database_url: str) -> tuple[str, UUID]:
    """The URL of a database, and a tenant with many approvals in it. Tests only read."""
    tenant = uuid4()
    async with postgres_backends(module_database_url, pool_size=1) as backends:
        await backends.tenants.save(Tenant(id=tenant, name="acme"), actor=operator("test"))
    with connect(module_database_url) as connection:
        connection.execute(
            """
            insert into public.approvals (
              tenant_id, envelope_id, digest, reason, requested_at, expires_at, decision, decided_by, decided_at
            )
            select %s, gen_random_uuid(), 'd', repeat('r', 200), r.at, r.at + interval '1 day',
              case when n > 20000 then 'approved' end, case when n > 20000 then 'maria' end,
              case when n > 20000 then r.at end
            from generate_series(1, 40000) as n
            cross join lateral (select now() - interval '1 day' * random() * (n > 0)::integer) as r (at)
            """,
            [tenant],
        )
        connection.execute("vacuum analyze public.approvals")
    return module_database_url, tenant


@pytest.mark.parametrize("whose", ["tenant", "all", "as the tenant"])
@pytest.mark.parametrize(
    "page",
    [
        "list_approvals({}, null, 11)",
        "list_approvals({}, null, 11, 'expiring')",
        "list_approvals({}, null, 11, 'oldest', now() - interval '1 hour', gen_random_uuid())",
        "list_approvals({}, null, 11, 'expiring', now() + interval '23 hours', gen_random_uuid())",
        "list_decided({}, 11)",
        "list_decided({}, 11, now() - interval '23 hours', gen_random_uuid())",
    ],
)
async def test_a_page_of_approvals_reads_few_pages_however_many_there_are(
    reviewed: tuple[str, UUID], page: str, whose: str
) -> None:
    url, tenant = reviewed
    call = "select worker_api." + page.format("null" if whose == "all" else f"'{tenant}'")
    with connect(url) as connection:
        if whose == "as the tenant":
            _act_as_owner(connection, tenant)
        for _ in range(7):  # until the plan is one for all arguments
            spent, answer = _explained(connection, call)
    assert spent < 200, answer


@pytest.fixture(scope="module")
async def full(module_database_url: str) -> tuple[str, UUID]:
    """The URL of a database, and a tenant with many envelopes and dead letters in it. Tests only read."""
    tenant = uuid4()
    async with postgres_backends(module_database_url, pool_size=1) as backends:
        await backends.tenants.save(Tenant(id=tenant, name="acme"), actor=operator("test"))
        await a_dead_letter(backends.outbox, tenant)
    with connect(module_database_url) as connection:
        connection.execute(
            """
            insert into public.outbox (tenant_id, tool_slug, arguments, external_id, status, created_at)
            select %s, 'MAIL__send', '{}', 'key-' || n, 'success', now() - n * interval '1 second'
            from generate_series(1, 20000) as n
            """,
            [tenant],
        )
        connection.execute(
            """
            insert into public.outbox_dlq
            select copied.*
            from public.outbox_dlq as d
            cross join generate_series(1, 20000) as n
            cross join lateral jsonb_populate_record(d, jsonb_build_object(
              'id', gen_random_uuid(), 'external_id', 'key-' || n, 'moved_at', now() - n * interval '1 second'
            )) as copied
            """
        )
        connection.execute("vacuum analyze")
    return module_database_url, tenant


@pytest.mark.parametrize("as_tenant", [False, True])
@pytest.mark.parametrize(
    "page",
    [
        "list_envelopes('{}', null, 51, now() - interval '5 hours', gen_random_uuid())",
        "list_dead_letters('{}', null, 51, now() - interval '1 hour', gen_random_uuid())",
    ],
)
async def test_a_late_page_is_read_without_the_pages_before_it(
    full: tuple[str, UUID], page: str, as_tenant: bool
) -> None:
    url, tenant = full
    with connect(url) as connection:
        if as_tenant:
            _act_as_owner(connection, tenant)
        for _ in range(7):  # with the plan for these arguments, and with the one for all arguments
            spent, answer = _explained(connection, f"select worker_api.{page.format(tenant)}")
    assert spent < 400, answer


async def test_the_last_calls_of_a_tool_are_read_from_few_pages_however_many_there_are(database_url: str) -> None:
    tenant = uuid4()
    async with postgres_backends(database_url, pool_size=1) as backends:
        await backends.tenants.save(Tenant(id=tenant, name="acme"), actor=operator("test"))
    with connect(database_url) as connection:
        connection.execute(
            """
            with placed as (
              insert into public.outbox (tenant_id, tool_slug, arguments, external_id, status)
              select %s, 'MAIL__send', '{}', 'key-' || n, 'success' from generate_series(1, 20000) as n
              returning *
            )
            insert into public.approvals (
              tenant_id, envelope_id, digest, reason, expires_at, decision, decided_by, decided_at
            )
            select tenant_id, id, 'd', 'r', now(), 'approved', 'maria', now() from placed
            """,
            [tenant],
        )
        connection.execute("vacuum analyze")
        for _ in range(7):
            spent, answer = _explained(connection, f"select worker_api.list_last_calls('{tenant}', 'MAIL__send')")
    assert spent < 10_000, answer


@pytest.mark.parametrize("as_tenant", [False, True])
async def test_the_history_of_an_envelope_reads_few_pages_however_long_the_log_is(
    database_url: str, as_tenant: bool
) -> None:
    tenant = uuid4()
    async with postgres_backends(database_url, pool_size=1) as backends:
        await backends.tenants.save(Tenant(id=tenant, name="acme"), actor=operator("test"))
        dead = await a_dead_letter(backends.outbox, tenant)
    with connect(database_url) as connection:
        connection.execute(
            """
            select app_private.append_audit(
              array_agg(%s::uuid), 'worker', 'w', array_agg('envelope.retry'::text),
              array_agg(jsonb_build_object('envelope_id', gen_random_uuid(), 'error', repeat('e', 200))), now()
            )
            from generate_series(1, 20000)
            """,
            [tenant],
        )
        connection.execute("vacuum analyze public.audit_log")
        call = f"select worker_api.read_envelope_audit('{tenant}', '{dead.id}', 100)"
        if as_tenant:
            _act_as_owner(connection, tenant)
            call = f"select tenant_api.read_envelope_audit('{dead.id}', 100)"
        for _ in range(7):  # until the plan is one for all arguments
            spent, answer = _explained(connection, call)
    assert spent < 100, answer


@pytest.mark.parametrize("as_tenant", [False, True])
async def test_a_list_by_external_id_reads_few_pages_however_many_envelopes_there_are(
    database_url: str, as_tenant: bool
) -> None:
    tenant = uuid4()
    async with postgres_backends(database_url, pool_size=1) as backends:
        await backends.tenants.save(Tenant(id=tenant, name="acme"), actor=operator("test"))
    with connect(database_url) as connection:
        connection.execute(
            """
            insert into public.outbox (tenant_id, tool_slug, arguments, external_id, status, created_at)
            select %s, 'MAIL__send', '{}', 'key-' || n, 'success', now() + n * interval '1 second'
            from generate_series(1, 20000) as n
            """,
            [tenant],
        )
        connection.execute("vacuum analyze")
        if as_tenant:
            _act_as_owner(connection, tenant)
        call = f"select worker_api.list_envelopes('{tenant}', null, 51, external_id => 'key-7')"
        _explained(connection, call)  # the catalog is read
        for _ in range(7):  # with the plan for these arguments, and with the one for all arguments
            spent, answer = _explained(connection, call)
            assert spent < 200, answer


def _act_as_owner(connection: psycopg.Connection, tenant: UUID) -> None:
    claims = json.dumps({"tenant_id": str(tenant), "role": "authenticated", "sub": "o", "tenant_role": "owner"})
    connection.execute("select set_config('request.jwt.claims', %s, false)", [claims])
    connection.execute("set role authenticated")


def _scans(url: str) -> int:
    with connect(url) as connection:
        connection.execute("select pg_stat_force_next_flush()")
        return int(connection.execute(SCANS, [list(HOT)]).fetchall()[0][0])


def _explained(connection: psycopg.Connection, query: str) -> tuple[int, Any]:
    """The number of pages that were read, and the plan."""
    [[plan]] = connection.execute(f"explain (analyze, buffers, format json) {query}".encode()).fetchall()
    plans = plan if isinstance(plan, list) else json.loads(plan)
    top = plans[0]["Plan"]
    return int(top["Shared Hit Blocks"]) + int(top["Shared Read Blocks"]), plans


async def test_requeue_respects_its_limit_under_any_plan(database_url: str) -> None:
    tenant = uuid4()
    async with postgres_backends(database_url, pool_size=1) as backends:
        await backends.tenants.save(Tenant(id=tenant, name="acme"), actor=operator("test"))
        for _ in range(4):
            await a_dead_letter(backends.outbox, tenant)
    with connect(database_url) as connection:
        for method in ("hashjoin", "mergejoin", "hashagg", "material", "memoize", "sort", "indexscan", "bitmapscan"):
            connection.execute(f"set enable_{method} = off".encode())
        answer = connection.execute("select worker_api.requeue_dead_letters(%s, null, 2, 'olga')", [tenant]).fetchone()
    assert answer is not None
    assert len(answer[0]) == 2
