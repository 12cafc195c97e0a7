"""yoyo, as we use it: one file is one step, and one transaction applies it, marks it and records its sha256.

yoyo by itself splits a file into statements, looks for the rollback beside the migration, and marks it applied in a
second transaction, which a crash can come before.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import psycopg
from yoyo.backends.core.postgresql import PostgresqlPsycopgBackend  # type: ignore[import-untyped]
from yoyo.connections import DatabaseURI  # type: ignore[import-untyped]
from yoyo.migrations import Migration, default_migration_table  # type: ignore[import-untyped]
from yoyo.migrations import StepBase as Step

from services.database.connect import Say, connection_parts, say_warnings
from services.database.schema.default_privileges import withheld
from services.database.schema.ledger import forget, record
from services.database.schema.sql_files import SqlFile
from services.errors import StateConflict

SCHEMA = "migrations"


class Backend(PostgresqlPsycopgBackend):  # type: ignore[misc]  # yoyo is untyped
    """yoyo's own tables in their schema, and a log that asks neither the user database nor DNS."""

    def get_log_data(self, migration: Any = None, operation: str = "apply") -> dict[str, Any]:
        """Name the database role instead of the person at the keyboard, who may be no known user in a container."""
        return {
            "id": str(uuid4()),
            "migration_id": migration.id if migration else None,
            "migration_hash": migration.hash if migration else None,
            "username": self.connection.info.user,
            "hostname": self.connection.info.host,
            "created_at_utc": datetime.now(UTC).replace(tzinfo=None),
            "operation": operation,
        }


class Loaded(Migration):  # type: ignore[misc]
    """A migration whose steps we give; yoyo reads no file for it."""

    def load(self) -> None:
        """Nothing is left to load."""


class ApplyFile(Step):  # type: ignore[misc]
    """Apply a migration, mark it, record it and forget every function: it may have dropped one that did not change."""

    def __init__(self, migration: Migration, file: SqlFile, say: Say) -> None:
        self.migration, self.file, self.say = migration, file, say

    def apply(self, backend: Backend, force: bool = False) -> None:  # noqa: ARG002  # yoyo's signature
        """Runs in the transaction that yoyo opened."""
        say_warnings(backend.connection, self.say)
        run_file(backend.connection, self.file)
        backend.execute(f"set local search_path to {SCHEMA}")
        backend.mark_one(self.migration, log=False)
        record(backend.connection, self.file)
        forget(backend.connection, "functions/%")


class RollBackFile(Step):  # type: ignore[misc]
    """Run a rollback file, unmark its migration, forget it and every function: the next migrate brings them back."""

    def __init__(self, migration: Migration, file: SqlFile) -> None:
        self.migration, self.file = migration, file

    def rollback(self, backend: Backend, force: bool = False) -> None:  # noqa: ARG002  # yoyo's signature
        """Runs in the transaction that yoyo opened."""
        run_file(backend.connection, self.file)
        backend.execute(f"set local search_path to {SCHEMA}")
        backend.unmark_one(self.migration, log=False)
        forget(backend.connection, f"migrations/{self.migration.id}.sql")
        forget(backend.connection, "functions/%")


@contextmanager
def yoyo(url: str) -> Iterator[Backend]:
    """yoyo connected and holding its lock. The caller holds ours, so a lock found here is a dead process's."""
    parts = connection_parts(url)
    address = DatabaseURI(
        scheme="postgresql+psycopg",
        username=parts.pop("user", None),
        password=parts.pop("password", None),
        hostname=parts.pop("host", None),
        port=parts.pop("port", None),
        database=parts.pop("dbname", None),
        args={**parts, "schema": SCHEMA},
    )
    with Backend(address, default_migration_table) as backend:
        backend.create_lock_table()
        backend.break_lock()
        backend.ensure_internal_schema_updated()
        with backend.lock():
            yield backend


def apply(backend: Backend, file: SqlFile, say: Say) -> None:
    """Apply one migration file, all of it or nothing."""
    migration = _migration(file)
    migration.steps = [ApplyFile(migration, file, say)]
    backend.apply_one(migration, mark=False)  # the step marked it, in its own transaction


def roll_back(backend: Backend, rollbacks: Sequence[SqlFile], begin: Callable[[SqlFile], None]) -> None:
    """Roll migrations back in this order, all of them or none; `begin` is told of each before."""
    steps = [RollBackFile(_migration(file), file) for file in rollbacks]
    with backend.copy() as own, own.transaction():
        for step in steps:
            begin(step.file)
            step.rollback(own)
    for step in steps:
        backend.log_migration(step.migration, "rollback")


def run_file(connection: psycopg.Connection, file: SqlFile) -> None:
    """Run a whole file in the transaction that is open, with the search path a new session has.

    Raises StateConflict when the file ended that transaction.
    """
    with withheld(connection):
        connection.execute("set local search_path to default")
        connection.execute(file.sql.encode())
        if connection.info.transaction_status != psycopg.pq.TransactionStatus.INTRANS:
            raise StateConflict(f"db/{file.name}", "ends its transaction: take out begin, commit and rollback")


def _migration(file: SqlFile) -> Any:
    return Loaded(file.id, file.name, source_dir="")
