"""The database this process works on: the one it was given, or the embedded one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from services.database import embedded
from services.database.connect import plain_url
from services.database.embedded import to_stderr
from services.database.schema import migrate
from services.database.sql_files import DB_DIR


@contextmanager
def database(
    database_url: str | None,
    data_dir: Path,
    *,
    keep: bool = False,
    say: Callable[[str], None] = to_stderr,
    db_dir: Path = DB_DIR,
) -> Iterator[str]:
    """Yield the URL of a migrated database, without a driver in its scheme.

    The embedded one is started and migrated. A given one is never migrated behind the operator's back.

    Raises NotReady when it is behind or away, SettingsError when the URL or the folder cannot serve.
    """
    if database_url is not None:
        migrate.require_migrated(database_url, db_dir=db_dir)
        yield plain_url(database_url)
        return
    with embedded.running(data_dir, keep=keep, say=say) as cluster:
        migrate.migrate(cluster.url, say=say, db_dir=db_dir)
        yield cluster.url
