"""What a transaction does only at its commit: wake lanes, let waiting envelopes become due, append audit rows."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from services.audit_log.verify import verify
from services.backends.open import postgres_backends, supabase_backends
from services.database.connect import connect
from services.database.rest import RestStack
from services.errors import Locked
from services.outbox import Disposition
from services.tenants import Tenant
from tests.builders import AGENT, operator
from tests.clock import FakeClock
from tests.clusters import hush
from tests.contract.builders import a_proposal, in_order, put, put_one, settle_all, settled, take

ENQUEUE = """select worker_api.enqueue(array[%(id)s], array[%(tenant)s], array['T'], array['1'], array['{}'::jsonb],
    array[null::text], array['low'], array[%(key)s], array['{}'::jsonb], array['{"ordering_key": "case-7"}'::jsonb],
    array[null::timestamptz], 'agent', 'sql')"""
CANCEL = "select worker_api.cancel(%s, %s, 'agent', 'a')"


@pytest.fixture
def tenant(database_url: str) -> UUID:
    tenant = uuid4()
    with connect(database_url) as connection:
        connection.execute("select worker_api.save_tenant(%s, 'acme', 'pro', 1::smallint, 'olga')", [tenant])
    return tenant


@pytest.fixture
def session(database_url: str) -> Iterator[psycopg.Connection]:
    """A session as a person has it in psql."""
    with connect(database_url) as connection:
        yield connection


def enqueue(session: psycopg.Connection, tenant: UUID, key: str) -> UUID:
    id_ = uuid4()
    session.execute(ENQUEUE, {"id": id_, "tenant": tenant, "key": key})
    return id_


async def execute_all(url: str) -> list[str]:
    """Claim and settle until nothing is due. Returns the external ids in the order in which the envelopes ran."""
    done: list[str] = []
    async with postgres_backends(url) as backends:
        while claimed := await take(backends.outbox, limit=50):
            done += [call.envelope.external_id for call in claimed]
            await settle_all(backends.outbox, [settled(call, Disposition.SUCCESS) for call in claimed])
    return done


def proposed_keys(session: psycopg.Connection, tenant: UUID) -> list[Any]:
    rows = session.execute(
        "select payload ->> 'external_id' from public.audit_log where tenant_id = %s and category = 'envelope.proposed'"
        " order by seq",
        [tenant],
    ).fetchall()
    return [row[0] for row in rows]


async def test_calls_of_one_transaction_are_executed_and_audited_in_their_order(
    database_url: str, session: psycopg.Connection, tenant: UUID
) -> None:
    keys = [f"k{n}" for n in range(12)]
    with session.transaction():
        for key in keys:
            enqueue(session, tenant, key)
        assert proposed_keys(session, tenant) == []
    assert proposed_keys(session, tenant) == keys
    assert await execute_all(database_url) == keys
    async with postgres_backends(database_url) as backends:
        [found] = [findings async for findings in verify(backends.audit_log, tenant, {}, say=hush)]
    assert found.problems == ()
    assert session.execute("select count(*) from app_private.staged_changes").fetchall() == [(0,)]


async def test_rolling_back_to_a_savepoint_removes_its_audit_rows(
    database_url: str, session: psycopg.Connection, tenant: UUID
) -> None:
    with session.transaction():
        with session.transaction(force_rollback=True):
            enqueue(session, tenant, "undone first")
        enqueue(session, tenant, "kept")
        with session.transaction(force_rollback=True):
            enqueue(session, tenant, "undone")
        enqueue(session, tenant, "kept too")
    assert proposed_keys(session, tenant) == ["kept", "kept too"]
    assert await execute_all(database_url) == ["kept", "kept too"]


async def test_staged_changes_are_applied_when_constraints_are_set_immediate(
    database_url: str, session: psycopg.Connection, tenant: UUID
) -> None:
    with session.transaction():
        enqueue(session, tenant, "a")
        session.execute("set constraints all immediate")
        assert proposed_keys(session, tenant) == ["a"]
        enqueue(session, tenant, "b")
        assert proposed_keys(session, tenant) == ["a", "b"]
        session.execute("set constraints all deferred")
        enqueue(session, tenant, "c")
        assert proposed_keys(session, tenant) == ["a", "b"]
    assert proposed_keys(session, tenant) == ["a", "b", "c"]
    assert await execute_all(database_url) == ["a", "b", "c"]


async def test_an_envelope_is_due_if_the_one_before_it_ended_before_the_commit(
    database_url: str, session: psycopg.Connection, tenant: UUID
) -> None:
    async with postgres_backends(database_url) as backends:
        await put(backends.outbox, in_order(tenant, "case-7", external_id="first"))
    with session.transaction():
        enqueue(session, tenant, "second")
        assert await execute_all(database_url) == ["first"]
    assert await execute_all(database_url) == ["second"]


@pytest.mark.parametrize("first", ["one", "two"])
async def test_concurrent_transactions_with_one_ordering_key_run_in_the_order_of_their_calls(
    database_url: str, session: psycopg.Connection, tenant: UUID, first: str
) -> None:
    with connect(database_url) as other, other.transaction(), session.transaction():
        early, late = (session, other) if first == "one" else (other, session)
        enqueue(early, tenant, "early")
        enqueue(late, tenant, "late")
        enqueue(early, tenant, "early again")
    assert await execute_all(database_url) == ["early", "late", "early again"]


async def test_each_audit_row_names_the_actor_at_the_time_of_its_call(
    session: psycopg.Connection, tenant: UUID
) -> None:
    with session.transaction():
        for actor in ("maria", "olga", "maria"):
            session.execute("select app_private.act_as('operator', %s)", [actor])
            session.execute("update public.tenants set plan = plan || 'x' where id = %s", [tenant])
    rows = session.execute(
        "select actor_id, payload #>> '{changed,plan}' from public.audit_log where tenant_id = %s order by seq",
        [tenant],
    ).fetchall()
    assert rows == [("olga", "pro"), ("maria", "prox"), ("olga", "proxx"), ("maria", "proxxx")]


async def test_each_audit_row_names_the_door_of_its_call(session: psycopg.Connection, tenant: UUID) -> None:
    with session.transaction():
        session.execute("select worker_api.pause_tenant(%s, 'ann', actor_type => 'user', door => 'api')", [tenant])
        enqueue(session, tenant, "a")  # says no door
        session.execute("select worker_api.resume_tenant(%s, 'olga', door => 'cli')", [tenant])
    rows = session.execute(
        "select actor_type, actor_id, payload ->> 'door' from public.audit_log where tenant_id = %s order by seq",
        [tenant],
    ).fetchall()
    assert rows == [
        ("operator", "olga", None), ("user", "ann", "api"), ("agent", "sql", None), ("operator", "olga", "cli"),
    ]  # fmt: skip


async def test_a_call_of_a_person_fails_with_one_line_if_the_lane_stays_locked(
    database_url: str, session: psycopg.Connection, tenant: UUID
) -> None:
    async with postgres_backends(database_url) as backends:
        one, two = await put(backends.outbox, a_proposal(tenant), a_proposal(tenant))
        for function in ("worker_api.cancel", "app_private.apply_staged"):
            session.execute(f"alter function {function} set lock_timeout = '20ms'".encode())
        words = r"^database: an open transaction holds a lock that this call needs; nothing changed; try again$"
        with session.transaction(force_rollback=True):
            session.execute(CANCEL, [tenant, one.id])
            with pytest.raises(Locked, match=words):
                await backends.outbox.cancel(tenant, two.id, actor=AGENT, reason=None)
            with pytest.raises(Locked, match=words):  # at its commit
                await put_one(backends.outbox, tenant, external_id="again")
        assert (await backends.outbox.cancel(tenant, two.id, actor=AGENT, reason=None)).status == "cancelled"
        await put_one(backends.outbox, tenant, external_id="again")


async def test_an_error_at_commit_reaches_a_caller_over_rest(
    rest: RestStack, session: psycopg.Connection, tenant: UUID
) -> None:
    async with supabase_backends(rest.url, rest.keys.secret) as backends:
        envelope = await put_one(backends.outbox, tenant)
        session.execute("alter function app_private.apply_staged set lock_timeout = '20ms'")
        with session.transaction(force_rollback=True):
            session.execute(CANCEL, [tenant, envelope.id])
            with pytest.raises(Locked, match=r"^database: an open transaction holds a lock that this call needs"):
                await put_one(backends.outbox, tenant, external_id="again")
        [status] = await backends.outbox.status(tenant)
        assert status.depth == {"pending": 1}


async def test_a_lease_in_a_locked_lane_can_be_renewed(
    database_url: str, session: psycopg.Connection, tenant: UUID
) -> None:
    """The lease holds while its worker sends heartbeats. Then its envelopes are lost."""
    async with postgres_backends(database_url) as backends:
        flying, waiting = await put(backends.outbox, a_proposal(tenant), a_proposal(tenant))
        [claimed] = await take(backends.outbox, limit=1)
        free = waiting if claimed.envelope.id == flying.id else flying
        with session.transaction():
            session.execute(CANCEL, [tenant, free.id])
            leases = await backends.outbox.heartbeat("worker-1", lease_for=timedelta(hours=2))
            assert leases == {claimed.lease}
        ran_out = "update app_private.lanes set ready_at = now() - interval '1 hour' where worker_id is not null"
        session.execute(ran_out)
        assert await take(backends.outbox, "next") == []
        assert await settle_all(backends.outbox, [settled(claimed, Disposition.SUCCESS)]) == frozenset()

        await put_one(backends.outbox, tenant)
        [again] = await take(backends.outbox)
        session.execute(ran_out)
        session.execute("update app_private.renewals set until = now() - interval '1 second'")
        [lost] = await take(backends.outbox, "next")
        assert (lost.envelope.id, lost.lost) == (again.envelope.id, True)


async def test_a_renewal_beside_a_locked_lane_is_adjusted_when_the_clock_is_set_back(
    database_url: str, session: psycopg.Connection, tenant: UUID
) -> None:
    clock = FakeClock()
    async with postgres_backends(database_url, clock=clock) as backends:
        both = await put(backends.outbox, a_proposal(tenant), a_proposal(tenant))
        [claimed] = await take(backends.outbox, limit=1)
        [free] = [envelope.id for envelope in both if envelope.id != claimed.envelope.id]
        with session.transaction(force_rollback=True):
            session.execute(CANCEL, [tenant, free])
            await backends.outbox.heartbeat("worker-1", lease_for=timedelta(minutes=1))
        clock.advance(hours=-1)

        assert await take(backends.outbox, "next") == []
        clock.advance(minutes=1)
        [lost] = await take(backends.outbox, "next")
        assert (lost.envelope.id, lost.lost) == (claimed.envelope.id, True)


async def test_a_bulk_change_of_accounts_writes_one_valid_audit_row_for_each_account(
    session: psycopg.Connection, database_url: str
) -> None:
    tenant = uuid4()
    async with postgres_backends(database_url) as backends:
        await backends.tenants.save(Tenant(id=tenant, name="acme"), actor=operator("olga"))
        session.execute(
            "insert into public.connected_accounts (tenant_id, provider, status)"
            " select %s, 'slack', 'connected' from generate_series(1, 200)",
            [tenant],
        )
        [found] = [findings async for findings in verify(backends.audit_log, tenant, {}, say=hush)]
    assert (found.problems, found.rows) == ((), 201)
