"""`db up` runs the embedded server until a signal, and prints the environment variables with which other programs use
it."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from services.database import embedded
from services.database.connect import connect
from services.errors import NotReady

ACME = "11111111-1111-4111-8111-111111111111"
ROOT = Path(__file__).parents[3]


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "control_plane", "db", "up", *words]


def environment(**more: object) -> dict[str, str]:
    """The environment of this process, without variables that name a database."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_URL", "SUPABASE_"))}
    return clean | {name: str(value) for name, value in more.items()}


@pytest.mark.usefixtures("rest_for")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_db_up_serves_sql_and_the_data_api_until_a_signal_and_leaves_no_process(
    tmp_path: Path, number: signal.Signals
) -> None:
    env = environment(ACP_DATA_DIR=tmp_path)
    words = command("--with-rest", "--rest-port", "0")
    with subprocess.Popen(words, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as up:
        assert up.stdout is not None
        exported = dict(up.stdout.readline().strip().split("=", 1) for _ in range(5))
        try:
            with connect(exported["DATABASE_URL"]) as connection:
                assert connection.execute("select count(*) from public.tenants").fetchone() == (0,)
            headers = {"apikey": exported["SUPABASE_SECRET_KEY"]}
            assert httpx.get(f"{exported['SUPABASE_URL']}/rest/v1/tenants", headers=headers, timeout=60).json() == []

            words = [sys.executable, "-m", "control_plane", "token", "mint", "--tenant", ACME]
            minted = subprocess.run(
                words, cwd=ROOT, env=env | exported, capture_output=True, text=True, check=True
            ).stdout
            headers = {"apikey": exported["SUPABASE_PUBLISHABLE_KEY"], "Authorization": f"Bearer {minted.strip()}"}
            assert httpx.get(f"{exported['SUPABASE_URL']}/rest/v1/tenants", headers=headers, timeout=60).json() == []
        finally:
            with _open_request(exported["SUPABASE_URL"], exported["SUPABASE_SECRET_KEY"]):  # must not delay the stop
                up.send_signal(number)
                output = up.communicate(timeout=60)[1]
    assert up.returncode == 0, output
    assert not [value for name, value in exported.items() if name != "SUPABASE_URL" and value in output]
    with pytest.raises(NotReady):
        connect(exported["DATABASE_URL"])
    with pytest.raises(httpx.ConnectError):
        httpx.get(exported["SUPABASE_URL"])
    embedded.destroy(tmp_path)


def _open_request(url: str, key: str) -> socket.socket:
    """A request to the data API whose body never arrives."""
    parts = urlsplit(url)
    connection = socket.create_connection((parts.hostname, parts.port))
    connection.sendall(
        f"POST /rest/v1/tenants HTTP/1.1\r\nHost: {parts.netloc}\r\napikey: {key}\r\nContent-Length: 9\r\n\r\n".encode()
    )
    return connection


@pytest.mark.parametrize(
    "configured",
    [
        {"DATABASE_URL": "postgresql://me@db.example/app"},
        {"SUPABASE_URL": "https://abc.supabase.co", "SUPABASE_SECRET_KEY": "sb_secret_x"},
    ],
    ids=lambda exported: next(iter(exported)),
)
def test_db_up_starts_no_server_if_a_database_is_configured(configured: dict[str, str], tmp_path: Path) -> None:
    env = environment(ACP_DATA_DIR=tmp_path / "none", **configured)
    refused = subprocess.run(command(), cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    name = next(iter(configured))
    assert refused.stderr == f"error: {name}: selects another database: unset it to start the embedded one\n"
    assert not (tmp_path / "none").exists()
