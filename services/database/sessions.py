"""Does a connection keep its session? Behind a pooler in transaction mode it does not: LISTEN, advisory locks and
prepared statements are lost between two transactions, at random."""

from typing import LiteralString

import psycopg

from services.database.connect import CONNECT_WITHIN, translated
from services.errors import SettingsError

ROUNDS = 3
"""A pooler with servers to spare may give back the same one by chance."""
WHO_SERVES: LiteralString = "select pg_backend_pid(), pg_postmaster_start_time()"


def require_session(connection: psycopg.Connection, *, setting: str = "DATABASE_URL") -> None:
    """While a second connection is in a transaction, the first must be served by the process that served it before.

    Raises SettingsError, naming `setting`, where it is not, or where one process serves both. A direct connection and a
    pooler in session mode pass.
    """
    dsn = connection.info.dsn
    try:
        with psycopg.connect(
            dsn, password=connection.info.password, connect_timeout=CONNECT_WITHIN, autocommit=True
        ) as other:
            for _ in range(ROUNDS):
                before = connection.execute(WHO_SERVES).fetchone()
                with other.transaction():
                    shared = other.execute(WHO_SERVES).fetchone() == before
                    if shared or connection.execute(WHO_SERVES).fetchone() != before:
                        raise SettingsError(
                            f"{setting}: a pooler in transaction mode answers there, and gives each transaction another"
                            " session: use its session mode (Supabase: port 5432), or the server itself"
                        )
    except psycopg.Error as exc:
        raise translated(exc, dsn) from None
