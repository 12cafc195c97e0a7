"""Start and stop the processes of the embedded server, and check whether they run."""

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

from services.database.embedded.home import Home, last_error_line
from services.database.embedded.programs import programs_for
from services.errors import NotReady

START_WITHIN = 60
"""Seconds for a start, including crash recovery."""
STOP_WITHIN = 30
"""Seconds for a fast shutdown. Then an immediate shutdown follows, and the next start recovers the data."""
POLL_EVERY = 0.02
"""Seconds between two checks of the server."""
LOG_LIMIT = 20 * 1024 * 1024
"""Bytes after which `server.log` is rotated at the next start."""
HOST = "127.0.0.1"
SSL_REQUEST = struct.pack("!ii", 8, 80877103)
"""The SSLRequest message, which a server answers without a login."""
SERVER_SETTINGS = {
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
    """The contents of `postmaster.pid`, the file in which a server records its process and port."""

    pid: int
    port: int
    status: str

    def is_answering(self) -> bool:
        """Whether the server answers on its port.

        The status in the file is not enough, because a killed server leaves the file behind. A successful TCP
        connection is not enough either, because a server that is shutting down still accepts connections.
        """
        if self.status != "ready":
            return False
        try:
            with socket.create_connection((HOST, self.port), timeout=1) as connection:
                connection.sendall(SSL_REQUEST)
                return connection.recv(1) in (b"N", b"S")
        except OSError:
            return False


def ensure_running(home: Home, lock: Path, *, say: Callable[[str], None]) -> int:
    """Start the server unless it runs. Returns its port. The caller must hold the start lock.

    Raises NotReady with the last error in the log when the server does not start.
    """
    deadline = time.monotonic() + START_WITHIN
    while time.monotonic() < deadline:
        descriptor = try_lock(lock)
        if descriptor is not None:
            try:
                return _launch(home, descriptor, say=say)
            finally:
                os.close(descriptor)
        postmaster = read_postmaster(home)
        if postmaster and postmaster.is_answering():
            return postmaster.port
        time.sleep(POLL_EVERY)  # the server is starting, or the last processes of a killed server are still ending
    raise NotReady(
        f"PostgreSQL in {home.folder} neither answers nor stops: {last_error_line(_log_since(home, 0))}:"
        f" see {home.log_file}"
    )


def stop_server(home: Home, lock: Path) -> bool:
    """Stop the server and wait until all its processes have ended. Returns False if it was not running.

    Raises NotReady when the server does not stop.
    """
    for stop_signal in (signal.SIGINT, signal.SIGQUIT):  # fast shutdown, then immediate shutdown
        if _has_stopped(lock):
            return stop_signal is not signal.SIGINT
        postmaster = read_postmaster(home)
        if postmaster and _serves_home(postmaster.pid, home):
            with suppress(ProcessLookupError):
                os.kill(postmaster.pid, stop_signal)
        deadline = time.monotonic() + STOP_WITHIN
        while time.monotonic() < deadline:
            if _has_stopped(lock):
                return True
            time.sleep(POLL_EVERY)
    raise NotReady(f"PostgreSQL in {home.folder} does not stop: see {home.log_file}")


def read_postmaster(home: Home) -> Postmaster | None:
    """The contents of `postmaster.pid`; None if it does not exist or is incomplete."""
    try:
        lines = (home.data_folder / "postmaster.pid").read_text().splitlines()
        return Postmaster(pid=int(lines[0]), port=int(lines[3]), status=lines[7].strip())
    except (OSError, ValueError, IndexError):
        return None


def try_lock(lock: Path) -> int | None:
    """Lock a file. Returns the descriptor to close, or None if another process holds the lock."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        flock(descriptor, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _launch(home: Home, server_lock: int, *, say: Callable[[str], None]) -> int:
    """Start the server on a free port. Its processes inherit the descriptor `server_lock`."""
    account = home.account
    programs = programs_for(account, say=say)
    problem = f"no free port on {HOST}"
    for port in _candidate_ports(home):
        _clear_pid(home)
        log_start = _rotate(home.log_file)
        say(f"starting the embedded PostgreSQL on {HOST}:{port}")
        options = " ".join(f"-c {name}='{value}'" for name, value in {**SERVER_SETTINGS, "port": str(port)}.items())
        pg_ctl = account.run(
            programs / "pg_ctl", "start", "--wait", "--timeout", str(START_WITHIN), "--silent",
            "--pgdata", home.data_folder, "--log", home.log_file, "--options", options, keep_open=(server_lock,),
        )  # fmt: skip
        if pg_ctl.returncode == 0:
            home.port_file.write_text(str(port))
            return port
        output = _log_since(home, log_start) or pg_ctl.stderr
        problem = last_error_line(output)
        if "could not bind" not in output:
            break
    raise NotReady(f"PostgreSQL did not start: {problem}: see {home.log_file}")


def _candidate_ports(home: Home) -> list[int]:
    """Up to three free ports: the port of the last run, then random ports below the range for outgoing connections."""
    ports = [20000 + secrets.randbelow(12000) for _ in range(50)]
    with suppress(OSError, ValueError):
        ports.insert(0, int(home.port_file.read_text()))
    return [port for port in ports if _is_free(port)][:3]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _clear_pid(home: Home) -> None:
    """Replace the process id in `postmaster.pid` by an unused one.

    The server of that file has ended, but another process may have its id now, and then PostgreSQL refuses to start.
    The other lines stay: with them PostgreSQL checks whether any server still uses the data.
    """
    file = home.data_folder / "postmaster.pid"
    try:
        lines = file.read_text().splitlines(keepends=True)
    except FileNotFoundError:
        return
    if len(lines) < 2:
        file.unlink()  # PostgreSQL refuses to start with an empty file, which a crash may leave behind
        return
    file.write_text("".join(["2147483646\n", *lines[1:]]))


def _serves_home(pid: int, home: Home) -> bool:
    """Whether the process is the server of this home. Always True on systems without /proc."""
    try:
        return os.fsencode(home.data_folder) in Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return not Path("/proc/self").exists()


def _has_stopped(lock: Path) -> bool:
    descriptor = try_lock(lock)
    if descriptor is not None:
        os.close(descriptor)
    return descriptor is not None


def _rotate(log: Path) -> int:
    """Rename a log of more than `LOG_LIMIT` bytes to `server.log.old`. Returns the size of the current log."""
    try:
        size = log.stat().st_size
    except FileNotFoundError:
        return 0
    if size < LOG_LIMIT:
        return size
    log.replace(log.with_suffix(".log.old"))
    return 0


def _log_since(home: Home, start: int) -> str:
    """The text of the log from byte `start`; empty if it cannot be read."""
    try:
        with home.log_file.open(encoding="utf-8", errors="replace") as log:
            log.seek(start)
            return log.read()
    except OSError:
        return ""
