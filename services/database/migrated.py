"""Open the database of this process: the one in DATABASE_URL, or else the embedded one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from services.database import embedded
from services.database.connect import plain_url
from services.database.embedded import to_stderr
from services.database.schema import migrate
from services.database.sql_files import DB_DIR


@contextmanager
def migrated_database(
    database_url: str | None,
    data_dir: Path,
    *,
    keep: bool = False,
    say: Callable[[str], None] = to_stderr,
    db_dir: Path = DB_DIR,
) -> Iterator[str]:
    """Yield the URL of a migrated database, without a driver name in its scheme.

    Without `database_url` the embedded server is started and migrated. The database of a `database_url` is only
    checked: its operator decides when to migrate it.

    Raises NotReady when the database is not up to date or cannot be reached, and SettingsError when the URL or the data
    folder cannot be used.
    """
    if database_url is not None:
        migrate.require_migrated(database_url, db_dir=db_dir)
        yield plain_url(database_url)
        return
    with embedded.running(data_dir, keep=keep, say=say) as cluster:
        migrate.migrate(cluster.url, say=say, db_dir=db_dir)
        yield cluster.url
