"""We are a guest in somebody's database: what must be true of it before we change anything there.

Ours is what our files make, by its name. A name of ours that is there already is somebody's, and so is a role that does
not carry our mark; neither is touched.
"""

import re
from collections.abc import Collection, Iterable
from pathlib import Path

import psycopg

from services.database.schema.snapshot import ROLES, Snapshot
from services.database.schema.sql_files import SqlFile, SqlFiles
from services.errors import StateConflict

BEFORE = Path(__file__).with_name("guest.sql")
NOTHING_CHANGED = "nothing was changed"

_SCHEMA = re.compile(r"^ *create schema (?:if not exists )?(\w+)", re.MULTILINE)
_RELATION = re.compile(
    r"^ *create (?:table|view|materialized view|sequence|type|domain) (?:if not exists )?public\.(\w+)", re.MULTILINE
)
_INDEX = re.compile(r"^ *create (?:unique )?index (\w+)\s+on public\.", re.MULTILINE)
_STRANGERS = """
select format('%%s %%s', case p.prokind when 'p' then 'procedure' when 'a' then 'aggregate' else 'function' end,
  p.oid::regprocedure)
from pg_catalog.pg_proc as p
join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
where n.nspname in ('app_private', 'worker_api') and format('%%s.%%s', n.nspname, p.proname) <> all(%s)
order by 1
"""


def look_before(
    connection: psycopg.Connection, files: SqlFiles, pending: Collection[SqlFile], known: Snapshot | None
) -> None:
    """Raises StateConflict, in one line, when a name we need is taken or the role may not do what the files do."""
    schemas, relations = made_by(pending, known)
    landed = "\n".join(file.sql for file in files.migrations if file not in pending)
    needed = "\n".join(file.sql for file in pending)
    lines = connection.execute(
        BEFORE.read_text(encoding="utf-8").encode(),
        {
            "schemas": sorted(schemas),
            "relations": sorted(relations),
            "roles": [role for role in ROLES if _names(needed, role) and not _names(landed, role)],
            "ours": [role for role in ROLES if _names(needed, role)],
            "first": not landed,
        },
    ).fetchall()
    if lines:
        what, _, state = "; ".join([*(line for (line,) in lines), NOTHING_CHANGED]).partition(": ")
        raise StateConflict(what, state)


def _names(text: str, role: str) -> bool:
    return re.search(rf"\b{role}\b", text) is not None


def made_by(pending: Iterable[SqlFile], known: Snapshot | None) -> tuple[set[str], set[str]]:
    """Names of the schemas that these files make, and of the relations they make in `public`.

    With them come the indexes and sequences that PostgreSQL names itself, which the snapshot knows.
    """
    text = "\n".join(file.sql for file in pending)
    tables = set(_RELATION.findall(text))
    by_themselves = {name for table, name in (known.parts_in_public() if known else ()) if table in tables}
    return set(_SCHEMA.findall(text)), tables | set(_INDEX.findall(text)) | by_themselves


def refuse_strangers_functions(connection: psycopg.Connection, files: SqlFiles, known: Snapshot | None) -> None:
    """Raises StateConflict naming what somebody put beside our functions: rolling back would take it along."""
    if known is None:
        return
    found = connection.execute(_STRANGERS.encode(), [names(files, known)]).fetchall()
    if found:
        listed = ", ".join(name for (name,) in found)
        raise StateConflict(
            "not ours, in a schema that goes", f"{listed}: drop it or move it away first; {NOTHING_CHANGED}"
        )


def names(files: SqlFiles, known: Snapshot) -> list[str]:
    """Everything of ours that has an owner, as `schema.name`; functions also before the snapshot names them."""
    functions = {
        file.name.removeprefix("functions/").removesuffix(".sql").replace("/", ".") for file in files.functions
    }
    return sorted(functions | set(known.names))


def what_depends(exc: psycopg.errors.DependentObjectsStillExist) -> str:
    """What of other people's stands on what would be dropped: `view report, constraint c on table t`."""
    lines = (exc.diag.message_detail or "").splitlines()
    found = [line.partition(" depends on ")[0] for line in lines]
    return ", ".join(dict.fromkeys(found)) or "something"
