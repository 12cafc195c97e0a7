"""Supabase's Realtime publication: migrating puts in the tables that tenants listen to, rolling back takes them out."""

import pytest

from services.database.connect import connect
from services.database.embedded import Cluster
from services.database.schema.checks import check
from services.database.schema.migrate import migrate, rollback, seed
from tests.conftest import at

TOLD = {"approvals", "audit_log", "outbox", "outbox_dlq"}
LETTER = "dddddddd-0001-4222-8222-222222222222"


def hush(_line: str) -> None:
    """Say nothing."""


def run(url: str, *statements: str) -> None:
    with connect(url) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    with connect(url) as connection:
        return connection.execute(query.encode()).fetchall()


def published(url: str) -> set[object]:
    """Tables that a publication names one by one."""
    return {name for (name,) in rows(url, "select prrelid::regclass::text from pg_publication_rel")}


@pytest.fixture
def project_url(blank_url: str) -> str:
    """A new hosted project, as it has the publication: empty, and owned by `postgres`."""
    run(blank_url, "create publication supabase_realtime")
    return blank_url


def test_migrating_publishes_what_tenants_listen_to_and_rolling_back_takes_it_out(project_url: str) -> None:
    run(
        project_url,
        "create table public.notes (id int primary key)",
        "alter publication supabase_realtime add table public.notes",
    )
    migrate(project_url, say=hush)
    assert published(project_url) == TOLD | {"notes"}
    assert check(project_url).problems == []
    rollback(project_url, say=hush, steps=1_000)
    assert published(project_url) == {"notes"}


def test_what_is_published_already_is_no_hindrance(project_url: str) -> None:
    migrate(project_url, say=hush)
    rollback(project_url, say=hush, to="001")
    run(project_url, "alter publication supabase_realtime add table public.outbox, public.audit_log")
    migrate(project_url, say=hush)
    migrate(project_url, say=hush)
    assert published(project_url) == TOLD


def test_what_somebody_took_out_is_no_hindrance_to_rolling_back(project_url: str) -> None:
    migrate(project_url, say=hush)
    run(project_url, "alter publication supabase_realtime drop table public.approvals")
    rollback(project_url, say=hush, to="001")
    assert published(project_url) == set()


@pytest.mark.parametrize("what", ["for all tables", "for tables in schema public"])
def test_a_publication_of_everything_is_left_alone_both_ways(what: str, blank_url: str, cluster: Cluster) -> None:
    superuser = at(cluster.admin_url, blank_url.rpartition("/")[2])  # nobody else may publish everything
    run(
        superuser,
        f"create publication supabase_realtime {what}",
        "alter publication supabase_realtime owner to postgres",
    )
    migrate(blank_url, say=hush)
    assert published(blank_url) == set()
    rollback(blank_url, say=hush, to="001")
    told = rows(blank_url, "select tablename from pg_publication_tables where schemaname = 'public'")
    assert {(name,) for name in TOLD} <= set(told)


def test_where_there_is_no_publication_none_is_made(database_url: str) -> None:
    assert rows(database_url, "select pubname from pg_publication") == []


def test_realtime_finds_what_it_asks_by_and_sends_old_rows_as_their_key_alone(project_url: str) -> None:
    migrate(project_url, say=hush)
    told = rows(
        project_url,
        "select t.relname, t.relrowsecurity, bool_and(has_column_privilege('authenticated', t.oid, k, 'select')),"
        "   t.relreplident::text, pg_get_indexdef(i.indexrelid) ~ '[(]tenant_id, (id|seq)[)]$'"
        " from pg_publication_rel as r join pg_class as t on t.oid = r.prrelid"
        " join pg_index as i on i.indrelid = t.oid and i.indisprimary"
        " cross join unnest(i.indkey) as k group by t.oid, i.indexrelid order by 1",
    )
    assert told == [(name, True, True, "d", True) for name in sorted(TOLD)]


def test_a_dead_letter_goes_back_under_its_id_though_deletes_are_published(project_url: str) -> None:
    migrate(project_url, say=hush)
    seed(project_url, say=hush)
    run(project_url, f"select worker_api.requeue_dead_letters(null, '{{{LETTER}}}', 1, 'maria')")
    told = rows(
        project_url,
        "select o.id::text, o.status, d.id from public.outbox as o left join public.outbox_dlq as d on d.id = o.id"
        " where o.external_id = 'seed-failed'",
    )
    assert told == [(LETTER, "pending", None)]
