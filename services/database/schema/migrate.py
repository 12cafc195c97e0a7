"""Bring a database to what `db/` says, and back; what is not ours stays as it is.

Migrations (`db/migrations/NNN_*.sql`) run once each, through yoyo. Functions (`db/functions/<schema>/<function>.sql`)
are `create or replace` and run again, all together, whenever one of them or the tables under them changed. At last
everything of ours is handed over to `app_owner`; the schemas stay with the migrating role, since giving one away takes
a right on the whole database.
"""

from pathlib import Path

import psycopg

from services.database.connect import Say, connect, translated
from services.database.schema.default_privileges import withheld
from services.database.schema.guest import NOTHING_CHANGED, look_before, names, refuse_strangers_functions, what_depends
from services.database.schema.ledger import CLOSE, CREATE, Difference, applied_files, compare, forget, locked, record
from services.database.schema.mend import mend
from services.database.schema.snapshot import SCHEMAS, Snapshot, read_snapshot
from services.database.schema.sql_files import DB_DIR, SqlFile, SqlFiles, read_sql_files
from services.database.sessions import require_session
from services.errors import NotMigrated, StateConflict

HAND_OVER = Path(__file__).with_name("hand_over.sql")


def migrate(url: str, *, say: Say, db_dir: Path = DB_DIR) -> list[str]:
    """Apply what is missing; returns the files applied, as paths under `db/`. Doing nothing costs one query.

    Raises StateConflict, with nothing applied, when an applied migration was edited or is gone, and when a name we need
    is taken or a right is missing; also when a file fails: the migrations before it stay.
    """
    files, known = read_sql_files(db_dir), read_snapshot(db_dir)
    with connect(url) as connection:
        if _difference(connection, files).is_up_to_date:
            return []
        with locked(connection):
            difference = _difference(connection, files)  # another process may have been faster
            _refuse_rewritten_history(difference)
            if difference.unapplied:
                look_before(connection, files, difference.unapplied, known)
            with connection.transaction(), withheld(connection):
                connection.execute(CREATE.encode())
            applied = []
            if difference.earlier:
                applied += mend(connection, url, files, difference, say)
                difference = _difference(connection, files)
            applied += _apply_migrations(url, difference.unapplied, say)
            if applied or difference.stale_functions:
                with connection.transaction():
                    applied += _apply_functions(connection, url, files.functions, difference, say)
                    _hand_over(connection, url, files, known)
            connection.execute(CLOSE.encode())
    return applied


def require_migrated(url: str, *, db_dir: Path = DB_DIR) -> None:
    """Raises NotMigrated when the database is not what `db/` says, StateConflict when history was rewritten, and
    SettingsError behind a pooler in transaction mode."""
    files = read_sql_files(db_dir)
    with connect(url) as connection:
        require_session(connection)
        applied = applied_files(connection)
    if applied is None:
        return  # a worker's role may not read the ledger; its being there shows that somebody migrates
    difference = compare(files, applied)
    _refuse_rewritten_history(difference)
    if not difference.is_up_to_date:
        behind = (*difference.unapplied, *difference.earlier)
        first = [*(file.name for file in behind), *difference.stale_functions][0]
        raise NotMigrated(f"the database is behind this version (db/{first} is not applied)")


def rollback(url: str, *, say: Say, steps: int = 1, to: str | None = None, db_dir: Path = DB_DIR) -> list[str]:
    """Take back the last `steps` migrations, or all that came after `to`; returns their files, the newest first.

    Raises StateConflict, with nothing done, when `to` names nothing applied, when a rollback file is missing or fails,
    and when something of other people's would go with ours.
    """
    files = read_sql_files(db_dir)
    with connect(url) as connection, locked(connection):
        applied = sorted(name for name in read_record(connection) if name.startswith("migrations/"))
        chosen = _after(applied, to) if to is not None else applied[max(0, len(applied) - steps) :]
        chosen.reverse()
        undo = [files.rollback_of(_id(name)) for name in chosen]
        if undo:
            refuse_strangers_functions(connection, files, read_snapshot(db_dir))
            _roll_back(url, undo, say)
            connection.execute("notify pgrst, 'reload schema'")
    return chosen


def seed(url: str, *, say: Say, db_dir: Path = DB_DIR) -> list[str]:
    """Run every file of `db/seeds/`, each in its own transaction; they are written so that twice does no harm."""
    with connect(url) as connection:
        for file in (seeds := read_sql_files(db_dir).seeds):
            say(f"seeding {file.name}")
            _run(connection, url, file)
    return [file.name for file in seeds]


def reset(url: str, *, say: Say, db_dir: Path = DB_DIR) -> None:
    """Roll everything back, migrate, seed. All data is lost: the caller asks first."""
    rollback(url, say=say, steps=10_000, db_dir=db_dir)
    migrate(url, say=say, db_dir=db_dir)
    seed(url, say=say, db_dir=db_dir)


def hand_over(connection: psycopg.Connection, ours: list[str] | None) -> None:
    """Make `app_owner` the owner of what the migrating role made, so that definer functions run without BYPASSRLS.

    `ours` is what is ours, as `schema.name`; None: all that is in the schemas we made.
    """
    statements = connection.execute(
        HAND_OVER.read_text(encoding="utf-8").encode(),
        {"schemas": list(SCHEMAS), "names": ours},
    ).fetchall()
    for (statement,) in statements:
        connection.execute(statement)


def _difference(connection: psycopg.Connection, files: SqlFiles) -> Difference:
    return compare(files, read_record(connection))


def read_record(connection: psycopg.Connection) -> dict[str, str]:
    """Name to sha256 of every file applied. Raises StateConflict where this role may not look."""
    applied = applied_files(connection)
    if applied is None:
        raise StateConflict("this role may not read schema migrations", "connect as the role that migrated")
    return applied


def _refuse_rewritten_history(difference: Difference) -> None:
    for name in difference.edited:
        raise StateConflict(
            f"db/{name}", "edited after it was applied: put it back and write a new migration, or reset this database"
        )
    for name in difference.missing:
        raise StateConflict(
            f"db/{name}", "was applied to this database and is gone: put it back, or use the newer version"
        )


def _apply_migrations(url: str, pending: tuple[SqlFile, ...], say: Say) -> list[str]:
    if not pending:
        return []
    from services.database.schema import yoyo_steps  # noqa: PLC0415  # slow to import, and most runs have nothing to apply

    with yoyo_steps.yoyo(url) as backend:
        for file in pending:
            say(f"applying {file.name}")
            try:
                yoyo_steps.apply(backend, file, say)
            except psycopg.Error as exc:
                raise translated(exc, url, f"db/{file.name}") from exc
    return [file.name for file in pending]


def _roll_back(url: str, undo: list[SqlFile], say: Say) -> None:
    from services.database.schema import yoyo_steps  # noqa: PLC0415  # as above

    at = undo[0]

    def begin(file: SqlFile) -> None:
        nonlocal at
        at = file
        say(f"rolling back {file.id}")

    with yoyo_steps.yoyo(url) as backend:
        try:
            yoyo_steps.roll_back(backend, undo, begin)
        except psycopg.errors.DependentObjectsStillExist as exc:
            raise StateConflict(
                "others built on what would go", f"{what_depends(exc)}: drop or change it first; {NOTHING_CHANGED}"
            ) from exc
        except psycopg.Error as exc:
            raise translated(exc, url, f"db/{at.name}") from exc


def _apply_functions(
    connection: psycopg.Connection, url: str, functions: tuple[SqlFile, ...], difference: Difference, say: Say
) -> list[str]:
    """All of them: a migration may have dropped one that did not change."""
    say(f"applying {len(functions)} functions")
    connection.execute("set local check_function_bodies = off")
    with withheld(connection):
        for file in functions:
            _run(connection, url, file)
            record(connection, file)
    for name in difference.dropped_functions:
        say(f"{name} is gone; the function stays until a migration drops it")
        forget(connection, name)
    connection.execute("notify pgrst, 'reload schema'")
    return [file.name for file in functions if file.name in difference.stale_functions]


def _hand_over(connection: psycopg.Connection, url: str, files: SqlFiles, known: Snapshot | None) -> None:
    try:
        hand_over(connection, names(files, known) if known else None)
    except psycopg.Error as exc:
        raise translated(exc, url, "handing over to app_owner") from exc


def _run(connection: psycopg.Connection, url: str, file: SqlFile) -> None:
    try:
        with connection.transaction():
            connection.execute(file.sql.encode())
    except psycopg.Error as exc:
        raise translated(exc, url, f"db/{file.name}") from exc


def _after(applied: list[str], to: str) -> list[str]:
    """The migrations after `to`, which may be a number (`002`) or a whole name (`002_lanes`)."""
    for position, name in enumerate(applied):
        if _id(name) == to or _id(name).startswith(f"{to}_"):
            return applied[position + 1 :]
    raise StateConflict(f"--to {to}", f"no such migration is applied: the applied ones are {[_id(n) for n in applied]}")


def _id(name: str) -> str:
    return name.rpartition("/")[2].removesuffix(".sql")
