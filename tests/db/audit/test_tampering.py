"""Whoever changes the audit log behind its back, its owner or the superuser, is found out, and the row is named."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from uuid import UUID, uuid4

import psycopg
import pytest

from services.audit_log import Anchor, AuditEntry
from services.audit_log.verify import read_all_heads, verify
from services.backends import Backends
from services.backends.open import postgres_backends
from services.database.connect import connect
from services.database.embedded import Cluster
from services.envelope import Actor, ActorType
from tests.clusters import hush
from tests.db.sql import as_superuser

ROWS = 9
EDITED = "its hash does not match its content"
EXCHANGED = "does not follow the row before it: the two were exchanged, or that row was rewritten"

REWRITE = """
do $$
declare
  row public.audit_log;
  previous bytea;
begin
  select hash into previous from public.audit_log where tenant_id = '{tenant}' and seq = {seq} - 1;
  for row in select * from public.audit_log where tenant_id = '{tenant}' and seq >= {seq} order by seq loop
    update public.audit_log set
      previous_hash = previous,
      hash = sha256(previous || sha256(convert_to(jsonb_build_array(
        tenant_id, seq, actor_type, actor_id, category, payload, (extract(epoch from created_at) * 1000000)::bigint
      )::text, 'UTF8')))
    where tenant_id = row.tenant_id and seq = row.seq
    returning hash into previous;
  end loop;
end $$
"""
"""Write the chain anew from a row on, every hash as it must be."""
MOVE_HEAD = """
update app_private.audit_heads as h set seq = a.seq, hash = a.hash
from (select * from public.audit_log where tenant_id = '{tenant}' order by seq desc limit 1) as a
where h.tenant_id = a.tenant_id
"""


@pytest.fixture(scope="module")
async def backends(loose_url: str) -> AsyncIterator[Backends]:
    async with postgres_backends(loose_url) as opened:
        yield opened


@pytest.fixture
async def tenant(backends: Backends) -> UUID:
    """One with so many rows in its chain."""
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


async def a_chain(backends: Backends, rows: int = ROWS) -> UUID:
    tenant = uuid4()
    for n in range(1, rows + 1):
        payload = {"n": n, "note": "as it was"}
        entry = AuditEntry(
            tenant_id=tenant, actor=Actor(type=ActorType.WORKER, id=f"w-{n}"), category="t.n", payload=payload
        )
        await backends.audit_log.append([entry])
    return tenant


async def problems(backends: Backends, tenant: UUID, anchors: list[Anchor] | None = None) -> list[str]:
    """What verifying says about a tenant."""
    given_anchors = {tenant: anchors} if anchors else {}
    [found] = [each async for each in verify(backends.audit_log, tenant, given_anchors, say=hush)]
    assert found.intact == (not found.problems)
    return [str(problem) for problem in found.problems]


async def anchored(backends: Backends, tenant: UUID) -> list[Anchor]:
    """What somebody who did not trust the log noted now."""
    [row] = await backends.audit_log.tail(tenant, limit=1)
    return [Anchor(tenant_id=tenant, seq=row.seq, hash=row.hash)]


def run(connection: psycopg.Connection, statements: str, tenant: UUID, **values: object) -> None:
    """Run the statements about this tenant."""
    connection.execute(statements.format(tenant=tenant, **values).encode())


def edit(connection: psycopg.Connection, tenant: UUID, change: str) -> None:
    run(connection, "update public.audit_log {change} and tenant_id = '{tenant}'", tenant, change=change)


def delete(connection: psycopg.Connection, tenant: UUID, which: str) -> None:
    run(connection, "delete from public.audit_log where {which} and tenant_id = '{tenant}'", tenant, which=which)


# Each tampering with row 4 or around it, and what is said of it.
TAMPERINGS = {
    "payload": ("set payload = payload || '{\"note\": \"as it is\"}' where seq = 4", [f"edited: row 4: {EDITED}"]),
    "a digit": ("set payload = jsonb_set(payload, '{n}', '4.0') where seq = 4", [f"edited: row 4: {EDITED}"]),
    "actor": ("set actor_id = 'somebody else' where seq = 4", [f"edited: row 4: {EDITED}"]),
    "kind of actor": ("set actor_type = 'system' where seq = 4", [f"edited: row 4: {EDITED}"]),
    "category": ("set category = 't.m' where seq = 4", [f"edited: row 4: {EDITED}"]),
    "moment": (
        "set created_at = created_at + interval '1 microsecond' where seq = 4", [f"edited: row 4: {EDITED}"],
    ),
    "no moment": ("set created_at = 'infinity' where seq = 4", [f"edited: row 4: {EDITED}"]),
    "hash": ("set hash = sha256('x') where seq = 4", [f"edited: row 4: {EDITED}"]),
    "last hash": (f"set hash = sha256('x') where seq = {ROWS}", [f"edited: row {ROWS}: {EDITED}"]),
    "previous hash": ("set previous_hash = sha256('x') where seq = 4", [f"edited: row 4: {EDITED}"]),
    "neighbours": ("set category = 't.m' where seq between 4 and 6", [f"edited: rows 4 to 6: {EDITED}"]),
    "two rows": (
        "set category = 't.m' where seq in (2, 7)", [f"edited: row 2: {EDITED}", f"edited: row 7: {EDITED}"],
    ),
    "another tenant's": (
        "set tenant_id = gen_random_uuid() where seq = 4", ["deleted: row 4: missing"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("tampering", TAMPERINGS)
async def test_an_edited_row_is_named(
    tampering: str, intruder: psycopg.Connection, backends: Backends, tenant: UUID
) -> None:
    change, expected = TAMPERINGS[tampering]
    edit(intruder, tenant, change)
    assert await problems(backends, tenant) == expected


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        ("seq = 4", ["deleted: row 4: missing"]),
        ("seq = 1", ["deleted: row 1: missing"]),
        ("seq in (2, 4, 5, 6)", ["deleted: row 2: missing", "deleted: rows 4 to 6: missing"]),
        (f"seq = {ROWS}", [f"deleted: row {ROWS}: missing at the end: the head names row {ROWS}"]),
        ("seq > 6", [f"deleted: rows 7 to {ROWS}: missing at the end: the head names row {ROWS}"]),
        ("true", [f"deleted: rows 1 to {ROWS}: missing at the end: the head names row {ROWS}"]),
    ],
)
async def test_deleted_rows_are_named(
    which: str, expected: list[str], intruder: psycopg.Connection, backends: Backends, tenant: UUID
) -> None:
    delete(intruder, tenant, which)
    assert await problems(backends, tenant) == expected


async def test_only_an_anchor_shows_that_the_last_rows_and_the_head_were_removed(
    intruder: psycopg.Connection, backends: Backends, tenant: UUID
) -> None:
    anchors = await anchored(backends, tenant)
    delete(intruder, tenant, "seq > 6")
    run(intruder, MOVE_HEAD, tenant)
    assert await problems(backends, tenant) == []
    expected = f"deleted: rows 7 to {ROWS}: missing at the end: the anchor names row {ROWS}"
    assert await problems(backends, tenant, anchors) == [expected]


async def test_only_an_anchor_shows_that_all_rows_of_a_tenant_were_removed(
    intruder: psycopg.Connection, backends: Backends, tenant: UUID
) -> None:
    anchors = await anchored(backends, tenant)
    delete(intruder, tenant, "true")
    run(intruder, "delete from app_private.audit_heads where tenant_id = '{tenant}'", tenant)
    assert [each async for each in verify(backends.audit_log, tenant, {}, say=hush)] == []
    expected = f"deleted: rows 1 to {ROWS}: missing at the end: the anchor names row {ROWS}"
    assert await problems(backends, tenant, anchors) == [expected]


async def test_a_rewritten_chain_does_not_match_its_head(
    intruder: psycopg.Connection, backends: Backends, tenant: UUID
) -> None:
    edit(intruder, tenant, "set actor_id = 'x' where seq = 4")
    run(intruder, REWRITE, tenant, seq=4)
    expected = f"head: row {ROWS}: is not the row that the head names: the chain was rewritten, or the head was changed"
    assert await problems(backends, tenant) == [expected]


async def test_a_rewritten_chain_with_a_rewritten_head_does_not_match_the_anchors(
    intruder: psycopg.Connection, backends: Backends, tenant: UUID
) -> None:
    rows = await backends.audit_log.read(tenant, limit=ROWS)
    anchors = [Anchor(tenant_id=tenant, seq=seq, hash=rows[seq - 1].hash or "") for seq in (2, 3, 6, ROWS)]
    edit(intruder, tenant, "set actor_id = 'x' where seq = 4")
    run(intruder, REWRITE + ";" + MOVE_HEAD, tenant, seq=4)
    assert await problems(backends, tenant) == []
    expected = "anchor: row 6: is not the row that the anchor names: the chain was rewritten, somewhere after"
    assert await problems(backends, tenant, anchors) == [f"{expected} row 3, which an earlier anchor confirms"]
    assert await problems(backends, tenant, anchors[2:]) == [f"{expected} the first row"]
    assert await problems(backends, tenant, anchors[:2]) == []


async def test_a_missing_head_is_reported(intruder: psycopg.Connection, backends: Backends, tenant: UUID) -> None:
    run(intruder, "delete from app_private.audit_heads where tenant_id = '{tenant}'", tenant)
    assert await problems(backends, tenant) == ["head: missing, so the end of the chain is not known"]
    assert tenant in {head.tenant_id async for head in read_all_heads(backends.audit_log)}


@pytest.mark.parametrize(("seq", "head"), [("seq - 1", ROWS - 1), ("seq - 5", ROWS - 5)])
async def test_a_head_that_was_moved_back_is_reported(
    seq: str, head: int, intruder: psycopg.Connection, backends: Backends, tenant: UUID
) -> None:
    run(intruder, "update app_private.audit_heads set seq = {seq} where tenant_id = '{tenant}'", tenant, seq=seq)
    run(
        intruder,
        "update app_private.audit_heads as h set hash = a.hash from public.audit_log as a"
        " where (a.tenant_id, a.seq) = (h.tenant_id, h.seq)",
        tenant,
    )
    rows = f"row {ROWS}" if head == ROWS - 1 else f"rows {head + 1} to {ROWS}"
    [problem] = await problems(backends, tenant)
    assert problem == f"inserted: {rows}: after the head, which names row {head}: inserted, or the head was set back"


INSERT = """
insert into public.audit_log
  (tenant_id, actor_type, actor_id, category, payload, created_at, seq, previous_hash, hash)
select tenant_id, 'worker', 'forged', category, payload, created_at, {seq}, hash, sha256('x')
from public.audit_log where tenant_id = '{tenant}' and seq = 4
"""


@pytest.mark.parametrize(
    ("seq", "problem"),
    [
        ("10", f"row 10: after the head, which names row {ROWS}: inserted, or the head was set back"),
        ("15", f"row 15: after the head, which names row {ROWS}: inserted, or the head was set back"),
        ("4", "row 4: occurs more than once"),
        ("9", "row 9: occurs more than once"),
        ("0", "row 0: is not part of the chain, which counts from 1"),
        ("-9223372036854775808", "row -9223372036854775808: is not part of the chain, which counts from 1"),
    ],
)
async def test_an_inserted_row_is_named(
    seq: str, problem: str, intruder: psycopg.Connection, backends: Backends, tenant: UUID
) -> None:
    run(intruder, INSERT, tenant, seq=seq)
    assert await problems(backends, tenant) == [f"inserted: {problem}"]


async def test_a_row_without_a_seq_is_reported(intruder: psycopg.Connection, backends: Backends, tenant: UUID) -> None:
    run(intruder, INSERT, tenant, seq="null")
    assert await problems(backends, tenant) == ["inserted: is not part of the chain, which counts from 1"]


async def test_a_row_with_empty_columns_is_reported_as_edited(
    intruder: psycopg.Connection, backends: Backends, tenant: UUID
) -> None:
    for column in ("actor_type", "actor_id", "category", "payload", "created_at", "previous_hash", "hash"):
        edit(intruder, tenant, f"set {column} = null where seq = 4")
    assert await problems(backends, tenant) == [f"edited: row 4: {EDITED}"]


async def test_a_replaced_row_with_a_correct_hash_does_not_match_the_next_row(
    intruder: psycopg.Connection, backends: Backends, tenant: UUID
) -> None:
    run(intruder, "create temp table kept as select * from public.audit_log where tenant_id = '{tenant}'", tenant)
    edit(intruder, tenant, "set actor_id = 'x' where seq = 4")
    run(intruder, REWRITE, tenant, seq=4)
    intruder.execute(
        "update public.audit_log as a set previous_hash = k.previous_hash, hash = k.hash from kept as k"
        " where k.tenant_id = a.tenant_id and k.seq = a.seq and k.seq > 4"
    )
    assert await problems(backends, tenant) == [f"reordered: row 5: {EXCHANGED}"]


SWAP_PLACES = """
update public.audit_log set seq = {one} + {two} - seq where tenant_id = '{tenant}' and seq in ({one}, {two})
"""
SWAP_CONTENT = """
update public.audit_log as a
set actor_id = b.actor_id, category = b.category, payload = b.payload, created_at = b.created_at
from public.audit_log as b
where a.tenant_id = '{tenant}' and b.tenant_id = a.tenant_id
  and a.seq in ({one}, {two}) and b.seq = {one} + {two} - a.seq
"""


@pytest.mark.parametrize(("one", "two"), [(4, 5), (3, 7), (1, ROWS)])
async def test_rows_with_exchanged_positions_are_named_with_their_original_positions(
    one: int, two: int, intruder: psycopg.Connection, backends: Backends, tenant: UUID
) -> None:
    run(intruder, SWAP_PLACES, tenant, one=one, two=two)
    away = f"{two - one} place{'s' if two - one > 1 else ''}"
    assert await problems(backends, tenant) == [
        f"reordered: row {one}: was written {away} later",
        f"reordered: row {two}: was written {away} earlier",
    ]


@pytest.mark.parametrize(("one", "two"), [(4, 6), (1, ROWS)])
async def test_rows_with_exchanged_contents_are_named(
    one: int, two: int, intruder: psycopg.Connection, backends: Backends, tenant: UUID
) -> None:
    run(intruder, SWAP_CONTENT, tenant, one=one, two=two)
    assert await problems(backends, tenant) == [f"edited: row {n}: {EDITED}" for n in (one, two)]


async def test_a_deletion_is_found_after_the_rows_were_renumbered(
    intruder: psycopg.Connection, backends: Backends, tenant: UUID
) -> None:
    delete(intruder, tenant, "seq = 4")
    edit(intruder, tenant, "set seq = seq - 1 where seq > 4")
    run(intruder, MOVE_HEAD, tenant)
    assert await problems(backends, tenant) == [
        f"reordered: rows 4 to {ROWS - 1}: was written 1 place later",
    ]


async def test_each_change_is_named_once_and_no_consequence_of_it(
    intruder: psycopg.Connection, backends: Backends, tenant: UUID
) -> None:
    edit(intruder, tenant, "set hash = sha256('x') where seq = 2")
    delete(intruder, tenant, "seq in (5, 9)")
    edit(intruder, tenant, "set payload = '1' where seq = 7")
    assert await problems(backends, tenant) == [
        f"edited: row 2: {EDITED}",
        "deleted: row 5: missing",
        f"edited: row 7: {EDITED}",
        "deleted: row 9: missing at the end: the head names row 9",
    ]


async def test_a_change_does_not_affect_the_verdict_on_another_tenants_chain(
    intruder: psycopg.Connection, backends: Backends, tenant: UUID
) -> None:
    other = await a_chain(backends)
    edit(intruder, tenant, "set payload = '1' where seq = 7")
    found = {each.tenant_id: each.intact async for each in verify(backends.audit_log, None, {}, say=hush)}
    assert (found[tenant], found[other]) == (False, True)


async def test_a_database_function_that_computes_other_hashes_is_found(database_url: str) -> None:
    async with postgres_backends(database_url) as backends:
        tenant = await a_chain(backends, rows=2)
        with connect(database_url) as connection:
            honest = connection.execute(
                "select pg_get_functiondef(oid) from pg_proc where proname = 'append_audit' and pronargs = 6"
                " and pronamespace = 'app_private'::regnamespace"
            ).fetchall()[0][0]
            forged = honest.replace("sha256(last_hash || digests[at])", "sha256(last_hash)")
            assert forged != honest
            connection.execute(forged)
        entry = AuditEntry(tenant_id=tenant, actor=Actor(type=ActorType.WORKER, id="w"), category="t.n")
        await backends.audit_log.append([entry])
        assert await problems(backends, tenant) == [f"edited: row 3: {EDITED}"]


async def test_verifying_while_rows_are_appended_reports_no_problem(database_url: str) -> None:
    tenant, verified = uuid4(), asyncio.Event()
    entry = AuditEntry(tenant_id=tenant, actor=Actor(type=ActorType.WORKER, id="w"), category="t.busy", payload={})

    async def append(backends: Backends) -> None:
        while not verified.is_set():
            await backends.audit_log.append([entry] * 20)

    grown: set[int] = set()
    async with postgres_backends(database_url) as backends, asyncio.timeout(60), asyncio.TaskGroup() as group:
        await backends.audit_log.append([entry])
        for _ in range(2):
            group.create_task(append(backends))
        while len(grown) < 15:
            [found] = [each async for each in verify(backends.audit_log, tenant, {}, say=hush)]
            assert found.problems == ()
            grown.add(found.rows)
        verified.set()
