"""Update databases that applied an earlier text of a migration, from before the first release.

`db/earlier.sha256` has the digests of the earlier texts. `db/mend/` has the SQL that brings these databases to the
state of a new one.
"""

import psycopg

from services.database.connect import Say, error_in_file
from services.database.schema.default_privileges import without_default_privileges
from services.database.schema.ledger import Difference, delete_records, record
from services.database.sql_files import SqlFiles


def mend(connection: psycopg.Connection, url: str, files: SqlFiles, difference: Difference, say: Say) -> list[str]:
    """Apply the files for every earlier text in one transaction, and record the current digests.

    Returns the names of the applied files. Raises StateConflict, with nothing changed, when a file fails.
    """
    mends = {file.id: file for file in files.mends}
    applied = [mends[file.id] for file in difference.earlier if file.id in mends]
    with connection.transaction():
        for file in applied:
            say(f"applying {file.name}: this database has an earlier text of the migration")
            try:
                with without_default_privileges(connection):
                    connection.execute(file.sql.encode())
            except psycopg.Error as exc:
                raise error_in_file(exc, url, file) from exc
        for migration in difference.earlier:
            record(connection, migration)
        delete_records(connection, "functions/%")
    return [file.name for file in applied]
