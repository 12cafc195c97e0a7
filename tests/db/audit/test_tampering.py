"""A row that the owner of the database or the superuser edits, deletes, inserts or exchanges is found and named."""

from uuid import UUID, uuid4

import psycopg
import pytest

from services.audit_log.verify import verify
from services.backends import Backends
from services.tenants import Tenant
from tests.builders import AGENT, operator
from tests.clusters import hush
from tests.contract.builders import a_proposal
from tests.db.audit.tampering import MOVE_HEAD, REWRITE, ROWS, a_chain, delete, edit, problems, run

EDITED = "its hash does not match its content"

EXCHANGED = "does not follow the row before it: the two were exchanged, or that row was rewritten"

# Changes of row 4 or its neighbours, and the problems that a verification reports.
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


@pytest.mark.parametrize(
    "change",
    [
        "payload #- '{envelopes,1}'",
        "jsonb_insert(payload, '{envelopes,1}', payload #> '{envelopes,0}')",
        "jsonb_set(payload, '{envelopes,1,envelope_id}', to_jsonb(gen_random_uuid()))",
        "jsonb_set(payload, '{envelopes,1,external_id}', '\"another\"')",
        "jsonb_set(payload, '{envelopes}', jsonb_build_array(payload #> '{envelopes,1}', payload #> '{envelopes,0}'))",
        "payload #> '{envelopes,0}'",
    ],
)
async def test_an_edited_list_of_envelopes_is_named(
    change: str, intruder: psycopg.Connection, backends: Backends
) -> None:
    tenant = uuid4()
    await backends.tenants.save(Tenant(id=tenant, name="t"), actor=operator("olga"))
    await backends.outbox.enqueue([a_proposal(tenant), a_proposal(tenant)], actor=AGENT)
    assert await problems(backends, tenant) == []

    edit(intruder, tenant, f"set payload = {change} where category = 'envelope.proposed'")

    assert await problems(backends, tenant) == [f"edited: row 2: {EDITED}"]
