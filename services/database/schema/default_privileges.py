"""Suspend the default privileges of the migrating role, so that new objects have only the grants of their files."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from services.database.schema.snapshot import SCHEMAS

STATEMENTS_FILE = Path(__file__).with_name("default_privileges.sql")
MIGRATIONS = "migrations"


@contextmanager
def without_default_privileges(connection: psycopg.Connection) -> Iterator[None]:
    """Within the block, objects that the migrating role creates get no default privileges.

    Use it in an open transaction. The block restores the default privileges, and a rollback does so too, so that other
    sessions never see the change.
    """
    statements = connection.execute(
        STATEMENTS_FILE.read_text(encoding="utf-8").encode(), {"schemas": [*SCHEMAS, MIGRATIONS]}
    ).fetchall()
    for revoke, _ in statements:
        connection.execute(revoke)
    yield
    for _, grant in statements:
        connection.execute(grant)
