"""The embedded PostgreSQL: its start and stop, its recovery after crashes, and its settings."""

import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from services.database import embedded
from services.database.connect import connect
from services.database.embedded import Cluster, programs
from services.database.embedded.home import find_home
from services.database.embedded.programs import POSTGRES_WHEEL, Account, installed_programs
from services.database.embedded.server import read_postmaster
from services.errors import NotReady, SettingsError
from tests.clusters import hush

ROOT = Path(__file__).parents[3]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be refused by PostgreSQL")

USER = """
import sys
from pathlib import Path
from services.database import embedded
with embedded.running(Path(sys.argv[1])) as cluster:
    print(cluster.url, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def created_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One cluster for the tests that do not damage it."""
    data_dir = tmp_path_factory.mktemp("embedded")
    with embedded.running(data_dir, say=hush):
        pass
    yield data_dir
    embedded.destroy(data_dir)


@pytest.fixture
def data_dir(created_dir: Path) -> Iterator[Path]:
    """A cluster that was created before and does not run."""
    yield created_dir
    embedded.stop(created_dir)


@pytest.fixture
def fresh_dir(tmp_path: Path) -> Iterator[Path]:
    """A folder where nothing was created yet."""
    fresh = tmp_path / ".local"
    yield fresh
    embedded.destroy(fresh)


class Lines(list[str]):
    """Collects the lines that `say` gets."""

    def __call__(self, line: str) -> None:
        self.append(line)

    def count_of(self, word: str) -> int:
        return sum(word in line for line in self)


@contextmanager
def another_process(data_dir: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that uses the cluster until its stdin is closed."""
    with subprocess.Popen(
        [sys.executable, "-c", USER, str(data_dir)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        yield process


def first_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def answers(url: str) -> bool:
    try:
        connect(url).close()
    except NotReady:
        return False
    return True


def postmaster(data_dir: Path) -> int:
    home = find_home(data_dir)
    assert home is not None
    found = read_postmaster(home)
    assert found is not None
    return found.pid


def test_the_first_user_starts_the_server_and_the_last_user_stops_it(data_dir: Path) -> None:
    with embedded.running(data_dir, say=hush) as first:
        with embedded.running(data_dir, say=hush) as second:
            assert second == first
        assert answers(first.url)
    assert not answers(first.url)


def test_a_second_process_uses_the_server_and_stops_it_if_it_is_the_last(data_dir: Path) -> None:
    with another_process(data_dir) as other:
        with embedded.running(data_dir, say=hush) as cluster:
            assert first_line(other) == cluster.url
        assert answers(cluster.url)
        other.communicate()
    assert not answers(cluster.url)


def test_two_processes_that_start_together_share_one_server(fresh_dir: Path) -> None:
    with another_process(fresh_dir) as one, another_process(fresh_dir) as two:
        assert first_line(one) == first_line(two) != ""
        output = one.communicate()[1] + two.communicate()[1]
    assert output.count("creating") == output.count("starting") == output.count("stopping") == 1


def test_the_next_run_has_the_same_data_and_port(data_dir: Path) -> None:
    with embedded.running(data_dir, say=hush) as first, connect(first.url) as connection:
        connection.execute("create table written (id int)")
    with embedded.running(data_dir, say=hush) as second, connect(second.url) as connection:
        assert connection.execute("select count(*) from written").fetchone() == (0,)
    assert second == first


def test_a_port_that_another_program_uses_is_replaced(data_dir: Path) -> None:
    with embedded.running(data_dir, say=hush) as first:
        pass
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind(("127.0.0.1", first.port))
        stranger.listen()
        with embedded.running(data_dir, say=hush) as second:
            assert second.port != first.port
            assert answers(second.url)


def test_the_next_user_takes_over_the_server_of_a_killed_user_and_stops_it(data_dir: Path) -> None:
    with another_process(data_dir) as other:
        url = first_line(other)
        before = postmaster(data_dir)
        other.kill()
    assert answers(url)
    with embedded.running(data_dir, say=hush):
        assert postmaster(data_dir) == before
    assert not answers(url)


def test_a_killed_server_recovers_all_committed_data(data_dir: Path) -> None:
    with embedded.running(data_dir, say=hush) as cluster:
        with connect(cluster.url) as connection:
            connection.execute("create table committed as select 7 as id")
            os.kill(postmaster(data_dir), signal.SIGKILL)
        with embedded.running(data_dir, say=hush) as again, connect(again.url) as connection:
            assert connection.execute("select id from committed").fetchone() == (7,)


def test_a_stale_pid_file_with_the_pid_of_another_process_does_not_prevent_a_start(data_dir: Path) -> None:
    with embedded.running(data_dir, say=hush) as cluster:
        home = find_home(data_dir)
        assert home is not None
        left_behind = (home.data_folder / "postmaster.pid").read_text().splitlines()
    stale = home.data_folder / "postmaster.pid"
    stale.write_text("\n".join([str(os.getppid()), *left_behind[1:]]) + "\n")
    home.account.chown(stale)
    with embedded.running(data_dir, say=hush) as again:
        assert answers(again.url)
    assert again == cluster


def test_an_empty_pid_file_does_not_prevent_a_start(data_dir: Path) -> None:
    with embedded.running(data_dir, say=hush):
        home = find_home(data_dir)
    assert home is not None
    (home.data_folder / "postmaster.pid").touch()
    with embedded.running(data_dir, say=hush) as again:
        assert answers(again.url)


def test_an_interrupted_creation_leaves_no_files(fresh_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("services.database.embedded.home._initialise", fails)
        with pytest.raises(KeyboardInterrupt), embedded.running(fresh_dir, say=hush):
            pass
    assert find_home(fresh_dir) is None
    with embedded.running(fresh_dir, say=hush) as cluster:
        assert answers(cluster.url)


def test_a_kept_server_outlives_later_users_until_it_is_stopped(data_dir: Path) -> None:
    with embedded.running(data_dir, keep=True, say=hush) as cluster:
        pass
    with embedded.running(data_dir, say=hush):
        pass
    assert answers(cluster.url)
    assert embedded.stop(data_dir)
    assert not answers(cluster.url)
    assert not embedded.stop(data_dir)


def test_a_started_server_runs_until_it_is_stopped(data_dir: Path) -> None:
    cluster = embedded.start(data_dir, say=hush)
    assert answers(cluster.url)
    assert embedded.stop(data_dir)


def test_starting_prints_short_lines_without_passwords(fresh_dir: Path) -> None:
    lines = Lines()
    with embedded.running(fresh_dir, say=lines) as cluster:
        pass
    assert [line.split()[0] for line in lines] == ["creating", "starting", "stopping"]
    password = cluster.url.split(":")[2].split("@")[0]
    assert lines.count_of(password) == 0
    assert password not in repr(cluster)


def test_passwords_are_random_and_only_the_owner_can_read_them(fresh_dir: Path, cluster: Cluster) -> None:
    with embedded.running(fresh_dir, say=hush) as other:
        home = find_home(fresh_dir)
    assert home is not None
    assert stat.S_IMODE((home.folder / "passwords.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(home.data_folder.stat().st_mode) == 0o700
    words = {word for of in (home, find_home(cluster.data_dir)) if of for word in of.passwords().values()}
    assert len(words) == 6
    assert other.url.split(":")[2] != cluster.url.split(":")[2]


def test_a_wrong_password_is_refused_and_not_quoted(cluster: Cluster) -> None:
    wrong = f"postgresql://postgres:not-the-password@127.0.0.1:{cluster.port}/postgres"
    with pytest.raises(NotReady, match="password authentication failed") as refused:
        connect(wrong)
    assert "not-the-password" not in str(refused.value)


def test_the_server_listens_only_on_the_loopback_address_and_flushes_to_disk(data_dir: Path) -> None:
    names = ("listen_addresses", "unix_socket_directories", "fsync", "synchronous_commit", "jit", "max_connections")
    with embedded.running(data_dir, say=hush) as cluster, connect(cluster.admin_url) as connection:
        shown = connection.execute("select current_setting(n) from unnest(%s::text[]) n", (list(names),)).fetchall()
        methods = connection.execute("select distinct auth_method from pg_hba_file_rules").fetchall()
    assert [value for (value,) in shown] == ["127.0.0.1", "", "on", "on", "off", "100"]
    assert methods == [("scram-sha-256",)]


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


def test_stopping_a_server_that_never_ran_does_nothing(tmp_path: Path) -> None:
    assert not embedded.stop(tmp_path / "never")
    assert not (tmp_path / "never").exists()


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
