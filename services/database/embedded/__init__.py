"""The embedded PostgreSQL: a server in a folder of this project, started on demand, and set up like a hosted one.

Processes coordinate with three locks (flock) in the data folder. The kernel releases a lock when its process ends:

- `postgres.start.lock`   held by a process while it starts or stops the server, so that only one does so at a time;
- `postgres.users.lock`   shared by all processes that use the server. A process that can lock it exclusively is the
  last user and stops the server;
- `postgres.server.lock`  inherited by the processes of the server. A process that can lock it knows that all of them
  have ended.
"""

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, flock
from pathlib import Path

from services.database.embedded.home import HOME_POINTER_FILE, Home, find_home, make_home
from services.database.embedded.programs import installed_programs
from services.database.embedded.server import HOST, START_WITHIN, ensure_running, stop_server, try_lock
from services.errors import NotReady, SettingsError


@dataclass(frozen=True)
class Cluster:
    """A running embedded PostgreSQL server, with the URLs for its database."""

    url: str = field(repr=False)
    """Connects as `postgres`, which is not a superuser, as on a hosted project."""
    admin_url: str = field(repr=False)
    """Connects as `supabase_admin`. For tests only: on a hosted project this role is not available."""
    authenticator_url: str = field(repr=False)
    """Connects as `authenticator`, the role of PostgREST."""
    data_dir: Path
    port: int


def to_stderr(line: str) -> None:
    """Show one line to the person at the terminal. Stdout is for the output of the command."""
    sys.stderr.write(f"{line}\n")


def start(data_dir: Path, *, say: Callable[[str], None] = to_stderr) -> Cluster:
    """Start the server of this folder; if the folder has no data of a server, create them first. It runs until `stop`.

    Raises SettingsError when the folder cannot be used, NotReady when the server does not start.
    """
    installed_programs()  # raises before anything is created
    data_dir = _create_data_dir(data_dir)
    with _start_lock(data_dir):
        cluster = _start(data_dir, say)
        _keep_file(data_dir).touch()
        return cluster


@contextmanager
def running(data_dir: Path, *, keep: bool = False, say: Callable[[str], None] = to_stderr) -> Iterator[Cluster]:
    """Run the server until the block ends; the last of several users stops it. With `keep` it runs until `stop`.

    Raises SettingsError when the folder cannot be used, NotReady when the server does not start.
    """
    installed_programs()  # raises before anything is created
    data_dir = _create_data_dir(data_dir)
    users = os.open(data_dir / "postgres.users.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        flock(users, LOCK_SH)
        with _start_lock(data_dir):
            cluster = _start(data_dir, say)
            if keep:
                _keep_file(data_dir).touch()
        yield cluster
    finally:
        with _start_lock(data_dir):
            is_last = _is_last_user(users)
            os.close(users)
            if is_last and not _keep_file(data_dir).exists():
                say("stopping the embedded PostgreSQL")
                _stop(data_dir)


def stop(data_dir: Path) -> bool:
    """Stop the server even if other processes use it. Returns False if it was not running."""
    if not data_dir.is_dir():
        return False
    data_dir = _create_data_dir(data_dir)
    with _start_lock(data_dir):
        return _stop(data_dir)


def destroy(data_dir: Path) -> None:
    """Stop the server and delete all its data."""
    data_dir = _create_data_dir(data_dir)
    with _start_lock(data_dir):
        _stop(data_dir)
        home = find_home(data_dir)
        if home:
            shutil.rmtree(home.folder)
        (data_dir / HOME_POINTER_FILE).unlink(missing_ok=True)


def _start(data_dir: Path, say: Callable[[str], None]) -> Cluster:
    lock = data_dir / "postgres.server.lock"
    descriptor = try_lock(lock)
    if descriptor is not None:
        os.close(descriptor)
        _keep_file(data_dir).unlink(missing_ok=True)  # the server is not running, so the file is from an earlier run
    home = find_home(data_dir) or make_home(data_dir, say=say)
    return _make_cluster(data_dir, home, ensure_running(home, lock, say=say))


def _stop(data_dir: Path) -> bool:
    _keep_file(data_dir).unlink(missing_ok=True)
    home = find_home(data_dir)
    return home is not None and stop_server(home, data_dir / "postgres.server.lock")


def _make_cluster(data_dir: Path, home: Home, port: int) -> Cluster:
    passwords = home.passwords()
    urls = {role: f"postgresql://{role}:{password}@{HOST}:{port}/postgres" for role, password in passwords.items()}
    return Cluster(
        url=urls["postgres"],
        admin_url=urls["supabase_admin"],
        authenticator_url=urls["authenticator"],
        data_dir=data_dir,
        port=port,
    )


def _create_data_dir(data_dir: Path) -> Path:
    data_dir = data_dir.resolve()
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        os.close(os.open(data_dir / "postgres.start.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as exc:
        raise SettingsError(
            f"ACP_DATA_DIR: cannot write to {data_dir} ({exc.strerror}): set it to a folder that you own"
        ) from exc
    return data_dir


@contextmanager
def _start_lock(data_dir: Path) -> Iterator[None]:
    deadline = time.monotonic() + 2 * START_WITHIN
    while (descriptor := try_lock(data_dir / "postgres.start.lock")) is None:
        if time.monotonic() > deadline:
            raise NotReady(
                f"{data_dir}: another process has been starting or stopping PostgreSQL for minutes: check that process"
            )
        time.sleep(0.01)
    try:
        yield
    finally:
        os.close(descriptor)


def _is_last_user(users: int) -> bool:
    try:
        flock(users, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _keep_file(data_dir: Path) -> Path:
    """The path of the file that exists while the server must keep running without users."""
    return data_dir / "postgres.kept"
