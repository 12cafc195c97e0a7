"""The embedded PostgreSQL: its start and stop, its recovery after crashes, and its settings."""

import os
import signal
import socket
import stat
from pathlib import Path

import pytest

from services.database import embedded
from services.database.connect import connect
from services.database.embedded import Cluster
from services.database.embedded.home import find_home
from services.database.embedded.server import read_postmaster
from services.errors import NotReady
from tests.clusters import hush
from tests.db.embedded.users import Lines, another_process, answers, first_line


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


def test_stopping_a_server_that_never_ran_does_nothing(tmp_path: Path) -> None:
    assert not embedded.stop(tmp_path / "never")
    assert not (tmp_path / "never").exists()
