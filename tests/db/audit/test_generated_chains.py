"""Generated tampering is found, and generated rows verify."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.audit_log import Anchor, Head, RawAuditRow
from services.audit_log.chain import ChainCheck
from services.audit_log.digest import chain_hash, row_digest
from services.audit_log.export import ndjson_line, read_rows
from services.audit_log.problems import Findings
from services.audit_log.verify import verify_rows
from services.backends.rows.audit_log import head_from_row, raw_audit_from_row
from services.database.connect import connect
from tests.builders import NOW
from tests.clusters import hush
from tests.examples import few_or_many

ODD = st.none() | st.text(max_size=9) | st.sampled_from(["", "00", "AB", "null", "{}", "2026-01-01T00:00:00+00:00"])
FIELDS = st.one_of(
    st.tuples(st.sampled_from(["actor_type", "actor_id", "category", "payload", "previous_hash", "hash"]), ODD),
    st.tuples(st.just("created_at"), ODD),
    st.tuples(st.just("seq"), st.none() | st.integers(-(2**63), 2**63 - 1) | st.integers(-1, 7)),
    st.tuples(st.just("tenant_id"), st.uuids()),
)


@given(at_row=st.integers(0, 4), change=FIELDS)
def test_a_change_to_any_field_of_any_row_is_found(at_row: int, change: tuple[str, Any]) -> None:
    rows, head = a_chain_in_memory()
    changed = replace(rows[at_row], **dict([change]))
    if changed == rows[at_row]:
        return
    rows[at_row] = changed
    assert judged(rows, head).problems


JSON_NUMBERS = st.sampled_from(
    ["1.10", "1e400", "-0.0", "0", "1E-7", "123456789012345678901234567890", "-1.50e3", "9" * 5000, "0.1", "1e-400"]
)
JSON_TEXTS = st.recursive(
    JSON_NUMBERS
    | st.sampled_from(["null", "true", "false"])
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8).map(json.dumps),
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda items: f"[{','.join(items)}]")
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=4), inner, max_size=4
        ).map(lambda d: "{" + ",".join(f"{json.dumps(k)}: {v}" for k, v in d.items()) + "}")
    ),
    max_leaves=12,
)
ACTORS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@pytest.fixture(scope="module")
def owner(module_database_url: str) -> Iterator[psycopg.Connection]:
    """The owner of a database that accepts every actor type, as earlier versions did."""
    with connect(module_database_url) as connection:
        connection.execute("set role app_owner")
        connection.execute("alter table public.audit_log drop constraint audit_log_actor_type_check")
        yield connection


@few_or_many(20, 150)
def test_a_row_with_any_payload_verifies_in_the_database_and_in_an_export(
    owner: psycopg.Connection, examples: int
) -> None:
    @settings(max_examples=examples)
    @given(payloads=st.lists(JSON_TEXTS, min_size=1, max_size=3), actor=ACTORS)
    def verifies(payloads: list[str], actor: str) -> None:
        _verify(owner, payloads, actor)

    verifies()


def _verify(owner: psycopg.Connection, payloads: list[str], actor: str) -> None:
    tenant = uuid4()
    for payload in payloads:
        owner.execute(
            "select app_private.append_audit(array[%s]::uuid[], %s, %s, array['t.n'], array[%s::jsonb], now())",
            [tenant, actor, actor, payload],
        )
    [[page]] = owner.execute("select worker_api.read_audit(%s, null, 10)", [tenant]).fetchall()
    [[[head]]] = owner.execute("select worker_api.list_audit_heads(%s)", [tenant]).fetchall()
    rows = [raw_audit_from_row(row) for row in page]

    exported = [ndjson_line(row).encode() for row in rows]

    assert judged(rows, head_from_row(head)).problems == ()
    anchor = Anchor(tenant_id=tenant, seq=len(rows), hash=rows[-1].hash or "")
    [found] = verify_rows(read_rows(exported, "export"), tenant, {tenant: [anchor]}, say=hush)
    assert (found.rows, found.anchored, found.problems) == (len(payloads), len(payloads), ())


def a_chain_in_memory() -> tuple[list[RawAuditRow], Head]:
    """Five rows with correct hashes, and their head."""
    tenant, hashed = UUID(int=7), ""
    rows = []
    for seq in range(1, 6):
        digest = row_digest(
            tenant_id=tenant, seq=seq, actor_type="a", actor_id="b", category="c", payload='{"d": 1}', created_at=NOW
        )
        before, hashed = hashed, chain_hash(hashed, digest)
        rows.append(
            RawAuditRow(
                tenant_id=tenant, seq=seq, actor_type="a", actor_id="b", category="c", payload='{"d": 1}',
                created_at=NOW.isoformat(), previous_hash=before, hash=hashed,
            )
        )  # fmt: skip
    return rows, Head(tenant_id=tenant, seq=5, hash=hashed, newest=5)


def judged(rows: list[RawAuditRow], head: Head | None, *, whole: bool = True) -> Findings:
    """The findings on these rows, in the order in which the database would return them."""
    chain = ChainCheck(UUID(int=7), head=head, whole=whole)
    for row in sorted(rows, key=lambda row: -(2**63) - 1 if row.seq is None else row.seq):
        chain.add(row)
    return chain.finish()
