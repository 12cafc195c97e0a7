"""pg_dump from the wheel, which reads PostgreSQL 15 to 18. It holds no server, so it may run as any user."""

import os
import subprocess
from pathlib import Path

import psycopg
from psycopg import conninfo

from services.database.connect import CONNECT_WITHIN, connection_parts
from services.database.embedded.home import last_words
from services.database.schema.snapshot import SCHEMAS
from services.errors import StateConflict

STRANGERS = """
select format('%%I.%%I', 'public', c.relname) from pg_catalog.pg_class as c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') and c.relname <> all(%s)
order by 1
"""
SECRETS = ("password", "sslpassword")
"""Anybody on the machine may read a command line."""


def strangers(connection: psycopg.Connection, names_in_public: list[str]) -> list[str]:
    """Relations in `public` that are other people's; pg_dump would want to lock them."""
    return [name for (name,) in connection.execute(STRANGERS, (names_in_public,)).fetchall()]


def pg_dump(url: str, programs: Path, *, leave_out: list[str]) -> str:
    """The whole schema as SQL, without the tables and views to leave out.

    Raises StateConflict when it may not read everything.
    """
    parts = connection_parts(url)
    place = conninfo.make_conninfo("", **{key: value for key, value in parts.items() if key not in SECRETS})
    choice = [*(f"include schema {name}" for name in SCHEMAS), *(f"exclude table {name}" for name in leave_out)]
    env = {"PGCONNECT_TIMEOUT": str(CONNECT_WITHIN), **os.environ, "LC_ALL": "C"}
    if parts.get("password"):
        env["PGPASSWORD"] = str(parts["password"])
    dumped = subprocess.run(  # noqa: S603  # our own program, no shell
        [programs / "pg_dump", "--schema-only", "--restrict-key=x", "--no-password", "--lock-wait-timeout=10s",
         "--filter=-", f"--dbname={place}"],
        input="\n".join(choice), env=env, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    if dumped.returncode != 0:
        raise StateConflict(
            "the database could not be compared with db/schema.sql",
            f"{last_words(dumped.stderr)}: connect as the role that migrated",
        )
    return dumped.stdout
