"""The data and the programs of the embedded PostgreSQL: folders that it refuses, and what it does as root."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from services.database import embedded
from services.database.connect import connect
from services.database.embedded import programs
from services.database.embedded.home import find_home
from services.database.embedded.programs import POSTGRES_WHEEL, Account, installed_programs
from services.errors import NotReady, SettingsError
from tests.clusters import hush
from tests.db.embedded.users import ROOT, USER, Lines, answers

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be refused by PostgreSQL")


def test_data_of_another_major_version_is_refused_with_both_versions(fresh_dir: Path) -> None:
    with embedded.running(fresh_dir, say=hush):
        home = find_home(fresh_dir)
    assert home is not None
    (home.data_folder / "PG_VERSION").write_text("16\n")
    with pytest.raises(SettingsError, match="has data of PostgreSQL 16, but this version runs 18: dump and restore"):
        embedded.start(fresh_dir, say=hush)
    (home.data_folder / "PG_VERSION").write_text("18\n")


def test_a_data_folder_with_missing_files_is_refused_with_the_remedy(data_dir: Path) -> None:
    with embedded.running(data_dir, say=hush):
        home = find_home(data_dir)
    assert home is not None
    (home.folder / "passwords.json").rename(home.folder / "aside")
    with pytest.raises(NotReady, match="files are missing or damaged: restore the folder, or move it away"):
        embedded.start(data_dir, say=hush)
    (home.folder / "aside").rename(home.folder / "passwords.json")


def test_damaged_data_is_reported_with_the_line_of_the_server_log(fresh_dir: Path) -> None:
    with embedded.running(fresh_dir, say=hush):
        home = find_home(fresh_dir)
    assert home is not None
    (home.data_folder / "global" / "pg_control").unlink()
    with pytest.raises(NotReady, match=r"did not start: .*pg_control.*: see .*server\.log"):
        embedded.start(fresh_dir, say=hush)


def test_the_error_for_a_read_only_folder_names_the_setting(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="ACP_DATA_DIR: cannot write to"):
        embedded.start(tmp_path / "file" / ".local", say=hush)


def test_the_error_for_a_platform_without_the_wheel_names_database_url(
    fresh_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "find_spec", lambda _name: None)
    with pytest.raises(SettingsError, match="no embedded PostgreSQL for this platform: set DATABASE_URL"):
        embedded.start(fresh_dir, say=hush)


@as_root
def test_data_of_root_are_outside_the_project_and_a_file_says_where(fresh_dir: Path) -> None:
    fresh_dir.mkdir(mode=0o700)
    with embedded.running(fresh_dir, say=hush) as cluster, connect(cluster.url) as connection:
        connection.execute("create table kept as select 7 as id")
    elsewhere = Path((fresh_dir / "postgres.path").read_text())
    assert not elsewhere.is_relative_to(fresh_dir)
    assert (elsewhere / "project").read_text() == str(fresh_dir)
    assert (elsewhere / "data").stat().st_uid != 0
    with embedded.running(fresh_dir, say=hush) as again, connect(again.url) as connection:
        assert connection.execute("select id from kept").fetchone() == (7,)


@as_root
def test_a_copied_project_of_root_gets_new_data_and_a_moved_one_keeps_its_data(tmp_path: Path) -> None:
    original, copy, moved = tmp_path / "original", tmp_path / "copy", tmp_path / "moved"
    with embedded.running(original, say=hush) as first:
        shutil.copytree(original, copy)
        with embedded.running(copy, say=hush) as second:
            assert second.port != first.port
    original.rename(moved)
    with embedded.running(moved, say=hush) as third:
        assert replace(third, data_dir=original) == first
    embedded.destroy(copy)
    embedded.destroy(moved)


@as_root
def test_root_copies_programs_that_the_server_account_cannot_read(
    fresh_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = installed_programs().parents[1]
    for part in (wheel, wheel.with_name(f"{POSTGRES_WHEEL}.libs")):
        if part.exists():
            shutil.copytree(part, tmp_path / part.name, ignore=shutil.ignore_patterns("pginstall", "include"))
    tmp_path.chmod(0o700)
    monkeypatch.setattr(programs, "installed_programs", lambda: tmp_path / POSTGRES_WHEEL / "pginstall18" / "bin")
    with tempfile.TemporaryDirectory() as shared:
        monkeypatch.setattr(programs, "SHARED_PROGRAMS_DIR", Path(shared))
        lines = Lines()
        for _ in range(2):
            with embedded.running(fresh_dir, say=lines) as cluster:
                assert answers(cluster.url)
        assert lines.count_of("copying the PostgreSQL programs") == 1


@as_root
def test_a_normal_user_runs_the_server_under_the_own_account() -> None:
    nobody = pwd.getpwnam("nobody")
    if not Account(nobody.pw_uid, nobody.pw_gid).can_enter(installed_programs()):
        pytest.skip("a normal user cannot reach the programs of this checkout")
    become = f"import os\nos.setgroups([])\nos.setgid({nobody.pw_gid})\nos.setuid({nobody.pw_uid})\n"
    with tempfile.TemporaryDirectory() as folder:
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        ran = subprocess.run(
            [sys.executable, "-c", USER.replace("with ", f"{become}with ", 1), f"{folder}/.local"],
            cwd=ROOT, input="", capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ran.stdout.startswith("postgresql://postgres:"), ran.stderr
        owners = {path.stat().st_uid for path in Path(folder, ".local").rglob("*")}
        assert owners == {nobody.pw_uid}
