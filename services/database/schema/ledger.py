"""What was applied to a database: schema `migrations`, one row per file with its sha256."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from services.database.sessions import require_session
from services.database.sql_files import SqlFile, SqlFiles
from services.errors import NotReady

LOCK_KEY = 4_701_986_120_263_117
"""Advisory lock of everything that changes the schema. Any number, as long as it stays."""
WAIT_FOR_LOCK = "60s"

CREATE = """
create schema if not exists migrations;
create table if not exists migrations.applied_file (
  name text primary key,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  applied_at timestamptz not null default now()
);
alter table migrations.applied_file enable row level security;
comment on schema migrations is 'What was applied when; written by `python -m control_plane db migrate` alone.';
"""


@dataclass(frozen=True)
class Difference:
    """How the files and the database differ; names are paths under `db/`."""

    unapplied: tuple[SqlFile, ...]
    edited: tuple[str, ...]
    earlier: tuple[SqlFile, ...]
    """Migrations that were applied with a text from before the first release."""
    missing: tuple[str, ...]
    """Migrations that were applied and have no file any more."""
    stale_functions: tuple[str, ...]
    """Function files that are new, or differ from what was applied."""
    dropped_functions: tuple[str, ...]
    """Function files that were applied and are gone."""

    @property
    def is_up_to_date(self) -> bool:
        return not (self.unapplied or self.edited or self.earlier or self.missing or self.stale_functions)


def applied_files(connection: psycopg.Connection) -> dict[str, str] | None:
    """Name to sha256 of everything applied; None where this role may not look, which a worker need not."""
    try:
        rows = connection.execute("select name, sha256 from migrations.applied_file").fetchall()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        return {}
    except psycopg.errors.InsufficientPrivilege:
        return None
    return dict(rows)


def compare(files: SqlFiles, applied: dict[str, str]) -> Difference:
    """Pure: what the files say against what the database remembers."""
    here = {file.name for file in (*files.migrations, *files.functions)}
    gone = sorted(applied.keys() - here)
    changed = [file for file in files.migrations if applied.get(file.name, file.sha256) != file.sha256]
    return Difference(
        unapplied=tuple(file for file in files.migrations if file.name not in applied),
        edited=tuple(file.name for file in changed if (file.name, applied[file.name]) not in files.earlier),
        earlier=tuple(file for file in changed if (file.name, applied[file.name]) in files.earlier),
        missing=tuple(name for name in gone if name.startswith("migrations/")),
        stale_functions=tuple(file.name for file in files.functions if applied.get(file.name) != file.sha256),
        dropped_functions=tuple(name for name in gone if name.startswith("functions/")),
    )


def record(connection: psycopg.Connection, file: SqlFile) -> None:
    """Remember a file in the transaction that applied it."""
    connection.execute(
        "insert into migrations.applied_file (name, sha256) values (%s, %s)"
        " on conflict (name) do update set sha256 = excluded.sha256, applied_at = now()",
        (file.name, file.sha256),
    )


def forget(connection: psycopg.Connection, name: str) -> None:
    """Forget a file; the name may end in `%`."""
    connection.execute("delete from migrations.applied_file where name like %s", (name,))


@contextmanager
def locked(connection: psycopg.Connection) -> Iterator[None]:
    """One schema change at a time per database; the lock goes with the connection, however that ends."""
    require_session(connection)
    try:
        with connection.transaction():
            connection.execute(f"set local lock_timeout = '{WAIT_FOR_LOCK}'".encode())
            connection.execute("select pg_advisory_lock(%s)", (LOCK_KEY,))
    except psycopg.errors.LockNotAvailable as exc:
        raise NotReady("another migration has been running for a minute: wait for it, then try again") from exc
    try:
        yield
    finally:
        if not connection.broken:
            connection.execute("select pg_advisory_unlock(%s)", (LOCK_KEY,))
