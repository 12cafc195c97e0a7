"""Migrations can be rolled back and applied again."""

from pathlib import Path

import psycopg
import pytest

from services.database.connect import connect
from services.database.schema.checks import check
from services.database.schema.migrate import migrate, reset, rollback
from services.errors import StateConflict
from tests.clusters import hush
from tests.db.schema.a_db import FILES, catalog, problems, value, write


def test_rolling_back_and_migrating_again_gives_the_same_catalog(blank_url: str, db_dir: Path) -> None:
    migrate(blank_url, say=hush, db_dir=db_dir)
    before = catalog(blank_url)
    assert rollback(blank_url, say=hush, steps=99, db_dir=db_dir) == [
        "migrations/002_notes.sql",
        "migrations/001_init.sql",
    ]
    assert "count_tenants" not in catalog(blank_url)
    migrate(blank_url, say=hush, db_dir=db_dir)
    assert catalog(blank_url) == before


def test_rolling_back_all_our_migrations_and_migrating_again_gives_the_same_catalog(database_url: str) -> None:
    before = catalog(database_url)
    rollback(database_url, say=hush, steps=99)
    assert catalog(database_url) != before
    migrate(database_url, say=hush)
    assert catalog(database_url) == before
    assert check(database_url).problems == []


@pytest.mark.parametrize("to", ["015", "017", "018"])
def test_tenants_can_still_be_changed_after_a_rollback(database_url: str, to: str) -> None:
    """The triggers are older than these migrations, but the functions that they call are newer."""
    rollback(database_url, say=hush, to=to)
    with connect(database_url) as connection:
        connection.execute("insert into public.tenants (name) values ('acme')")
        connection.execute("update public.tenants set name = 'Acme'")
        rows = connection.execute("select category from public.audit_log order by seq").fetchall()
    assert rows == [("tenants.insert",), ("tenants.update",)]


def test_audit_rows_of_an_unknown_actor_type_stay_and_new_ones_are_refused(database_url: str) -> None:
    rollback(database_url, say=hush, to="018")
    with connect(database_url) as connection:
        connection.execute("set app.actor_type = 'robot'")
        connection.execute("insert into public.tenants (name) values ('acme')")
    migrate(database_url, say=hush)

    with connect(database_url) as connection:
        connection.execute("set app.actor_type = 'robot'")
        with pytest.raises(psycopg.errors.CheckViolation, match="audit_log_actor_type_check"):
            connection.execute("update public.tenants set name = 'Acme'")
        rows = connection.execute("select actor_type from public.audit_log").fetchall()
    assert rows == [("robot",)]


def test_rollback_undoes_the_migrations_after_the_named_one(blank_url: str, db_dir: Path) -> None:
    migrate(blank_url, say=hush, db_dir=db_dir)
    assert rollback(blank_url, say=hush, to="001", db_dir=db_dir) == ["migrations/002_notes.sql"]
    assert rollback(blank_url, say=hush, to="001_init", db_dir=db_dir) == []
    with pytest.raises(StateConflict, match=r"--to 002: no such migration is applied: .*001_init"):
        rollback(blank_url, say=hush, to="002", db_dir=db_dir)


def test_a_missing_rollback_file_is_reported_before_anything_is_undone(blank_url: str, db_dir: Path) -> None:
    migrate(blank_url, say=hush, db_dir=db_dir)
    (db_dir / "rollback/001_init.sql").unlink()
    assert problems(blank_url, db_dir) == ["db/rollback/001_init.sql: missing: write it"]
    with pytest.raises(StateConflict, match=r"db/rollback/001_init\.sql: missing"):
        rollback(blank_url, say=hush, steps=2, db_dir=db_dir)
    assert value(blank_url, b"select count(note) from public.tenants") == 0


def test_the_error_for_a_failed_rollback_names_its_file_and_nothing_is_undone(blank_url: str, db_dir: Path) -> None:
    migrate(blank_url, say=hush, db_dir=db_dir)
    write(db_dir, "rollback/001_init.sql", "select no_such_function();")
    with pytest.raises(
        StateConflict, match=r"db/rollback/001_init\.sql:1: function no_such_function\(\) does not exist"
    ):
        rollback(blank_url, say=hush, steps=2, db_dir=db_dir)
    assert value(blank_url, b"select count(note) from public.tenants") == 0
    assert problems(blank_url, db_dir) == []


def test_after_reset_the_database_has_only_the_seeds(blank_url: str, db_dir: Path) -> None:
    migrate(blank_url, say=hush, db_dir=db_dir)
    with connect(blank_url) as connection:
        connection.execute("insert into public.tenants (id) values (77)")
    write(db_dir, "migrations/001_init.sql", FILES["migrations/001_init.sql"] + "-- a development edit")
    reset(blank_url, say=hush, db_dir=db_dir)
    assert value(blank_url, b"select array_agg(id order by id) from public.tenants") == [1, 2]
