"""Read the SQL files under `db/`: names, texts and digests."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from services.errors import StateConflict

DB_DIR = Path(__file__).parents[2] / "db"
EARLIER_DIGESTS_FILE = "earlier.sha256"
FIRST_FOLDERS = ("app_private", "worker_api")
"""Schemas whose functions are created first, in this order, because the functions of other schemas call them."""


@dataclass(frozen=True)
class SqlFile:
    """One file. `name` is its path under `db/`, such as `functions/worker_api/claim.sql`."""

    name: str
    sql: str = field(repr=False)

    @property
    def id(self) -> str:
        """The file name without folder and extension: `001_init`."""
        return self.name.rpartition("/")[2].removesuffix(".sql")

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


@dataclass(frozen=True)
class SqlFiles:
    """The SQL files under `db/`, in the order in which they are applied."""

    migrations: tuple[SqlFile, ...]
    functions: tuple[SqlFile, ...]
    rollbacks: tuple[SqlFile, ...]
    seeds: tuple[SqlFile, ...]
    application_seeds: tuple[SqlFile, ...] = ()
    """The seeds of applications, one folder per application."""
    mends: tuple[SqlFile, ...] = ()
    """Files that update a database to which an earlier text of a migration was applied. File and migration have the
    same name."""
    earlier: frozenset[tuple[str, str]] = frozenset()
    """Name and sha256 of the texts that migrations had before the first release."""

    def rollback_of(self, migration_id: str) -> SqlFile:
        """The rollback file of a migration. Raises StateConflict with its name if it is missing."""
        for file in self.rollbacks:
            if file.id == migration_id:
                return file
        raise StateConflict(f"db/rollback/{migration_id}.sql", f"missing: write it before you roll back {migration_id}")


def read_sql_files(db_dir: Path = DB_DIR) -> SqlFiles:
    """Read all files. Line endings are normalized, so that they do not change the digests."""
    return SqlFiles(
        migrations=_read_files(db_dir, "migrations/*.sql"),
        functions=tuple(sorted(_read_files(db_dir, "functions/*/*.sql"), key=_function_order)),
        rollbacks=_read_files(db_dir, "rollback/*.sql"),
        seeds=_read_files(db_dir, "seeds/*.sql"),
        application_seeds=_read_files(db_dir, "seeds/*/*.sql"),
        mends=_read_files(db_dir, "mend/*.sql"),
        earlier=frozenset(read_digests(db_dir / EARLIER_DIGESTS_FILE)),
    )


def read_digests(path: Path) -> list[tuple[str, str]]:
    """Name and sha256 from each line of a file in the format of `sha256sum`; empty if the file does not exist."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [(name, sha256) for sha256, name in (line.split("  ", 1) for line in lines)]


def _read_files(db_dir: Path, pattern: str) -> tuple[SqlFile, ...]:
    return tuple(
        SqlFile(name=path.relative_to(db_dir).as_posix(), sql=path.read_text(encoding="utf-8"))
        for path in sorted(db_dir.glob(pattern))
    )


def _function_order(file: SqlFile) -> tuple[int, str]:
    folder = file.name.split("/")[1]
    return (FIRST_FOLDERS.index(folder) if folder in FIRST_FOLDERS else len(FIRST_FOLDERS), file.name)
