"""The committed snapshot in db/schema.sql has everything that the migrations create."""

from pathlib import Path

import pytest

from services.database.embedded.programs import installed_programs
from services.database.schema.checks import check, write_snapshot
from services.database.schema.migrate import migrate, rollback
from services.database.schema.pg_dump import pg_dump
from services.database.schema.snapshot import Snapshot, parse_snapshot, read_snapshot
from services.database.sql_files import DB_DIR, read_sql_files
from tests.clusters import hush

MIGRATIONS = [file.id for file in read_sql_files().migrations]


def as_committed() -> Snapshot:
    snapshot = read_snapshot(DB_DIR)
    assert snapshot is not None
    return snapshot


def test_the_committed_snapshot_equals_the_schema_of_the_migrations(database_url: str) -> None:
    dumped = parse_snapshot(pg_dump(database_url, installed_programs(), exclude=[]))
    assert dumped.text == as_committed().text, "run: python -m control_plane db snapshot"


def test_a_written_snapshot_is_read_back_unchanged() -> None:
    text = (DB_DIR / "schema.sql").read_text(encoding="utf-8")
    assert parse_snapshot(text).text == text


def test_every_table_of_ours_has_row_level_security() -> None:
    entries = as_committed().entries
    tables = {entry.subject for entry in entries if entry.kind == "TABLE"}
    assert tables == {entry.subject for entry in entries if entry.kind == "ROW SECURITY"}


def test_a_new_table_in_public_is_part_of_the_next_snapshot(tmp_path: Path) -> None:
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations/001_one.sql").write_text(
        "create role app_owner nologin; grant app_owner to postgres; grant create on schema public to app_owner;"
        " create table public.ours (id int)"
    )
    assert write_snapshot(say=hush, db_dir=tmp_path)
    text = (tmp_path / "schema.sql").read_text()
    assert "-- Name: ours; Type: TABLE; Schema: public; Owner: app_owner\nCREATE TABLE public.ours (" in text
    assert not write_snapshot(say=hush, db_dir=tmp_path)
    assert (tmp_path / "schema.sql").read_text() == text


def test_a_migrated_database_has_the_fingerprint_of_the_snapshot(database_url: str) -> None:
    report = check(database_url)
    assert (report.problems, report.fingerprint, report.not_compared) == ([], as_committed().fingerprint, None)


@pytest.mark.parametrize("migration", MIGRATIONS)
def test_rolling_back_any_migration_and_migrating_again_gives_the_same_fingerprint(
    module_database_url: str, migration: str
) -> None:
    rollback(module_database_url, say=hush, steps=len(MIGRATIONS) - MIGRATIONS.index(migration))
    migrate(module_database_url, say=hush)
    assert check(module_database_url).fingerprint == as_committed().fingerprint
