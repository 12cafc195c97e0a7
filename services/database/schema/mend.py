"""Databases that applied a migration before the first release, when its text was still another: bring them to this one.

`db/earlier.sha256` has the digests of those texts, `db/mend/` what a database lacks that applied one of them.
"""

import psycopg

from services.database.connect import Say, failed
from services.database.schema.default_privileges import withheld
from services.database.schema.ledger import Difference, forget, record
from services.database.sql_files import SqlFiles


def mend(connection: psycopg.Connection, url: str, files: SqlFiles, difference: Difference, say: Say) -> list[str]:
    """All of it or nothing; afterwards the record has today's digests. Returns the files applied."""
    mends = {file.id: file for file in files.mends}
    applied = [mends[file.id] for file in difference.earlier if file.id in mends]
    with connection.transaction():
        for file in applied:
            say(f"applying {file.name}: this database applied an earlier text of that migration")
            try:
                with withheld(connection):
                    connection.execute(file.sql.encode())
            except psycopg.Error as exc:
                raise failed(exc, url, file) from exc
        for migration in difference.earlier:
            record(connection, migration)
        forget(connection, "functions/%")
    return [file.name for file in applied]
