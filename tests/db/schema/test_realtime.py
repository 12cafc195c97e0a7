"""Supabase's Realtime publication: a migration adds the tables that tenants follow, and a rollback removes them."""

import pytest

from services.database.embedded import Cluster
from services.database.schema.checks import check
from services.database.schema.migrate import migrate, rollback, seed
from tests.clusters import hush
from tests.db.sql import as_superuser, execute, fetch

PUBLISHED_TABLES = {"approvals", "audit_log", "outbox", "outbox_dlq"}
LETTER = "dddddddd-0001-4222-8222-222222222222"


def published(url: str) -> set[object]:
    """The tables that a publication names."""
    return {name for (name,) in fetch(url, "select prrelid::regclass::text from pg_publication_rel")}


@pytest.fixture
def project_url(blank_url: str) -> str:
    """The URL of a new hosted project, whose publication is empty and owned by `postgres`."""
    execute(blank_url, "create publication supabase_realtime")
    return blank_url


def test_migrate_publishes_the_tables_for_tenants_and_rollback_removes_them(project_url: str) -> None:
    execute(
        project_url,
        "create table public.notes (id int primary key)",
        "alter publication supabase_realtime add table public.notes",
    )
    migrate(project_url, say=hush)
    assert published(project_url) == PUBLISHED_TABLES | {"notes"}
    assert check(project_url).problems == []
    rollback(project_url, say=hush, steps=1_000)
    assert published(project_url) == {"notes"}


def test_migrate_succeeds_if_a_table_is_already_published(project_url: str) -> None:
    migrate(project_url, say=hush)
    rollback(project_url, say=hush, to="001")
    execute(project_url, "alter publication supabase_realtime add table public.outbox, public.audit_log")
    migrate(project_url, say=hush)
    migrate(project_url, say=hush)
    assert published(project_url) == PUBLISHED_TABLES


def test_rollback_succeeds_if_a_table_is_no_longer_published(project_url: str) -> None:
    migrate(project_url, say=hush)
    execute(project_url, "alter publication supabase_realtime drop table public.approvals")
    rollback(project_url, say=hush, to="001")
    assert published(project_url) == set()


@pytest.mark.parametrize("what", ["for all tables", "for tables in schema public"])
def test_migrate_and_rollback_do_not_change_a_publication_of_all_tables(
    what: str, blank_url: str, cluster: Cluster
) -> None:
    superuser = as_superuser(cluster, blank_url)  # only a superuser may publish everything
    execute(
        superuser,
        f"create publication supabase_realtime {what}",
        "alter publication supabase_realtime owner to postgres",
    )
    migrate(blank_url, say=hush)
    assert published(blank_url) == set()
    rollback(blank_url, say=hush, to="001")
    found = fetch(blank_url, "select tablename from pg_publication_tables where schemaname = 'public'")
    assert {(name,) for name in PUBLISHED_TABLES} <= set(found)


def test_migrate_creates_no_publication(database_url: str) -> None:
    assert fetch(database_url, "select pubname from pg_publication") == []


def test_realtime_can_filter_by_tenant_and_sends_only_the_key_of_old_rows(project_url: str) -> None:
    migrate(project_url, say=hush)
    found = fetch(
        project_url,
        "select t.relname, t.relrowsecurity, bool_and(has_column_privilege('authenticated', t.oid, k, 'select')),"
        "   t.relreplident::text, pg_get_indexdef(i.indexrelid) ~ '[(]tenant_id, (id|seq)[)]$'"
        " from pg_publication_rel as r join pg_class as t on t.oid = r.prrelid"
        " join pg_index as i on i.indrelid = t.oid and i.indisprimary"
        " cross join unnest(i.indkey) as k group by t.oid, i.indexrelid order by 1",
    )
    assert found == [(name, True, True, "d", True) for name in sorted(PUBLISHED_TABLES)]


def test_a_published_dead_letter_is_requeued_with_the_same_id(project_url: str) -> None:
    migrate(project_url, say=hush)
    seed(project_url, say=hush)
    execute(project_url, f"select worker_api.requeue_dead_letters(null, '{{{LETTER}}}', 1, 'maria')")
    found = fetch(
        project_url,
        "select o.id::text, o.status, d.id from public.outbox as o left join public.outbox_dlq as d on d.id = o.id"
        " where o.external_id = 'seed-failed'",
    )
    assert found == [(LETTER, "pending", None)]
