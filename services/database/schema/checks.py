"""Check a database: compare the files under `db/` with the applied files, and its objects with `db/schema.sql`."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg

from services.database import embedded
from services.database.connect import connect
from services.database.embedded.programs import POSTGRES_MAJOR, installed_programs
from services.database.schema.differences import differences
from services.database.schema.ledger import Difference, compare
from services.database.schema.migrate import migrate, read_applied, transfer_ownership
from services.database.schema.pg_dump import pg_dump, unmanaged_relations
from services.database.schema.preconditions import managed_names
from services.database.schema.snapshot import SNAPSHOT_FILE, Snapshot, parse_snapshot, read_snapshot
from services.database.sessions import require_session
from services.database.sql_files import DB_DIR, SqlFiles, read_sql_files
from services.errors import NotReady, SettingsError, StateConflict

ROLE_PROBLEMS = Path(__file__).with_name("role_problems.sql")


@dataclass(frozen=True)
class CheckResult:
    """The result of `db check`."""

    problems: list[str]
    """One line per problem; an empty list means that there are none."""
    fingerprint: str | None
    """sha256 of all managed objects, the same for every server version; None if the objects were not compared."""
    not_compared: str | None = None
    """Why the objects were not compared with `db/schema.sql`; None if they were."""
    behind: frozenset[str] = frozenset()
    """The problems that `db migrate` solves."""


def check(url: str, *, db_dir: Path = DB_DIR) -> CheckResult:
    """Compare the files, the database and `db/schema.sql`, and name each difference.

    Raises StateConflict when the role of the connection may not read the schema.
    """
    files, expected = read_sql_files(db_dir), read_snapshot(db_dir)
    with connect(url) as connection:
        difference = compare(files, read_applied(connection))
        behind = _behind_problems(difference)
        problems = [
            *behind,
            *_file_problems(files, difference),
            *_role_problems(connection, managed_names(files, expected) if expected else []),
        ]
        not_compared = _reason_not_to_compare(connection, difference)
        if expected is None:
            not_compared = f"db/{SNAPSHOT_FILE} is missing"
        if expected is None or not_compared:
            return CheckResult(problems, None, not_compared, frozenset(behind))
        require_session(connection)
        in_public = expected.names_in_public
        roles = [name for (name,) in connection.execute("select rolname from pg_catalog.pg_roles").fetchall()]
        text = pg_dump(url, installed_programs(), exclude=unmanaged_relations(connection, in_public))
    found = parse_snapshot(text).only_managed(in_public)
    return CheckResult(
        [*problems, *differences(expected.for_roles([*roles, "PUBLIC"]), found)],
        found.fingerprint,
        None,
        frozenset(behind),
    )


def _reason_not_to_compare(connection: psycopg.Connection, difference: Difference) -> str | None:
    reason = None
    if not difference.is_up_to_date:
        reason = "some files are not applied"
    elif connection.info.server_version // 10_000 > int(POSTGRES_MAJOR):
        reason = f"the server is newer than PostgreSQL {POSTGRES_MAJOR}"
    else:
        try:
            installed_programs()
        except (NotReady, SettingsError) as exc:
            reason = f"pg_dump is missing: {exc}"
    return reason and f"the database was not compared with db/{SNAPSHOT_FILE}: {reason}"


def write_snapshot(*, say: Callable[[str], None], db_dir: Path = DB_DIR) -> bool:
    """Write `db/schema.sql` from a new, temporary database. Returns False if the file was up to date already."""
    before = read_snapshot(db_dir)
    text = _snapshot_of_new_database(say, db_dir).text
    path = db_dir / SNAPSHOT_FILE
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as exc:
        raise StateConflict(
            f"db/{SNAPSHOT_FILE}", f"cannot be written ({exc.strerror}): run this in your own checkout"
        ) from exc
    return before is None or before.text != text


def _snapshot_of_new_database(say: Callable[[str], None], db_dir: Path) -> Snapshot:
    """Migrate a new database and dump it. It has no unmanaged objects, so everything in `public` is included."""
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder)
        try:
            with embedded.running(data_dir, say=_discard) as cluster:
                migrate(cluster.url, say=say, db_dir=db_dir)
                names = parse_snapshot(pg_dump(cluster.url, installed_programs(), exclude=[])).names
                with connect(cluster.url) as connection:
                    transfer_ownership(connection, names)
                return parse_snapshot(pg_dump(cluster.url, installed_programs(), exclude=[]))
        finally:
            embedded.destroy(data_dir)


def _behind_problems(difference: Difference) -> list[str]:
    return [
        *(f"db/{file.name}: not applied" for file in difference.unapplied),
        *(f"db/{file.name}: was applied with an earlier text" for file in difference.earlier),
        *(f"db/{name}: new, or changed since it was applied" for name in difference.stale_functions),
    ]


def _file_problems(files: SqlFiles, difference: Difference) -> list[str]:
    reversible = {file.id for file in files.rollbacks}
    return [
        *(
            f"db/{name}: edited after it was applied: restore it and write a new migration"
            for name in difference.edited
        ),
        *(f"db/{name}: was applied but the file is missing: restore it" for name in difference.missing),
        *(
            f"db/{name}: was applied but the file is missing: drop the function in a migration"
            for name in difference.dropped_functions
        ),
        *(f"db/rollback/{f.id}.sql: missing: write it" for f in files.migrations if f.id not in reversible),
    ]


def _role_problems(connection: psycopg.Connection, names: list[str]) -> list[str]:
    rows = connection.execute(ROLE_PROBLEMS.read_text(encoding="utf-8").encode(), {"names": names}).fetchall()
    return [line for (line,) in rows]


def _discard(_line: str) -> None:
    """Hide the start and stop messages of the temporary server."""
