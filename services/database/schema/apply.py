"""Run migration and rollback files. Each runs in one transaction with the change of its row in `migrations`."""

from collections.abc import Sequence

import psycopg

from services.database.connect import Say, error_in_file
from services.database.schema.default_privileges import without_default_privileges
from services.database.schema.ledger import delete_records, record
from services.database.schema.preconditions import NOTHING_CHANGED, dependent_objects
from services.database.sql_files import SqlFile
from services.errors import StateConflict


def apply(connection: psycopg.Connection, url: str, migrations: Sequence[SqlFile], say: Say) -> list[str]:
    """Apply each migration in its own transaction. Returns their names.

    The record of all functions is deleted, so that they are created again: a migration may have dropped one.

    Raises StateConflict when a file fails. The migrations before it stay applied.
    """
    for file in migrations:
        say(f"applying {file.name}")
        try:
            with connection.transaction():
                _run(connection, file)
                record(connection, file)
                delete_records(connection, "functions/%")
        except psycopg.Error as exc:
            raise error_in_file(exc, url, file) from exc
    return [file.name for file in migrations]


def roll_back(connection: psycopg.Connection, url: str, rollbacks: Sequence[SqlFile], say: Say) -> None:
    """Roll back migrations in this order, all in one transaction.

    The record of all functions is deleted, so that the next migration creates them again.

    Raises StateConflict, with nothing changed, when a file fails or an unmanaged object depends on a dropped one.
    """
    file = rollbacks[0]
    try:
        with connection.transaction():
            for file in rollbacks:
                say(f"rolling back {file.id}")
                _run(connection, file)
                delete_records(connection, f"migrations/{file.id}.sql")
            delete_records(connection, "functions/%")
    except psycopg.errors.DependentObjectsStillExist as exc:
        raise StateConflict(
            "other objects depend on what the rollback drops",
            f"{dependent_objects(exc)}: drop or change them first; {NOTHING_CHANGED}",
        ) from exc
    except psycopg.Error as exc:
        raise error_in_file(exc, url, file) from exc


def _run(connection: psycopg.Connection, file: SqlFile) -> None:
    """Run a file in the open transaction, with the search path of a new session.

    Raises StateConflict when the file ends the transaction.
    """
    with without_default_privileges(connection):
        connection.execute("set local search_path to default")
        connection.execute(file.sql.encode())
        if connection.info.transaction_status != psycopg.pq.TransactionStatus.INTRANS:
            raise StateConflict(f"db/{file.name}", "ends its transaction: remove begin, commit and rollback")
