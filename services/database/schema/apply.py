"""Migration files as transactions: what a file does, and the record that it did so, stand or fall together."""

from collections.abc import Sequence

import psycopg

from services.database.connect import Say, failed
from services.database.schema.default_privileges import withheld
from services.database.schema.guest import NOTHING_CHANGED, what_depends
from services.database.schema.ledger import forget, record
from services.database.sql_files import SqlFile
from services.errors import StateConflict


def apply(connection: psycopg.Connection, url: str, migrations: Sequence[SqlFile], say: Say) -> list[str]:
    """Each in its own transaction; returns their names. Functions are forgotten: a migration may have dropped one.

    Raises StateConflict when a file fails: those before it stay.
    """
    for file in migrations:
        say(f"applying {file.name}")
        try:
            with connection.transaction():
                _run(connection, file)
                record(connection, file)
                forget(connection, "functions/%")
        except psycopg.Error as exc:
            raise failed(exc, url, file) from exc
    return [file.name for file in migrations]


def roll_back(connection: psycopg.Connection, url: str, rollbacks: Sequence[SqlFile], say: Say) -> None:
    """Take migrations back in this order, all in one transaction. Functions are forgotten: the next migrate makes them.

    Raises StateConflict, with nothing done, when a file fails or something of other people's depends on what would go.
    """
    file = rollbacks[0]
    try:
        with connection.transaction():
            for file in rollbacks:
                say(f"rolling back {file.id}")
                _run(connection, file)
                forget(connection, f"migrations/{file.id}.sql")
            forget(connection, "functions/%")
    except psycopg.errors.DependentObjectsStillExist as exc:
        raise StateConflict(
            f"others built on what would go: {what_depends(exc)}: drop or change it first; {NOTHING_CHANGED}"
        ) from exc
    except psycopg.Error as exc:
        raise failed(exc, url, file) from exc


def _run(connection: psycopg.Connection, file: SqlFile) -> None:
    """Run a whole file in the transaction that is open, with the search path a new session has.

    Raises StateConflict when the file ended that transaction.
    """
    with withheld(connection):
        connection.execute("set local search_path to default")
        connection.execute(file.sql.encode())
        if connection.info.transaction_status != psycopg.pq.TransactionStatus.INTRANS:
            raise StateConflict(f"db/{file.name}: ends its transaction: take out begin, commit and rollback")
