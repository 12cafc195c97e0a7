"""Whether a database is what `db/` says: the files against the record, and what is there against `db/schema.sql`."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg

from services.database import embedded
from services.database.connect import connect
from services.database.embedded.programs import MAJOR, installed_programs
from services.database.schema.differences import differences
from services.database.schema.guest import names
from services.database.schema.ledger import Difference, compare
from services.database.schema.migrate import hand_over, migrate, read_record
from services.database.schema.pg_dump import pg_dump, strangers
from services.database.schema.snapshot import FILE, Snapshot, parse, read_snapshot
from services.database.schema.sql_files import DB_DIR, SqlFiles, read_sql_files
from services.database.sessions import require_session
from services.errors import SettingsError, StateConflict

ROLES = Path(__file__).with_name("roles.sql")


@dataclass(frozen=True)
class Report:
    """What `db check` found."""

    problems: list[str]
    """One line each; none means all is well."""
    fingerprint: str | None
    """sha256 over everything of ours that the database holds, the same on every server; None where nobody looked."""
    not_compared: str | None = None
    """Why nobody compared the database with `db/schema.sql`."""
    behind: frozenset[str] = frozenset()
    """Those of the problems that a migration mends."""


def check(url: str, *, db_dir: Path = DB_DIR) -> Report:
    """Compare migrations, database and snapshot, and name each difference.

    Raises StateConflict when this role may not read everything.
    """
    files, expected = read_sql_files(db_dir), read_snapshot(db_dir)
    with connect(url) as connection:
        difference = compare(files, read_record(connection))
        behind = _behind(difference)
        problems = [
            *behind,
            *_against_the_record(files, difference),
            *_against_the_roles(connection, names(files, expected) if expected else []),
        ]
        why_not = _why_not_compared(connection, difference)
        if expected is None:
            why_not = f"db/{FILE} is missing"
        if expected is None or why_not:
            return Report(problems, None, why_not, frozenset(behind))
        require_session(connection)
        in_public = expected.names_in_public
        roles = [name for (name,) in connection.execute("select rolname from pg_catalog.pg_roles").fetchall()]
        text = pg_dump(url, installed_programs(), leave_out=strangers(connection, in_public))
    found = parse(text).without_strangers(in_public)
    return Report(
        [*problems, *differences(expected.for_roles([*roles, "PUBLIC"]), found)],
        found.fingerprint,
        None,
        frozenset(behind),
    )


def _why_not_compared(connection: psycopg.Connection, difference: Difference) -> str | None:
    reason = None
    if not difference.is_up_to_date:
        reason = "while files are not applied"
    elif connection.info.server_version // 10_000 > int(MAJOR):
        reason = f"since the server is newer than PostgreSQL {MAJOR}"
    else:
        try:
            installed_programs()
        except SettingsError:
            reason = "since there is no pg_dump for this platform"
    return reason and f"the database is not compared with db/{FILE} {reason}"


def write_snapshot(*, say: Callable[[str], None], db_dir: Path = DB_DIR) -> bool:
    """Write `db/schema.sql` anew, from a database of its own; False when it was right already."""
    before = read_snapshot(db_dir)
    text = _from_nothing(say, db_dir).text
    path = db_dir / FILE
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as exc:
        raise StateConflict(
            f"db/{FILE}", f"cannot be written ({exc.strerror}): run this in a checkout of yours"
        ) from exc
    return before is None or before.text != text


def _from_nothing(say: Callable[[str], None], db_dir: Path) -> Snapshot:
    """What the migrations give; in that database all of `public` is ours, also what no snapshot names yet."""
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder)
        try:
            with embedded.running(data_dir, say=_hush) as cluster:
                migrate(cluster.url, say=say, db_dir=db_dir)
                made = parse(pg_dump(cluster.url, installed_programs(), leave_out=[])).names
                with connect(cluster.url) as connection:
                    hand_over(connection, made)
                return parse(pg_dump(cluster.url, installed_programs(), leave_out=[]))
        finally:
            embedded.destroy(data_dir)


def _behind(difference: Difference) -> list[str]:
    return [
        *(f"db/{file.name}: not applied" for file in difference.unapplied),
        *(f"db/{file.name}: was applied with an earlier text" for file in difference.earlier),
        *(f"db/{name}: new or changed since it was applied" for name in difference.stale_functions),
    ]


def _against_the_record(files: SqlFiles, difference: Difference) -> list[str]:
    reversible = {file.id for file in files.rollbacks}
    return [
        *(
            f"db/{name}: edited after it was applied: put it back and write a new migration"
            for name in difference.edited
        ),
        *(f"db/{name}: was applied and is gone: put it back" for name in difference.missing),
        *(
            f"db/{name}: was applied and is gone: drop the function in a migration"
            for name in difference.dropped_functions
        ),
        *(f"db/rollback/{f.id}.sql: missing: write it" for f in files.migrations if f.id not in reversible),
    ]


def _against_the_roles(connection: psycopg.Connection, names: list[str]) -> list[str]:
    found = connection.execute(ROLES.read_text(encoding="utf-8").encode(), {"names": names}).fetchall()
    return [line for (line,) in found]


def _hush(_line: str) -> None:
    """The embedded server's coming and going is nobody's business here."""
