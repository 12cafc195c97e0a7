"""Servers of their own for tests: the wheel's, or one made with other programs, such as Debian's PostgreSQL 15."""

import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from psycopg import sql

from services.database import embedded
from services.database.connect import connect, connection_parts
from services.database.embedded import Cluster, home
from services.database.embedded.programs import Account, account_for
from services.database.embedded.server import HOST, SERVER_SETTINGS

HOSTED = Path(home.__file__).with_name("hosted.sql")


@contextmanager
def new_cluster(data_dir: Path) -> Iterator[Cluster]:
    """Yield a new one running; it is deleted, data and all, so it need not wait for the disk.

    ACP_TEST_POSTGRES names the folder of other programs than the wheel's, such as /usr/lib/postgresql/15/bin.
    """
    if other := os.environ.get("ACP_TEST_POSTGRES"):
        with hosted_like(Path(other)) as running:
            yield running
        return
    with embedded.running(data_dir, say=hush) as running:
        with connect(running.admin_url) as connection:
            connection.execute("alter system set fsync = off")
            connection.execute("select pg_reload_conf()")
            connection.execute("set scram_iterations = 1")  # 4096 otherwise, at each of thousands of connections
            for url in (running.url, running.admin_url, running.authenticator_url):
                login = connection_parts(url)
                set_password = sql.SQL("alter role {} password {}")
                connection.execute(set_password.format(sql.Identifier(str(login["user"])), str(login["password"])))
        yield running
    embedded.destroy(data_dir)


@contextmanager
def hosted_like(programs: Path) -> Iterator[Cluster]:
    """Yield it running; it is deleted, data and all, so it need not wait for the disk."""
    folder = Path(tempfile.mkdtemp(prefix="hosted-like-"))
    account = account_for(folder / "data")
    account.chown(folder)
    try:
        passwords = _make(folder, account, programs)
        port = _free_port()
        options = " ".join(
            f"-c {key}='{value}'" for key, value in {**SERVER_SETTINGS, "fsync": "off", "port": port}.items()
        )
        _run(account, programs / "pg_ctl", "start", "--wait", "--silent", "--pgdata", folder / "data",
             "--log", folder / "server.log", "--options", options)  # fmt: skip
        try:
            urls = {role: f"postgresql://{role}:{passwords[role]}@{HOST}:{port}/postgres" for role in home.LOGIN_ROLES}
            yield Cluster(urls["postgres"], urls["supabase_admin"], urls["authenticator"], folder, port)
        finally:
            _run(account, programs / "pg_ctl", "stop", "--mode", "immediate", "--silent", "--pgdata", folder / "data")
    finally:
        shutil.rmtree(folder)


def _make(folder: Path, account: Account, programs: Path) -> dict[str, str]:
    """Login role to password."""
    passwords = {role: secrets.token_urlsafe(24) for role in home.LOGIN_ROLES}
    first = folder / "first-password"
    first.touch(mode=0o600)
    first.write_text(passwords["supabase_admin"])
    account.chown(first)
    _run(account, programs / "initdb", "--pgdata", folder / "data", "--username", "supabase_admin", "--pwfile", first,
         "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync")  # fmt: skip
    roles = HOSTED.read_text(encoding="utf-8")
    for role, password in passwords.items():
        roles = roles.replace(f":{role}_password", password)
    _run(account, programs / "postgres", "--single", "-j", "-D", folder / "data", "-c", "exit_on_error=true",
         "postgres", stdin=roles)  # fmt: skip
    return passwords


def _run(account: Account, *command: str | Path, stdin: str = "") -> None:
    ran = account.run(*command, stdin=stdin)
    assert ran.returncode == 0, f"{command[0]}: {ran.stderr}"


def hush(_line: str) -> None:
    """Tests say nothing."""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port
