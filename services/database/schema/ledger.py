"""The record of applied files in a database: schema `migrations`, with one row per file and its sha256."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from services.database.sessions import require_session
from services.database.sql_files import SqlFile, SqlFiles
from services.errors import NotReady

LOCK_KEY = 4_701_986_120_263_117
"""Key of the advisory lock for schema changes. An arbitrary number that must never change."""
WAIT_FOR_LOCK = "60s"

CREATE_LEDGER = """
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
    """How the files differ from the applied ones. Names are paths under `db/`."""

    unapplied: tuple[SqlFile, ...]
    edited: tuple[str, ...]
    """Migrations whose file changed after it was applied."""
    earlier: tuple[SqlFile, ...]
    """Migrations that were applied with a text from before the first release."""
    missing: tuple[str, ...]
    """Migrations that were applied but have no file."""
    stale_functions: tuple[str, ...]
    """Function files that are new, or changed after they were applied."""
    dropped_functions: tuple[str, ...]
    """Function files that were applied but do not exist any more."""

    @property
    def is_up_to_date(self) -> bool:
        return not (self.unapplied or self.edited or self.earlier or self.missing or self.stale_functions)


def applied_files(connection: psycopg.Connection) -> dict[str, str] | None:
    """The sha256 of every applied file by name; None if the role of the connection may not read the record."""
    try:
        rows = connection.execute("select name, sha256 from migrations.applied_file").fetchall()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        return {}
    except psycopg.errors.InsufficientPrivilege:
        return None
    return dict(rows)


def compare(files: SqlFiles, applied: dict[str, str]) -> Difference:
    """Compare the files with the record `applied` (name → sha256)."""
    present = {file.name for file in (*files.migrations, *files.functions)}
    gone = sorted(applied.keys() - present)
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
    """Record a file as applied. Call this in the transaction that applies it."""
    connection.execute(
        "insert into migrations.applied_file (name, sha256) values (%s, %s)"
        " on conflict (name) do update set sha256 = excluded.sha256, applied_at = now()",
        (file.name, file.sha256),
    )


def delete_records(connection: psycopg.Connection, name: str) -> None:
    """Delete the record of a file. `name` may be a LIKE pattern such as `functions/%`."""
    connection.execute("delete from migrations.applied_file where name like %s", (name,))


@contextmanager
def schema_lock(connection: psycopg.Connection) -> Iterator[None]:
    """Hold the lock for schema changes, so that only one process at a time changes the schema of a database.

    The server releases the lock when the connection ends. Raises NotReady when another process holds it for too long,
    and SettingsError behind a pooler in transaction mode.
    """
    require_session(connection)
    try:
        with connection.transaction():
            connection.execute(f"set local lock_timeout = '{WAIT_FOR_LOCK}'".encode())
            connection.execute("select pg_advisory_lock(%s)", (LOCK_KEY,))
    except psycopg.errors.LockNotAvailable as exc:
        raise NotReady("another migration has been running for a minute: wait until it ends, then try again") from exc
    try:
        yield
    finally:
        if not connection.broken:
            connection.execute("select pg_advisory_unlock(%s)", (LOCK_KEY,))
