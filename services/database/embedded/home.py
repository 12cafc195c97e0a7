"""Where a project's embedded cluster lives, and how it comes to be.

The home is `<data_dir>/postgres`. As root it may have to be elsewhere, because the account that runs the server cannot
enter the project; then `<data_dir>/postgres.path` says where.

    data/            PostgreSQL's own folder, with `server.log`
    passwords.json   made at random once, readable by its owner only
    port             the one used last, taken again when free
"""

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from services.database.embedded.programs import MAJOR, Account, account_for, programs_for, shared_folder
from services.errors import NotReady, SettingsError

POINTER = "postgres.path"
LOGINS = ("supabase_admin", "postgres", "authenticator")


@dataclass(frozen=True)
class Home:
    """The folder of one cluster."""

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.data / "server.log"

    @property
    def port(self) -> Path:
        return self.folder / "port"

    @property
    def account(self) -> Account:
        return account_for(self.data)

    def passwords(self) -> dict[str, str]:
        """Login role to password."""
        found: dict[str, str] = json.loads((self.folder / "passwords.json").read_text())
        return found


def find_home(data_dir: Path) -> Home | None:
    """The cluster of this project, sound as far as one can see without starting it; None if there is none yet.

    Raises SettingsError when the folder is another user's or another PostgreSQL's, NotReady when parts are missing.
    """
    home = Home(_pointed_at(data_dir) or data_dir / "postgres")
    if not home.folder.exists():
        return None
    try:
        major = (home.data / "PG_VERSION").read_text().strip()
        passwords = home.passwords()
    except PermissionError as exc:
        raise SettingsError(
            f"{home.folder}: belongs to another user: start as that user or set ACP_DATA_DIR to another folder"
        ) from exc
    except (OSError, ValueError) as exc:
        raise NotReady(
            f"{home.folder}: parts are missing or damaged: restore it, or move it away to start anew"
        ) from exc
    if major != MAJOR:
        raise SettingsError(
            f"{home.folder}: holds data of PostgreSQL {major}, this is {MAJOR}: dump and restore it, or move it away"
        )
    if not set(LOGINS) <= passwords.keys():
        raise NotReady(f"{home.folder}: passwords.json lacks a role: restore it, or move the folder away to start anew")
    return home


def make_home(data_dir: Path, *, say: Callable[[str], None]) -> Home:
    """Create the cluster; it appears complete or not at all."""
    account = account_for(data_dir / "postgres")
    if account.reaches(data_dir):
        target = data_dir / "postgres"
    else:
        key = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
        target = shared_folder() / f"{key}-{secrets.token_hex(4)}"
    say(f"creating the embedded PostgreSQL {MAJOR} in {target} (once)")
    fresh = target.with_name(f"{target.name}.new")
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        fresh.chmod(0o711)
        _initialise(fresh, account, programs_for(account, say=say))
        (fresh / "project").write_text(str(data_dir))
        if target.parent != data_dir:
            (data_dir / POINTER).write_text(str(target))
        fresh.rename(target)
    except OSError as exc:
        shutil.rmtree(fresh, ignore_errors=True)
        raise NotReady(
            f"{target}: {exc.strerror or exc}: free some room or set ACP_DATA_DIR to another folder"
        ) from exc
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    return Home(target)


def last_words(said: str) -> str:
    """The last thing PostgreSQL complained of, on one line, without its time stamp or the statement."""
    lines = [line for line in said.splitlines() if line.strip()]
    for severity in ("PANIC: ", "FATAL: ", "ERROR: ", "error: "):
        for line in reversed(lines):
            if severity in line:
                return line.partition(severity)[2].strip()
    return lines[-1].strip() if lines else "it said nothing"


def _pointed_at(data_dir: Path) -> Path | None:
    """The home elsewhere, unless this folder is a copy of a project that still uses it."""
    pointer = data_dir / POINTER
    if not pointer.exists():
        return None
    folder = Path(pointer.read_text().strip())
    try:
        project = Path((folder / "project").read_text())
    except OSError:
        return folder
    if project != data_dir:
        if (project / POINTER).exists() and (project / POINTER).read_text().strip() == str(folder):
            return None
        (folder / "project").write_text(str(data_dir))  # the project moved
    return folder


def _initialise(fresh: Path, account: Account, programs: Path) -> None:
    passwords = {role: secrets.token_urlsafe(24) for role in LOGINS}
    secret = fresh / "passwords.json"
    secret.touch(mode=0o600)
    secret.write_text(json.dumps(passwords))
    data = fresh / "data"
    data.mkdir(mode=0o700)
    account.owns(data)
    first = fresh / "first-password"
    first.touch(mode=0o600)
    first.write_text(passwords["supabase_admin"])
    account.owns(first)
    made = account.run(
        programs / "initdb", "--pgdata", data, "--username", "supabase_admin", "--pwfile", first,
        "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C",
        "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--no-instructions",
    )  # fmt: skip
    first.unlink()
    if made.returncode != 0:
        raise NotReady(f"initdb failed: {last_words(made.stderr)}: see that {fresh.parent} has room and can be written")
    roles = Path(__file__).with_name("hosted.sql").read_text(encoding="utf-8")
    for role, password in passwords.items():
        roles = roles.replace(f":{role}_password", password)
    single = account.run(
        programs / "postgres", "--single", "-j", "-D", data, "-c", "exit_on_error=true", "postgres", stdin=roles
    )
    if single.returncode != 0:
        raise NotReady(f"the roles of a hosted project could not be made: {last_words(single.stderr)}")
