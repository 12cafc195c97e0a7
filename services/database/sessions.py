"""Check that a connection keeps its session.

A connection behind a pooler in transaction mode does not keep its session: LISTEN, advisory locks and prepared
statements may be lost between two transactions.
"""

from typing import LiteralString

import psycopg

from services.database.connect import CONNECT_WITHIN, translate_error
from services.errors import SettingsError

ROUNDS = 3
"""The check is repeated because a pooler with several idle server connections may return the same one by chance."""
BACKEND: LiteralString = "select pg_backend_pid(), extract(epoch from pg_postmaster_start_time())"
"""Identifies the server process that runs the statement."""


def require_session(connection: psycopg.Connection, *, setting: str = "DATABASE_URL") -> None:
    """Raise SettingsError, with the name of `setting`, when a pooler in transaction mode serves the connection.

    Opens a second connection and starts a transaction on it. The first connection keeps its server process if it is
    direct or its pooler is in session mode. A pooler in transaction mode gives the first connection another process,
    or gives both connections the same process.
    """
    dsn = connection.info.dsn
    try:
        with psycopg.connect(
            dsn, password=connection.info.password, connect_timeout=CONNECT_WITHIN, autocommit=True
        ) as other:
            for _ in range(ROUNDS):
                before = connection.execute(BACKEND).fetchone()
                with other.transaction():
                    is_shared = other.execute(BACKEND).fetchone() == before
                    if is_shared or connection.execute(BACKEND).fetchone() != before:
                        raise SettingsError(
                            f"{setting}: is a pooler in transaction mode, which keeps no session between transactions:"
                            " use its session mode (Supabase: port 5432), or connect to the server directly"
                        )
    except psycopg.Error as exc:
        raise translate_error(exc, dsn) from None
