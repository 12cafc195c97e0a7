"""What we make has the grants its file gives and no others, whatever somebody has set as default privileges."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from services.database.schema.snapshot import SCHEMAS

WITHHOLD = Path(__file__).with_name("default_privileges.sql")
MIGRATIONS = "migrations"


@contextmanager
def withheld(connection: psycopg.Connection) -> Iterator[None]:
    """Inside, and within the open transaction, nobody gets anything by the migrating role's default privileges.

    Nobody else sees them change: they are as before when the transaction ends, whichever way it does.
    """
    statements = connection.execute(
        WITHHOLD.read_text(encoding="utf-8").encode(), {"schemas": [*SCHEMAS, MIGRATIONS]}
    ).fetchall()
    for withhold, _ in statements:
        connection.execute(withhold)
    yield
    for _, give_back in statements:
        connection.execute(give_back)
