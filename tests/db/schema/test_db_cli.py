"""`python -m control_plane db`, as a person runs it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from control_plane.__main__ import app
from services.database import embedded
from services.database.connect import connect
from services.errors import NotReady

ROOT = Path(__file__).parents[3]
COMMANDS = ("migrate", "rollback", "seed", "check", "snapshot", "reset", "url", "up", "stop")


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    data_dir = tmp_path / ".local"
    yield data_dir
    embedded.destroy(data_dir)


def db(*words: str, **env: object) -> "subprocess.CompletedProcess[str]":
    clean = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "ACP_DATA_DIR"}}
    return subprocess.run(
        [sys.executable, "-m", "control_plane", "db", *words],
        cwd=ROOT, env={**clean, **{name: str(value) for name, value in env.items()}},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_has_an_example(command: str) -> None:
    shown = CliRunner().invoke(app, ["db", command, "--help"])
    assert shown.exit_code == 0
    assert f"control_plane db {command}" in shown.output


def test_db_url_with_keep_leaves_a_migrated_server_until_db_stop(data_dir: Path) -> None:
    printed = db("url", "--keep", ACP_DATA_DIR=data_dir)
    assert printed.returncode == 0
    url = printed.stdout.strip()
    with connect(url) as connection:
        assert connection.execute("select count(*) from public.tenants").fetchone() == (0,)
    assert url not in printed.stderr
    assert db("check", ACP_DATA_DIR=data_dir).stdout == "ok\n"
    assert db("stop", ACP_DATA_DIR=data_dir).stdout == "stopped\n"
    with pytest.raises(NotReady):
        connect(url)
    assert db("stop", ACP_DATA_DIR=data_dir).stdout == "not running\n"


def test_db_url_prints_the_url_of_a_configured_database() -> None:
    printed = db("url", DATABASE_URL="postgresql+asyncpg://me:secret@db.example:5432/things")
    assert (printed.returncode, printed.stdout) == (0, "postgresql://me:secret@db.example:5432/things\n")


def test_db_check_exits_with_1_until_db_migrate_ran(blank_url: str) -> None:
    before = db("check", "--json", DATABASE_URL=blank_url)
    assert before.returncode == 1
    report = json.loads(before.stdout)
    assert report["problems"][0] == "db/migrations/001_init.sql: not applied: run: python -m control_plane db migrate"
    assert report["fingerprint"] is None
    assert before.stderr == f"{report['not_compared']}\n"
    migrated = db("migrate", "--json", DATABASE_URL=blank_url)
    assert json.loads(migrated.stdout)["applied"][0] == "migrations/001_init.sql"
    after = db("check", DATABASE_URL=blank_url)
    assert (after.returncode, after.stdout, after.stderr) == (0, "ok\n", "")
    assert db("migrate", DATABASE_URL=blank_url).stdout == "nothing to do\n"


def test_db_check_names_manual_changes_and_prints_a_fingerprint(database_url: str) -> None:
    clean = json.loads(db("check", "--json", DATABASE_URL=database_url).stdout)
    assert clean == {"problems": [], "fingerprint": clean["fingerprint"], "not_compared": None}
    with connect(database_url) as connection:
        connection.execute("drop policy outbox_select on public.outbox")
    drifted = db("check", DATABASE_URL=database_url)
    assert drifted.returncode == 1
    assert drifted.stdout.startswith("policy outbox_select on public.outbox: is in db/schema.sql, not in the database:")
    assert drifted.stdout.count("\n") == 1
    assert json.loads(db("check", "--json", DATABASE_URL=database_url).stdout)["fingerprint"] != clean["fingerprint"]


def test_db_rollback_undoes_one_migration_and_names_it(database_url: str) -> None:
    undone = db("rollback", "--json", DATABASE_URL=database_url)
    assert undone.returncode == 0
    assert len(json.loads(undone.stdout)["rolled_back"]) == 1


def test_db_reset_of_a_configured_database_needs_yes(database_url: str) -> None:
    refused = db("reset", DATABASE_URL=database_url)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == (
        "error: DATABASE_URL: the reset would delete all data in this database: add --yes to allow it\n"
    )
    assert db("reset", "--yes", DATABASE_URL=database_url).returncode == 0
    assert db("check", DATABASE_URL=database_url).stdout == "ok\n"


def test_the_error_of_seeding_an_unmigrated_database_names_the_remedy(blank_url: str) -> None:
    refused = db("seed", DATABASE_URL=blank_url)
    assert refused.returncode == 1
    assert refused.stderr.endswith("run: python -m control_plane db migrate\n")


def test_the_error_for_an_unreachable_database_is_one_line_without_traceback_or_password() -> None:
    failed = db("check", DATABASE_URL="postgresql://me:hush-hush@127.0.0.1:1/things")
    assert failed.returncode == 1
    assert failed.stderr.startswith("error: database 127.0.0.1:1/things: connection failed")
    assert failed.stderr.count("\n") == 1
    assert "hush-hush" not in failed.stderr


def test_the_error_for_a_read_only_data_folder_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    failed = db("migrate", ACP_DATA_DIR=tmp_path / "file" / ".local")
    assert failed.returncode == 1
    assert failed.stderr.startswith("error: ACP_DATA_DIR: cannot write to")
    assert failed.stderr.count("\n") == 1
