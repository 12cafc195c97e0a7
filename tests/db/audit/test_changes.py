"""Reading the audit rows of all tenants since a snapshot misses and repeats none, in whatever order transactions
commit."""

from typing import Any
from uuid import UUID

import psycopg

from services.database.connect import connect

EARLY, LATE = UUID(int=1), UUID(int=2)


def append(connection: psycopg.Connection, tenant: UUID, count: int = 1) -> None:
    connection.execute(
        "select app_private.append_audit(array_fill(%s::uuid, array[%s]), 'system', 'test',"
        " array_fill('t.n'::text, array[%s]), array_fill('{}'::jsonb, array[%s]), now())",
        [tenant, count, count, count],
    )


def changes(
    connection: psycopg.Connection, since: str | None, until: str | None = None, after: tuple[UUID, int] | None = None,
    *, limit: int = 100, most_behind: int = 1000,
) -> tuple[str, list[tuple[int, int]] | None]:  # fmt: skip
    """The later snapshot, and tenant and seq of each row."""
    tenant, seq = after or (None, None)
    row: Any = connection.execute(
        "select worker_api.read_audit_changes(%s, %s, %s, %s, %s, %s)", [since, until, tenant, seq, limit, most_behind]
    ).fetchone()
    rows = row[0]["rows"]
    found = None if rows is None else [(UUID(audit_row["tenant_id"]).int, audit_row["seq"]) for audit_row in rows]
    return row[0]["until"], found


def test_a_transaction_that_began_before_a_snapshot_and_commits_after_it_is_not_missed(database_url: str) -> None:
    with connect(database_url) as reader, connect(database_url) as slow, connect(database_url) as quick:
        append(quick, EARLY)
        start, nothing = changes(reader, None)
        with slow.transaction():
            append(slow, EARLY)
            append(quick, LATE)
            between, first = changes(reader, start)
            append(quick, LATE)
        end, second = changes(reader, between)
        again = changes(reader, start, between)

    assert (nothing, first, second) == ([], [(2, 1)], [(1, 2), (2, 2)])
    assert again == (between, first)
    assert end != between


def test_reading_goes_on_after_any_row_and_the_same_bounds_have_the_same_rows(database_url: str) -> None:
    with connect(database_url) as reader, connect(database_url) as writer:
        append(writer, EARLY)
        start, _ = changes(reader, None)
        append(writer, EARLY, 3)
        append(writer, LATE, 3)
        until, page = changes(reader, start, limit=2)
        append(writer, EARLY)
        _, rest = changes(reader, start, until, (EARLY, 3))
        _, later = changes(reader, until)

    assert page == [(1, 2), (1, 3)]
    assert rest == [(1, 4), (2, 1), (2, 2), (2, 3)]
    assert later == [(1, 5)]


def test_a_snapshot_that_is_too_old_or_of_another_server_has_no_rows(database_url: str) -> None:
    with connect(database_url) as reader, connect(database_url) as writer:
        start, _ = changes(reader, None)
        for _ in range(3):
            append(writer, EARLY)

        assert changes(reader, start, most_behind=1)[1] is None
        assert changes(reader, f"{10**17}:{10**17}:")[1] is None
        assert changes(reader, start, f"{10**17}:{10**17}:")[1] is None
