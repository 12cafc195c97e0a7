"""The home folder of the embedded PostgreSQL server of a project: find it and create it.

The home is `<data_dir>/postgres`. If this process runs as root, the unprivileged account that runs the server may be
unable to enter the project. Then the home is in another place, and `<data_dir>/postgres.path` contains its path. Files:

    data/            the data folder of PostgreSQL, with `server.log`
    passwords.json   random passwords, readable only by the owner
    port             the port of the last run, used again if it is free
"""

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from services.database.embedded.programs import POSTGRES_MAJOR, Account, account_for, programs_for, shared_folder
from services.errors import NotReady, SettingsError

HOME_POINTER_FILE = "postgres.path"
LOGIN_ROLES = ("supabase_admin", "postgres", "authenticator")


@dataclass(frozen=True)
class Home:
    """The home folder of one embedded server: its data, passwords and port."""

    folder: Path

    @property
    def data_folder(self) -> Path:
        return self.folder / "data"

    @property
    def log_file(self) -> Path:
        return self.data_folder / "server.log"

    @property
    def port_file(self) -> Path:
        return self.folder / "port"

    @property
    def account(self) -> Account:
        return account_for(self.data_folder)

    def passwords(self) -> dict[str, str]:
        """The password of each login role."""
        passwords: dict[str, str] = json.loads((self.folder / "passwords.json").read_text())
        return passwords


def find_home(data_dir: Path) -> Home | None:
    """The home of this project, checked as far as possible without starting the server; None if there is none yet.

    Raises SettingsError when the folder belongs to another user or to another PostgreSQL version, and NotReady when
    files are missing or damaged.
    """
    home = Home(_home_elsewhere(data_dir) or data_dir / "postgres")
    if not home.folder.exists():
        return None
    try:
        major = (home.data_folder / "PG_VERSION").read_text().strip()
        passwords = home.passwords()
    except PermissionError as exc:
        raise SettingsError(
            f"{home.folder}: belongs to another user: start as that user or set ACP_DATA_DIR to another folder"
        ) from exc
    except (OSError, ValueError) as exc:
        raise NotReady(
            f"{home.folder}: files are missing or damaged: restore the folder, or move it away to start with"
            " an empty database"
        ) from exc
    if major != POSTGRES_MAJOR:
        raise SettingsError(
            f"{home.folder}: has data of PostgreSQL {major}, but this version runs {POSTGRES_MAJOR}:"
            " dump and restore the data, or move the folder away"
        )
    if not set(LOGIN_ROLES) <= passwords.keys():
        raise NotReady(
            f"{home.folder}: passwords.json lacks a role: restore the file, or move the folder away to start with an"
            " empty database"
        )
    return home


def make_home(data_dir: Path, *, say: Callable[[str], None]) -> Home:
    """Create the home folder, with the data of a new server. If this fails, no home folder is left behind."""
    account = account_for(data_dir / "postgres")
    if account.can_enter(data_dir):
        target = data_dir / "postgres"
    else:
        key = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
        target = shared_folder() / f"{key}-{secrets.token_hex(4)}"
    say(f"creating the embedded PostgreSQL {POSTGRES_MAJOR} in {target} (once)")
    fresh = target.with_name(f"{target.name}.new")
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        fresh.chmod(0o711)
        _initialise(fresh, account, programs_for(account, say=say))
        (fresh / "project").write_text(str(data_dir))
        if target.parent != data_dir:
            (data_dir / HOME_POINTER_FILE).write_text(str(target))
        fresh.rename(target)
    except OSError as exc:
        shutil.rmtree(fresh, ignore_errors=True)
        raise NotReady(
            f"{target}: {exc.strerror or exc}: free disk space or set ACP_DATA_DIR to another folder"
        ) from exc
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    return Home(target)


def last_error_line(output: str) -> str:
    """The last error in the output of a PostgreSQL program, without time stamp and severity."""
    lines = [line for line in output.splitlines() if line.strip()]
    for severity in ("PANIC: ", "FATAL: ", "ERROR: ", "error: "):
        for line in reversed(lines):
            if severity in line:
                return line.partition(severity)[2].strip()
    return lines[-1].strip() if lines else "no output"


def _home_elsewhere(data_dir: Path) -> Path | None:
    """The home folder that the file `postgres.path` names. None if there is no such file, or if the file was copied
    from another project that still uses the home folder."""
    pointer = data_dir / HOME_POINTER_FILE
    if not pointer.exists():
        return None
    folder = Path(pointer.read_text().strip())
    try:
        project = Path((folder / "project").read_text())
    except OSError:
        return folder
    if project != data_dir:
        if (project / HOME_POINTER_FILE).exists() and (project / HOME_POINTER_FILE).read_text().strip() == str(folder):
            return None
        (folder / "project").write_text(str(data_dir))  # the project folder was moved: store its new path
    return folder


def _initialise(fresh: Path, account: Account, programs: Path) -> None:
    passwords = {role: secrets.token_urlsafe(24) for role in LOGIN_ROLES}
    secret = fresh / "passwords.json"
    secret.touch(mode=0o600)
    secret.write_text(json.dumps(passwords))
    data = fresh / "data"
    data.mkdir(mode=0o700)
    account.chown(data)
    password_file = fresh / "first-password"
    password_file.touch(mode=0o600)
    password_file.write_text(passwords["supabase_admin"])
    account.chown(password_file)
    initdb = account.run(
        programs / "initdb", "--pgdata", data, "--username", "supabase_admin", "--pwfile", password_file,
        "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C",
        "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--no-instructions",
    )  # fmt: skip
    password_file.unlink()
    if initdb.returncode != 0:
        raise NotReady(
            f"initdb failed: {last_error_line(initdb.stderr)}: check that {fresh.parent} is writable and has free space"
        )
    roles = Path(__file__).with_name("hosted.sql").read_text(encoding="utf-8")
    for role, password in passwords.items():
        roles = roles.replace(f":{role}_password", password)
    create_roles = account.run(
        programs / "postgres", "--single", "-j", "-D", data, "-c", "exit_on_error=true", "postgres", stdin=roles
    )
    if create_roles.returncode != 0:
        raise NotReady(f"the roles of a hosted project could not be created: {last_error_line(create_roles.stderr)}")
