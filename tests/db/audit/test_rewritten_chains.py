"""A chain that was rewritten with correct hashes, or cut at its end, is found by its head or by an anchor."""

import asyncio
from uuid import UUID, uuid4

import psycopg
import pytest

from services.audit_log import Anchor, AuditEntry
from services.audit_log.verify import read_all_heads, verify
from services.backends import Backends
from services.backends.open import postgres_backends
from services.database.connect import connect
from services.envelope import Actor, ActorType
from tests.clusters import hush
from tests.db.audit.tampering import MOVE_HEAD, REWRITE, ROWS, a_chain, anchored, delete, edit, problems, run
from tests.db.audit.test_tampering import EDITED


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
    assert [findings async for findings in verify(backends.audit_log, tenant, {}, say=hush)] == []
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


@pytest.mark.parametrize(
    ("appended", "edited", "honest_hash", "forged_hash"),
    [
        (1, "row 3", "sha256(head.hash || sha256(convert_to", "sha256(sha256(convert_to"),
        (2, "rows 3 to 4", "sha256(last_hash || digests[at])", "sha256(last_hash)"),
    ],
)
async def test_a_database_function_that_computes_other_hashes_is_found(
    database_url: str, appended: int, edited: str, honest_hash: str, forged_hash: str
) -> None:
    async with postgres_backends(database_url) as backends:
        tenant = await a_chain(backends, rows=2)
        with connect(database_url) as connection:
            honest = connection.execute(
                "select pg_get_functiondef(oid) from pg_proc where proname = 'append_audit' and pronargs = 6"
                " and pronamespace = 'app_private'::regnamespace"
            ).fetchall()[0][0]
            forged = honest.replace(honest_hash, forged_hash)
            assert forged != honest
            connection.execute(forged)
        entry = AuditEntry(tenant_id=tenant, actor=Actor(type=ActorType.WORKER, id="w"), category="t.n")
        await backends.audit_log.append([entry] * appended)
        assert await problems(backends, tenant) == [f"edited: {edited}: {EDITED}"]


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
            [found] = [findings async for findings in verify(backends.audit_log, tenant, {}, say=hush)]
            assert found.problems == ()
            grown.add(found.rows)
        verified.set()
