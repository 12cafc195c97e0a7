"""The embedded PostgreSQL: a hosted-like cluster in a folder of the project, started when needed.

Three files in the data folder carry the whole protocol. They are flocks, which the kernel frees however a process dies:

- `postgres.start.lock`   held while somebody starts or stops the server, so that nobody else does;
- `postgres.users.lock`   shared by every process that uses it; who gets it alone was the last user and stops it;
- `postgres.server.lock`  inherited by the server's own processes; who can take it knows that not one of them is left.
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

from services.database.embedded.home import POINTER, Home, find_home, make_home
from services.database.embedded.programs import installed_programs
from services.database.embedded.server import HOST, UP_WITHIN, ensure_up, stop_server, take
from services.errors import NotReady, SettingsError


@dataclass(frozen=True)
class Cluster:
    """A running embedded PostgreSQL."""

    url: str = field(repr=False)
    """As `postgres`, which is no superuser, as on a hosted project."""
    admin_url: str = field(repr=False)
    """As `supabase_admin`; for tests only, since nobody has it on a hosted project."""
    authenticator_url: str = field(repr=False)
    """As `authenticator`; what PostgREST connects with."""
    data_dir: Path
    port: int


def to_stderr(line: str) -> None:
    """Tell the person at the terminal, and leave stdout to the answer."""
    sys.stderr.write(f"{line}\n")


def start(data_dir: Path, *, say: Callable[[str], None] = to_stderr) -> Cluster:
    """The cluster of this folder: created if need be, started if need be. It runs until `stop`.

    Raises SettingsError when the folder cannot serve, NotReady when the server does not come up.
    """
    installed_programs()  # or raises, before anything is made
    data_dir = _prepare(data_dir)
    with _start_lock(data_dir):
        cluster = _start(data_dir, say)
        _kept(data_dir).touch()
        return cluster


@contextmanager
def running(data_dir: Path, *, keep: bool = False, say: Callable[[str], None] = to_stderr) -> Iterator[Cluster]:
    """Use the cluster; the last user stops it. With `keep` it stays up, for later users too, until `stop`."""
    installed_programs()  # or raises, before anything is made
    data_dir = _prepare(data_dir)
    users = os.open(data_dir / "postgres.users.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        flock(users, LOCK_SH)
        with _start_lock(data_dir):
            cluster = _start(data_dir, say)
            if keep:
                _kept(data_dir).touch()
        yield cluster
    finally:
        with _start_lock(data_dir):
            last = _alone(users)
            os.close(users)
            if last and not _kept(data_dir).exists():
                say("stopping the embedded PostgreSQL")
                _stop(data_dir)


def stop(data_dir: Path) -> bool:
    """Stop the server whoever uses it; False if it was not running."""
    if not data_dir.is_dir():
        return False
    data_dir = _prepare(data_dir)
    with _start_lock(data_dir):
        return _stop(data_dir)


def destroy(data_dir: Path) -> None:
    """Stop the server and delete its data for good."""
    data_dir = _prepare(data_dir)
    with _start_lock(data_dir):
        _stop(data_dir)
        home = find_home(data_dir)
        if home:
            shutil.rmtree(home.folder)
        (data_dir / POINTER).unlink(missing_ok=True)


def _start(data_dir: Path, say: Callable[[str], None]) -> Cluster:
    lock = data_dir / "postgres.server.lock"
    held = take(lock)
    if held is not None:
        os.close(held)
        _kept(data_dir).unlink(missing_ok=True)  # nothing runs, so nobody asked for this run to be kept
    home = find_home(data_dir) or make_home(data_dir, say=say)
    return _cluster(data_dir, home, ensure_up(home, lock, say=say))


def _stop(data_dir: Path) -> bool:
    _kept(data_dir).unlink(missing_ok=True)
    home = find_home(data_dir)
    return home is not None and stop_server(home, data_dir / "postgres.server.lock")


def _cluster(data_dir: Path, home: Home, port: int) -> Cluster:
    urls = {role: f"postgresql://{role}:{word}@{HOST}:{port}/postgres" for role, word in home.passwords().items()}
    return Cluster(
        url=urls["postgres"],
        admin_url=urls["supabase_admin"],
        authenticator_url=urls["authenticator"],
        data_dir=data_dir,
        port=port,
    )


def _prepare(data_dir: Path) -> Path:
    data_dir = data_dir.resolve()
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        os.close(os.open(data_dir / "postgres.start.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as exc:
        raise SettingsError(
            f"ACP_DATA_DIR: cannot write to {data_dir} ({exc.strerror}): set it to a folder of yours"
        ) from exc
    return data_dir


@contextmanager
def _start_lock(data_dir: Path) -> Iterator[None]:
    deadline = time.monotonic() + 2 * UP_WITHIN
    while (held := take(data_dir / "postgres.start.lock")) is None:
        if time.monotonic() > deadline:
            raise NotReady(
                f"{data_dir}: another process has been starting or stopping PostgreSQL for minutes: look at it"
            )
        time.sleep(0.01)
    try:
        yield
    finally:
        os.close(held)


def _alone(users: int) -> bool:
    try:
        flock(users, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _kept(data_dir: Path) -> Path:
    return data_dir / "postgres.kept"
