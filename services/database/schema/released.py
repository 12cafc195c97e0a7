"""Check that released migrations do not change. `db/released.sha256` has the digest of every released migration.

A release adds its new migrations with `make record`. Until then a migration may be edited.
"""

import sys
from pathlib import Path

from services.database.sql_files import DB_DIR, read_digests, read_sql_files
from services.errors import StateConflict

RELEASED_DIGESTS_FILE = "released.sha256"


def problems(db_dir: Path = DB_DIR) -> list[str]:
    """One line for each released migration that was changed or removed, and for each new one with too low a number."""
    current = {file.name: file.sha256 for file in read_sql_files(db_dir).migrations}
    released = dict(read_digests(db_dir / RELEASED_DIGESTS_FILE))
    last_released = max(released, default="")
    return [
        *(f"db/{name}: is released but the file is missing: restore it" for name in released if name not in current),
        *(
            f"db/{name}: was changed after its release: restore it and write a new migration"
            for name, sha256 in released.items()
            if current.get(name, sha256) != sha256
        ),
        *(
            f"db/{name}: comes before db/{last_released}, which is released: give it a higher number"
            for name in current
            if name not in released and name < last_released
        ),
    ]


def record(db_dir: Path = DB_DIR) -> list[str]:
    """Add the new migrations to `db/released.sha256`. Returns their names.

    Raises StateConflict, with nothing written, when `problems` finds any.
    """
    if lines := problems(db_dir):
        field, _, problem = "; ".join(lines).partition(": ")
        raise StateConflict(field, problem)
    path = db_dir / RELEASED_DIGESTS_FILE
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
