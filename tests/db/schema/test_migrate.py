"""Migrations are applied once, completely or not at all, and never after an edit."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from services.database.connect import connect
from services.database.migrated import migrated_database
from services.database.schema import ledger
from services.database.schema.checks import check
from services.database.schema.migrate import migrate, require_migrated, rollback, seed
from services.errors import NotMigrated, NotReady, SettingsError, StateConflict
from tests.clusters import hush
from tests.db.schema.a_db import FILES, problems, value, write


def test_migrations_are_applied_before_functions_and_helpers_before_their_callers(blank_url: str, db_dir: Path) -> None:
    assert migrate(blank_url, say=hush, db_dir=db_dir) == [
        "migrations/001_init.sql",
        "migrations/002_notes.sql",
        "functions/app_private/zero.sql",
        "functions/worker_api/count_tenants.sql",
    ]
    assert value(blank_url, b"select worker_api.count_tenants()") == 0
    assert problems(blank_url, db_dir) == []


def test_a_second_migrate_does_nothing_and_prints_nothing(blank_url: str, db_dir: Path) -> None:
    migrate(blank_url, say=hush, db_dir=db_dir)
    lines: list[str] = []
    assert migrate(blank_url, say=lines.append, db_dir=db_dir) == []
    assert lines == []


def test_the_api_roles_cannot_read_the_record_of_migrations(blank_url: str, db_dir: Path) -> None:
    migrate(blank_url, say=hush, db_dir=db_dir)
    with connect(blank_url) as connection:
        tables = connection.execute(
            "select relname, relrowsecurity from pg_class"
            " where relnamespace = 'migrations'::regnamespace and relkind = 'r'"
        ).fetchall()
        usage = connection.execute(
            "select has_schema_privilege(r, 'migrations', 'usage') from unnest(%s::text[]) r",
            (["anon", "authenticated", "service_role"],),
        ).fetchall()
    assert tables == [("applied_file", True)]
    assert usage == [(False,)] * 3


def test_an_edited_migration_is_refused_by_name(blank_url: str, db_dir: Path) -> None:
    migrate(blank_url, say=hush, db_dir=db_dir)
    write(db_dir, "migrations/001_init.sql", FILES["migrations/001_init.sql"] + "-- one more thought")
    with pytest.raises(StateConflict, match=r"db/migrations/001_init\.sql: edited after it was applied"):
        migrate(blank_url, say=hush, db_dir=db_dir)
    assert problems(blank_url, db_dir) == [
        "db/migrations/001_init.sql: edited after it was applied: restore it and write a new migration"
    ]


def test_the_error_for_a_missing_file_of_an_applied_migration_names_it(blank_url: str, db_dir: Path) -> None:
    migrate(blank_url, say=hush, db_dir=db_dir)
    (db_dir / "migrations/002_notes.sql").unlink()
    write(db_dir, "migrations/003_more.sql", "select 1;")
    with pytest.raises(StateConflict, match=r"db/migrations/002_notes\.sql: was applied .* but the file is missing"):
        migrate(blank_url, say=hush, db_dir=db_dir)
    assert "db/migrations/002_notes.sql: was applied but the file is missing: restore it" in problems(blank_url, db_dir)


def test_other_line_endings_do_not_count_as_an_edit(blank_url: str, db_dir: Path) -> None:
    migrate(blank_url, say=hush, db_dir=db_dir)
    path = db_dir / "migrations/001_init.sql"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert migrate(blank_url, say=hush, db_dir=db_dir) == []


def test_a_failed_migration_is_rolled_back_and_the_ones_before_it_are_kept(blank_url: str, db_dir: Path) -> None:
    write(db_dir, "migrations/003_bad.sql", "create table public.half (id int);\nselect no_such_function();")
    with pytest.raises(
        StateConflict, match=r"db/migrations/003_bad\.sql:2: function no_such_function\(\) does not exist"
    ):
        migrate(blank_url, say=hush, db_dir=db_dir)
    assert value(blank_url, b"select to_regclass('public.half')") is None
    assert value(blank_url, b"select count(*) from migrations.applied_file") == 2
    write(db_dir, "migrations/003_bad.sql", "create table public.whole (id int);")
    assert migrate(blank_url, say=hush, db_dir=db_dir)[0] == "migrations/003_bad.sql"


def test_the_next_migrate_applies_the_functions_after_a_crash(
    blank_url: str, db_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> list[str]:
        raise KeyboardInterrupt

    migrate(blank_url, say=hush, db_dir=db_dir)
    write(
        db_dir,
        "migrations/003_more.sql",
        "drop function worker_api.count_tenants; create table app_private.more (id int);",
    )
    with monkeypatch.context() as patch:
        patch.setattr("services.database.schema.migrate._apply_functions", crash)
        with pytest.raises(KeyboardInterrupt):
            migrate(blank_url, say=hush, db_dir=db_dir)

    migrate(blank_url, say=hush, db_dir=db_dir)
    assert value(blank_url, b"select worker_api.count_tenants()") == 0
    owner = b"select relowner::regrole::text from pg_class where oid = 'app_private.more'::regclass"
    assert value(blank_url, owner) == "app_owner"


def test_a_migration_that_commits_is_refused(blank_url: str, db_dir: Path) -> None:
    write(db_dir, "migrations/003_sly.sql", "select 1; commit;")
    with pytest.raises(StateConflict, match=r"db/migrations/003_sly\.sql: ends its transaction"):
        migrate(blank_url, say=hush, db_dir=db_dir)


def test_the_error_for_a_failed_function_names_its_file_and_no_function_is_replaced(
    blank_url: str, db_dir: Path
) -> None:
    migrate(blank_url, say=hush, db_dir=db_dir)
    write(db_dir, "functions/app_private/zero.sql", FILES["functions/app_private/zero.sql"].replace("0'", "1'"))
    write(db_dir, "functions/worker_api/broken.sql", "create or replace function worker_api.broken() nonsense;")
    with pytest.raises(StateConflict, match=r"db/functions/worker_api/broken\.sql:1: syntax error"):
        migrate(blank_url, say=hush, db_dir=db_dir)
    assert value(blank_url, b"select app_private.zero()") == 0


def test_a_changed_function_is_applied_again(blank_url: str, db_dir: Path) -> None:
    migrate(blank_url, say=hush, db_dir=db_dir)
    write(db_dir, "functions/app_private/zero.sql", FILES["functions/app_private/zero.sql"].replace("0'", "5'"))
    assert len(problems(blank_url, db_dir)) == 1
    assert migrate(blank_url, say=hush, db_dir=db_dir) == ["functions/app_private/zero.sql"]
    assert value(blank_url, b"select worker_api.count_tenants()") == 5


def test_a_function_without_a_file_is_a_problem_until_a_migration_drops_it(blank_url: str, db_dir: Path) -> None:
    migrate(blank_url, say=hush, db_dir=db_dir)
    (db_dir / "functions/worker_api/count_tenants.sql").unlink()
    assert problems(blank_url, db_dir) == [
        (
            "db/functions/worker_api/count_tenants.sql: was applied but the file is missing:"
            " drop the function in a migration"
        )
    ]
    write(db_dir, "migrations/003_drop.sql", "drop function worker_api.count_tenants;")
    write(db_dir, "rollback/003_drop.sql", "select 1;")
    migrate(blank_url, say=hush, db_dir=db_dir)
    assert problems(blank_url, db_dir) == []


def test_concurrent_migrates_apply_every_file_once(blank_url: str, db_dir: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        applied = list(pool.map(lambda _: migrate(blank_url, say=hush, db_dir=db_dir), range(4)))
    assert sorted(map(len, applied)) == [0, 0, 0, 4]


def test_the_lock_of_a_killed_migration_is_released(blank_url: str, db_dir: Path) -> None:
    migrate(blank_url, say=hush, db_dir=db_dir)
    with suppress(psycopg.OperationalError), connect(blank_url) as killed, ledger.schema_lock(killed):
        value(blank_url, b"select pg_terminate_backend(%d)" % killed.info.backend_pid)
        assert rollback(blank_url, say=hush, db_dir=db_dir) == ["migrations/002_notes.sql"]


def test_migrate_reports_that_another_migration_runs_too_long(
    blank_url: str, db_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "WAIT_FOR_LOCK", "1ms")
    refused = pytest.raises(NotReady, match="another migration has been running")
    with connect(blank_url) as connection, ledger.schema_lock(connection), refused:
        migrate(blank_url, say=hush, db_dir=db_dir)


def test_seeding_twice_adds_the_rows_once(blank_url: str, db_dir: Path) -> None:
    migrate(blank_url, say=hush, db_dir=db_dir)
    for _ in range(2):
        assert seed(blank_url, say=hush, db_dir=db_dir) == ["seeds/demo.sql"]
    assert value(blank_url, b"select count(*) from public.tenants") == 2


def test_a_configured_database_is_never_migrated_automatically(blank_url: str, db_dir: Path) -> None:
    refused = pytest.raises(NotMigrated, match=r"001_init\.sql is not applied")
    with refused, migrated_database(blank_url, db_dir, say=hush, db_dir=db_dir):
        pass
    assert value(blank_url, b"select to_regnamespace('worker_api')") is None


def test_a_configured_database_that_is_migrated_is_used_unchanged(blank_url: str, db_dir: Path) -> None:
    migrate(blank_url, say=hush, db_dir=db_dir)
    configured_url = blank_url.replace("postgresql://", "postgresql+asyncpg://")
    with migrated_database(configured_url, db_dir, say=hush, db_dir=db_dir) as url:
        assert url == blank_url


def test_a_worker_needs_no_right_to_read_the_record_of_migrations(blank_url: str, db_dir: Path) -> None:
    migrate(blank_url, say=hush, db_dir=db_dir)
    with connect(blank_url) as connection:
        connection.execute("create role test_worker login password 'w'")
    try:
        parts = conninfo_to_dict(blank_url)
        worker = f"postgresql://test_worker:w@127.0.0.1:{parts['port']}/{parts['dbname']}"
        require_migrated(worker, db_dir=db_dir)
        with pytest.raises(StateConflict, match="has no permission to read"):
            migrate(worker, say=hush, db_dir=db_dir)
    finally:
        with connect(blank_url) as connection:
            connection.execute("drop role test_worker")


@pytest.mark.parametrize("act", [check, require_migrated, lambda url: migrate(url, say=hush)])
def test_the_error_for_an_unreachable_database_is_one_line_without_the_password(act: object) -> None:
    assert callable(act)
    with pytest.raises(NotReady) as away:
        act("postgresql://someone:hush-hush@127.0.0.1:1/things")
    line = str(away.value)
    assert line.startswith("database 127.0.0.1:1/things: connection failed")
    assert line.endswith("check DATABASE_URL and the server")
    assert "hush-hush" not in line
    assert "\n" not in line


def test_an_invalid_url_is_refused_and_not_quoted() -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL: not a PostgreSQL URL") as refused:
        migrate("hush-hush@nowhere", say=hush)
    assert "hush-hush" not in str(refused.value)
    assert refused.value.__suppress_context__
