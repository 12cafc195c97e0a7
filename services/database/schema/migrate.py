"""Apply the migrations and functions under `db/` to a database, and roll them back. Unmanaged objects do not change.

Each migration (`db/migrations/NNN_*.sql`) runs once. The functions (`db/functions/<schema>/<function>.sql`) are `create
or replace` statements; all of them run again when one of them or a table changed. Finally `app_owner` becomes the owner
of all managed objects except the schemas: only a role with a privilege on the whole database can transfer a schema.
"""

from pathlib import Path

import psycopg

from services.database.connect import Say, connect, error_in_file, forward_warnings, translate_error
from services.database.schema.apply import apply, roll_back
from services.database.schema.default_privileges import without_default_privileges
from services.database.schema.ledger import (
    CREATE_LEDGER,
    Difference,
    applied_files,
    compare,
    delete_records,
    record,
    schema_lock,
)
from services.database.schema.mend import mend
from services.database.schema.preconditions import check_preconditions, managed_names, reject_unmanaged_functions
from services.database.schema.snapshot import SCHEMAS, Snapshot, read_snapshot
from services.database.sessions import require_session
from services.database.sql_files import DB_DIR, SqlFile, SqlFiles, read_sql_files
from services.errors import NotMigrated, StateConflict

TRANSFER_OWNERSHIP = Path(__file__).with_name("transfer_ownership.sql")


def migrate(url: str, *, say: Say, db_dir: Path = DB_DIR) -> list[str]:
    """Apply the files that are missing in the database. Returns them as paths under `db/`.

    If the database is up to date, this costs one query. Raises StateConflict:

    - with nothing applied, when an applied migration was edited or its file is missing, when an unmanaged object has a
      name that a migration needs, or when the role lacks a privilege;
    - when a file fails. The migrations before it stay applied.
    """
    files, known = read_sql_files(db_dir), read_snapshot(db_dir)
    with connect(url) as connection:
        if _difference(connection, files).is_up_to_date:
            return []
        forward_warnings(connection, say)
        with schema_lock(connection):
            difference = _difference(connection, files)  # another process may have migrated in the meantime
            _reject_changed_migrations(difference)
            if difference.unapplied:
                check_preconditions(connection, files, difference.unapplied, known)
            with connection.transaction(), without_default_privileges(connection):
                connection.execute(CREATE_LEDGER.encode())
            applied = []
            if difference.earlier:
                applied += mend(connection, url, files, difference, say)
                difference = _difference(connection, files)
            applied += apply(connection, url, difference.unapplied, say)
            if applied or difference.stale_functions:
                with connection.transaction():
                    applied += _apply_functions(connection, url, files.functions, difference, say)
                    _transfer_ownership(connection, url, files, known)
    return applied


def require_migrated(url: str, *, db_dir: Path = DB_DIR) -> None:
    """Raise NotMigrated when files under `db/` are not applied.

    Raises StateConflict when an applied migration was edited or its file is missing, and SettingsError behind a pooler
    in transaction mode. A role that may not read the record, such as a worker's, passes.
    """
    files = read_sql_files(db_dir)
    with connect(url) as connection:
        require_session(connection)
        applied = applied_files(connection)
    if applied is None:
        return
    difference = compare(files, applied)
    _reject_changed_migrations(difference)
    if not difference.is_up_to_date:
        migrations = (*difference.unapplied, *difference.earlier)
        first = [*(file.name for file in migrations), *difference.stale_functions][0]
        raise NotMigrated(f"the database is older than this version (db/{first} is not applied)")


def rollback(url: str, *, say: Say, steps: int = 1, to: str | None = None, db_dir: Path = DB_DIR) -> list[str]:
    """Roll back the last `steps` migrations, or all after `to`. Returns their files, the newest first.

    Raises StateConflict, with nothing changed, when `to` is not applied, when a rollback file is missing or fails, or
    when the rollback would drop unmanaged objects.
    """
    files = read_sql_files(db_dir)
    with connect(url) as connection, schema_lock(connection):
        applied = sorted(name for name in read_applied(connection) if name.startswith("migrations/"))
        chosen = _applied_after(applied, to) if to is not None else applied[max(0, len(applied) - steps) :]
        chosen.reverse()
        rollbacks = [files.rollback_of(_file_id(name)) for name in chosen]
        if rollbacks:
            reject_unmanaged_functions(connection, files, read_snapshot(db_dir))
            roll_back(connection, url, rollbacks, say)
            connection.execute("notify pgrst, 'reload schema'")
    return chosen


def seed(url: str, *, say: Say, application: str | None = None, db_dir: Path = DB_DIR) -> list[str]:
    """Run every file in `db/seeds/`. With `application`, also run the files in `db/seeds/<application>/`.

    Each file runs in its own transaction. Running a file again changes nothing.
    """
    files = read_sql_files(db_dir)
    seeds = [*files.seeds, *(file for file in files.application_seeds if file.name.split("/")[1] == application)]
    with connect(url) as connection:
        for file in seeds:
            say(f"seeding {file.name}")
            _run(connection, url, file)
    return [file.name for file in seeds]


def reset(url: str, *, say: Say, db_dir: Path = DB_DIR) -> None:
    """Roll back all migrations, migrate and seed. All data is lost; the caller must ask for confirmation first."""
    rollback(url, say=say, steps=10_000, db_dir=db_dir)
    migrate(url, say=say, db_dir=db_dir)
    seed(url, say=say, db_dir=db_dir)


def transfer_ownership(connection: psycopg.Connection, names: list[str] | None) -> None:
    """Make `app_owner` the owner of the managed objects, so that definer functions run without BYPASSRLS.

    `names` lists the managed objects as `schema.name`. None means all objects in the managed schemas except `public`.
    """
    statements = connection.execute(
        TRANSFER_OWNERSHIP.read_text(encoding="utf-8").encode(),
        {"schemas": list(SCHEMAS), "names": names},
    ).fetchall()
    for (statement,) in statements:
        connection.execute(statement)


def _difference(connection: psycopg.Connection, files: SqlFiles) -> Difference:
    return compare(files, read_applied(connection))


def read_applied(connection: psycopg.Connection) -> dict[str, str]:
    """The sha256 of every applied file by name. Raises StateConflict if the role may not read the record."""
    applied = applied_files(connection)
    if applied is None:
        raise StateConflict(
            "this role has no permission to read migrations.applied_file",
            "connect as the role that applied the migrations",
        )
    return applied


def _reject_changed_migrations(difference: Difference) -> None:
    for name in difference.edited:
        raise StateConflict(
            f"db/{name}", "edited after it was applied: restore it and write a new migration, or reset this database"
        )
    for name in difference.missing:
        raise StateConflict(
            f"db/{name}",
            "was applied to this database but the file is missing: restore it, or install the newer version",
        )


def _apply_functions(
    connection: psycopg.Connection, url: str, functions: tuple[SqlFile, ...], difference: Difference, say: Say
) -> list[str]:
    """Create all functions, including unchanged ones, because a migration may have dropped them."""
    say(f"applying {len(functions)} functions")
    connection.execute("set local check_function_bodies = off")
    with without_default_privileges(connection):
        for file in functions:
            _run(connection, url, file)
            record(connection, file)
    for name in difference.dropped_functions:
        say(f"{name}: the file is missing; the function stays in the database until a migration drops it")
        delete_records(connection, name)
    connection.execute("notify pgrst, 'reload schema'")
    return [file.name for file in functions if file.name in difference.stale_functions]


def _transfer_ownership(connection: psycopg.Connection, url: str, files: SqlFiles, known: Snapshot | None) -> None:
    try:
        transfer_ownership(connection, managed_names(files, known) if known else None)
    except psycopg.Error as exc:
        raise translate_error(exc, url, "transferring ownership to app_owner") from exc


def _run(connection: psycopg.Connection, url: str, file: SqlFile) -> None:
    try:
        with connection.transaction():
            connection.execute(file.sql.encode())
    except psycopg.Error as exc:
        raise error_in_file(exc, url, file) from exc


def _applied_after(applied: list[str], to: str) -> list[str]:
    """The applied migrations after `to`, which may be a number (`002`) or a whole name (`002_lanes`)."""
    for position, name in enumerate(applied):
        if _file_id(name) == to or _file_id(name).startswith(f"{to}_"):
            return applied[position + 1 :]
    raise StateConflict(f"--to {to}", f"no such migration is applied: choose one of {[_file_id(n) for n in applied]}")


def _file_id(name: str) -> str:
    return name.rpartition("/")[2].removesuffix(".sql")
