"""What is released does not change: `db/released.sha256` has the digest of each migration of every release.

A release adds its new ones with `make record`; until then a migration may still be corrected.
"""

import sys
from pathlib import Path

from services.database.schema.sql_files import DB_DIR, read_digests, read_sql_files
from services.errors import StateConflict

RELEASED = "released.sha256"


def problems(db_dir: Path = DB_DIR) -> list[str]:
    """One line for each released migration that is not what it was, and for each new one that would come before it."""
    here = {file.name: file.sha256 for file in read_sql_files(db_dir).migrations}
    released = dict(read_digests(db_dir / RELEASED))
    last = max(released, default="")
    return [
        *(f"db/{name}: is released and is gone: put it back" for name in released if name not in here),
        *(
            f"db/{name}: is released and was changed: put it back and write a new migration"
            for name, sha256 in released.items()
            if here.get(name, sha256) != sha256
        ),
        *(
            f"db/{name}: comes before db/{last}, which is released: give it a higher number"
            for name in here
            if name not in released and name < last
        ),
    ]


def record(db_dir: Path = DB_DIR) -> list[str]:
    """Add the migrations that are new to the record; returns their names.

    Raises StateConflict, with nothing written, when a released one is not what it was.
    """
    if found := problems(db_dir):
        what, _, state = "; ".join(found).partition(": ")
        raise StateConflict(what, state)
    path = db_dir / RELEASED
    released = dict(read_digests(path))
    new = [file for file in read_sql_files(db_dir).migrations if file.name not in released]
    lines = [f"{sha256}  {name}\n" for name, sha256 in [*released.items(), *((f.name, f.sha256) for f in new)]]
    path.write_text("".join(lines), encoding="utf-8")
    return [file.name for file in new]


if __name__ == "__main__":
    try:
        added = record()
    except StateConflict as exc:
        sys.exit(str(exc))
    sys.stdout.write("".join(f"recorded db/{name}\n" for name in added) or "nothing new\n")
