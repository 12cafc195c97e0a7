"""The server's processes: launch them, see whether any is left, stop them."""

import os
import secrets
import signal
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

from services.database.embedded.home import Home, last_words
from services.database.embedded.programs import programs_for
from services.errors import NotReady

UP_WITHIN = 60
"""Seconds a start may take, crash recovery included."""
STOP_WITHIN = 30
"""Seconds a fast shutdown may take before the server is told to stop at once and recover at the next start."""
LOOK_EVERY = 0.02
LOG_LIMIT = 20 * 1024 * 1024
HOST = "127.0.0.1"
SSL_REQUEST = struct.pack("!ii", 8, 80877103)
"""The one question a server answers before it knows who asks."""
SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "cluster_name": "agent-control-plane",
}


@dataclass(frozen=True)
class Postmaster:
    """What `postmaster.pid` says."""

    pid: int
    port: int
    status: str

    def answers(self) -> bool:
        """Whether it serves; a dead server's file says `ready` too, and a dying one's port still takes connections."""
        if self.status != "ready":
            return False
        try:
            with socket.create_connection((HOST, self.port), timeout=1) as connection:
                connection.sendall(SSL_REQUEST)
                return connection.recv(1) in (b"N", b"S")
        except OSError:
            return False


def ensure_up(home: Home, lock: Path, *, say: Callable[[str], None]) -> int:
    """The port of the running server, started if it was not. The caller holds the start lock.

    Raises NotReady with the log's last word if it does not come up.
    """
    deadline = time.monotonic() + UP_WITHIN
    while time.monotonic() < deadline:
        held = take(lock)
        if held is not None:
            try:
                return _launch(home, held, say=say)
            finally:
                os.close(held)
        found = read_postmaster(home)
        if found and found.answers():
            return found.port
        time.sleep(LOOK_EVERY)  # starting elsewhere, or the last processes of a killed server are leaving
    raise NotReady(
        f"PostgreSQL in {home.folder} neither answers nor ends: {last_words(_log_since(home, 0))}: see {home.log}"
    )


def stop_server(home: Home, lock: Path) -> bool:
    """Stop it and wait until its last process is gone; False if none was running."""
    for how, seconds in ((signal.SIGINT, STOP_WITHIN), (signal.SIGQUIT, STOP_WITHIN)):
        if _gone(lock):
            return how is not signal.SIGINT
        found = read_postmaster(home)
        if found and _is_ours(found.pid, home):
            with suppress(ProcessLookupError):
                os.kill(found.pid, how)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if _gone(lock):
                return True
            time.sleep(LOOK_EVERY)
    raise NotReady(f"PostgreSQL in {home.folder} does not stop: see {home.log}")


def read_postmaster(home: Home) -> Postmaster | None:
    """None while the file is absent or half written."""
    try:
        lines = (home.data / "postmaster.pid").read_text().splitlines()
        return Postmaster(pid=int(lines[0]), port=int(lines[3]), status=lines[7].strip())
    except (OSError, ValueError, IndexError):
        return None


def take(lock: Path) -> int | None:
    """The lock's descriptor if nobody holds it."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        flock(descriptor, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _launch(home: Home, held: int, *, say: Callable[[str], None]) -> int:
    account = home.account
    programs = programs_for(account, say=say)
    trouble = f"no free port on {HOST}"
    for port in _ports(home):
        _disown_pid_file(home)
        said_before = _rotate(home.log)
        say(f"starting the embedded PostgreSQL on {HOST}:{port}")
        options = " ".join(f"-c {name}='{value}'" for name, value in {**SETTINGS, "port": str(port)}.items())
        started = account.run(
            programs / "pg_ctl", "start", "--wait", "--timeout", str(UP_WITHIN), "--silent",
            "--pgdata", home.data, "--log", home.log, "--options", options, keep_open=(held,),
        )  # fmt: skip
        if started.returncode == 0:
            home.port.write_text(str(port))
            return port
        said = _log_since(home, said_before) or started.stderr
        trouble = last_words(said)
        if "could not bind" not in said:
            break
    raise NotReady(f"PostgreSQL did not start: {trouble}: see {home.log}")


def _ports(home: Home) -> list[int]:
    """The one used last if it is free, then free ones below the range that outgoing connections take."""
    ports = [20000 + secrets.randbelow(12000) for _ in range(50)]
    with suppress(OSError, ValueError):
        ports.insert(0, int(home.port.read_text()))
    return [port for port in ports if _is_free(port)][:3]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _disown_pid_file(home: Home) -> None:
    """Let PostgreSQL see that the file's process is dead, though its number may be in use again.

    Only the number goes: from the rest PostgreSQL learns whether the old shared memory is still in use, which guards
    the data against a server this code knows nothing of.
    """
    file = home.data / "postmaster.pid"
    try:
        lines = file.read_text().splitlines(keepends=True)
    except FileNotFoundError:
        return
    if len(lines) < 2:
        file.unlink()  # a crash left it empty, and PostgreSQL would refuse that
        return
    file.write_text("".join(["2147483646\n", *lines[1:]]))


def _is_ours(pid: int, home: Home) -> bool:
    """Whether the process serves this data, where the system can tell."""
    try:
        return os.fsencode(home.data) in Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return not Path("/proc/self").exists()


def _gone(lock: Path) -> bool:
    held = take(lock)
    if held is not None:
        os.close(held)
    return held is not None


def _rotate(log: Path) -> int:
    """The log's size, after a big one made room; one old log is kept."""
    try:
        size = log.stat().st_size
    except FileNotFoundError:
        return 0
    if size < LOG_LIMIT:
        return size
    log.replace(log.with_suffix(".log.old"))
    return 0


def _log_since(home: Home, start: int) -> str:
    try:
        with home.log.open(encoding="utf-8", errors="replace") as log:
            log.seek(start)
            return log.read()
    except OSError:
        return ""
