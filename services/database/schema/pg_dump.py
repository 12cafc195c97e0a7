"""Run the pg_dump of the embedded PostgreSQL. It reads servers of version 15 to 18 and, unlike the server, may run as
root."""

import os
import subprocess
from pathlib import Path

import psycopg
from psycopg import conninfo

from services.database.connect import CONNECT_WITHIN, connection_parts
from services.database.embedded.home import last_error_line
from services.database.schema.snapshot import SCHEMAS
from services.errors import StateConflict

UNMANAGED_RELATIONS_QUERY = """
select format('%%I.%%I', 'public', c.relname) from pg_catalog.pg_class as c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') and c.relname <> all(%s)
order by 1
"""
SECRET_PARAMETERS = ("password", "sslpassword")
"""Not passed on the command line, which every user of the machine can read."""


def unmanaged_relations(connection: psycopg.Connection, managed: list[str]) -> list[str]:
    """Tables, views and sequences in `public` that are not in `managed`. pg_dump would try to lock them."""
    return [name for (name,) in connection.execute(UNMANAGED_RELATIONS_QUERY, (managed,)).fetchall()]


def pg_dump(url: str, programs: Path, *, exclude: list[str]) -> str:
    """The managed schemas as SQL, without the relations in `exclude`.

    Raises StateConflict when the role may not read everything.
    """
    parts = connection_parts(url)
    target = conninfo.make_conninfo("", **{key: value for key, value in parts.items() if key not in SECRET_PARAMETERS})
    filters = [*(f"include schema {name}" for name in SCHEMAS), *(f"exclude table {name}" for name in exclude)]
    env = {"PGCONNECT_TIMEOUT": str(CONNECT_WITHIN), **os.environ, "LC_ALL": "C"}
    if parts.get("password"):
        env["PGPASSWORD"] = str(parts["password"])
    result = subprocess.run(  # noqa: S603  # our own program, no shell
        [programs / "pg_dump", "--schema-only", "--restrict-key=x", "--no-password", "--lock-wait-timeout=10s",
         "--filter=-", f"--dbname={target}"],
        input="\n".join(filters), env=env, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    if result.returncode != 0:
        raise StateConflict(
            "the database could not be compared with db/schema.sql",
            f"{last_error_line(result.stderr)}: connect as the role that migrated",
        )
    return result.stdout
