"""Check a database before anything in it is changed.

A database may hold objects of other applications. Managed objects are those that the files under `db/` create, known by
their names. If an object already exists when no file that creates it has been applied, the object is unmanaged. A role
without the comment `Agent Control Plane` is unmanaged too. Unmanaged objects and roles are never changed.
"""

import re
from collections.abc import Collection, Iterable
from pathlib import Path

import psycopg

from services.database.schema.snapshot import ROLES, Snapshot
from services.database.sql_files import SqlFile, SqlFiles
from services.errors import StateConflict

PRECONDITIONS_FILE = Path(__file__).with_name("preconditions.sql")
NOTHING_CHANGED = "nothing was changed"

_SCHEMA_PATTERN = re.compile(r"^ *create schema (?:if not exists )?(\w+)", re.MULTILINE)
_RELATION_PATTERN = re.compile(
    r"^ *create (?:(?:unlogged )?table|view|materialized view|sequence|type|domain) (?:if not exists )?public\.(\w+)",
    re.MULTILINE,
)
_INDEX_PATTERN = re.compile(r"^ *create (?:unique )?index (\w+)\s+on public\.", re.MULTILINE)
_UNMANAGED_FUNCTIONS_QUERY = """
select format('%%s %%s', case p.prokind when 'p' then 'procedure' when 'a' then 'aggregate' else 'function' end,
  p.oid::regprocedure)
from pg_catalog.pg_proc as p
join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
where n.nspname = any(%s) and format('%%s.%%s', n.nspname, p.proname) <> all(%s)
order by 1
"""


def check_preconditions(
    connection: psycopg.Connection, files: SqlFiles, pending: Collection[SqlFile], known: Snapshot | None
) -> None:
    """Raise StateConflict when a name that the pending migrations need is in use, or the role lacks a privilege.

    The message lists all problems in one line.
    """
    schemas, relations = names_created_by(pending, known)
    applied_sql = "\n".join(file.sql for file in files.migrations if file not in pending)
    pending_sql = "\n".join(file.sql for file in pending)
    lines = connection.execute(
        PRECONDITIONS_FILE.read_text(encoding="utf-8").encode(),
        {
            "schemas": sorted(schemas),
            "relations": sorted(relations),
            "new_roles": [role for role in ROLES if _mentions(pending_sql, role) and not _mentions(applied_sql, role)],
            "roles": [role for role in ROLES if _mentions(pending_sql, role)],
            "is_first": not applied_sql,
        },
    ).fetchall()
    if lines:
        field, _, problem = "; ".join([*(line for (line,) in lines), NOTHING_CHANGED]).partition(": ")
        raise StateConflict(field, problem)


def _mentions(sql: str, role: str) -> bool:
    return re.search(rf"\b{role}\b", sql) is not None


def names_created_by(pending: Iterable[SqlFile], known: Snapshot | None) -> tuple[set[str], set[str]]:
    """The names of the schemas that these files create, and of the relations that they create in `public`.

    The relations include the indexes and sequences that PostgreSQL names itself; the snapshot has their names.
    """
    sql = "\n".join(file.sql for file in pending)
    tables = set(_RELATION_PATTERN.findall(sql))
    implicit = {name for table, name in (known.parts_in_public() if known else ()) if table in tables}
    return set(_SCHEMA_PATTERN.findall(sql)), tables | set(_INDEX_PATTERN.findall(sql)) | implicit


def reject_unmanaged_functions(connection: psycopg.Connection, files: SqlFiles, known: Snapshot | None) -> None:
    """Raise StateConflict if a rollback would drop a schema that contains functions not created from our files."""
    if known is None:
        return
    schemas = sorted({file.name.split("/")[1] for file in files.functions})
    rows = connection.execute(_UNMANAGED_FUNCTIONS_QUERY.encode(), [schemas, managed_names(files, known)]).fetchall()
    if rows:
        functions = ", ".join(name for (name,) in rows)
        raise StateConflict(
            "the rollback drops a schema with functions that db migrate did not create",
            f"{functions}: drop them or move them to another schema first; {NOTHING_CHANGED}",
        )


def managed_names(files: SqlFiles, known: Snapshot) -> list[str]:
    """All managed objects that have an owner, as `schema.name`.

    Functions come from their files too, because a new function is not in the snapshot yet.
    """
    functions = {
        file.name.removeprefix("functions/").removesuffix(".sql").replace("/", ".") for file in files.functions
    }
    return sorted(functions | set(known.names))


def dependent_objects(exc: psycopg.errors.DependentObjectsStillExist) -> str:
    """The objects that depend on the dropped ones: `view report, constraint c on table t`."""
    lines = (exc.diag.message_detail or "").splitlines()
    objects = [line.partition(" depends on ")[0] for line in lines]
    return ", ".join(dict.fromkeys(objects)) or "the server does not name them"
