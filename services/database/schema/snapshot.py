"""Snapshots: the managed objects of a database as text that can be read and compared.

`db/schema.sql` is the snapshot of the migrations and functions; `pg_dump` writes the text for a live database. Both are
parsed by the headers that pg_dump writes above each object. Texts that depend on the server version are normalized.

Managed objects are all objects in our own schemas, and in schema `public` those that `db/schema.sql` names: on a hosted
project, `public` also holds the tables of other applications.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

SCHEMAS = ("app_private", "autopilot", "drafts", "public", "rca", "tenant_api", "worker_api")
ROLES = ("app_owner", "app_ro", "app_rw", "outbox_worker", "workflow_rw")
BUILT_IN = {("public", "SCHEMA"), ("SCHEMA public", "COMMENT")}
"""Objects that every new database has."""
SNAPSHOT_FILE = "schema.sql"
SNAPSHOT_PREFACE = """\
-- The schema that the migrations and functions create, for reading and for `db check`. Do not run this file. A function
-- has the sha256 of its body here; the body is in db/functions or db/migrations. Do not edit: change a migration or a
-- function, then run `python -m control_plane db snapshot`.
"""

_HEADER_PATTERN = re.compile(
    r"^(?:--\n)?"
    r"-- Name: (?P<name>.+); Type: (?P<kind>[A-Z ]+); Schema: (?P<schema>.+); Owner: (?P<owner>.*)\n"
    r"(?:--\n)?",
    re.MULTILINE,
)
_DUMP_END = "\n--\n-- PostgreSQL database dump complete"
_DEFAULT_SETTINGS_PATTERN = re.compile(r"(?:\n+SET default_\w+ = [^\n]*;)+\s*\Z")
_GRANTEE_PATTERN = re.compile(r" (?:TO|FROM) (\w+)(?: WITH GRANT OPTION)?;$")
_FUNCTION_BODY_PATTERN = re.compile(r"\n    AS (?!sha256 [0-9a-f]{64};\Z)(?P<body>.*)\Z", re.DOTALL)
_OWNER_PATTERN = re.compile(r"\n+ALTER [^\n]+ OWNER TO [^\n]+;\s*\Z")

KINDS_WITH_OWNER = {
    "AGGREGATE",
    "DOMAIN",
    "FUNCTION",
    "MATERIALIZED VIEW",
    "PROCEDURE",
    "SEQUENCE",
    "TABLE",
    "TYPE",
    "VIEW",
}
_PART_OF_TABLE = {
    "CHECK CONSTRAINT": "constraint",
    "CONSTRAINT": "constraint",
    "DEFAULT": "default of column",
    "FK CONSTRAINT": "foreign key",
    "POLICY": "policy",
    "RULE": "rule",
    "TRIGGER": "trigger",
}


@dataclass(frozen=True)
class Entry:
    """One object, or one aspect of an object such as its grants, as pg_dump writes it."""

    name: str
    kind: str
    schema: str
    """`-` for an object that is in no schema."""
    owner: str
    """`-` for a schema (the role that migrates owns it), and for an object without an owner."""
    text: str

    @property
    def label(self) -> str:
        """The name for messages: `policy outbox_select on public.outbox`."""
        if self.kind in {"ACL", "COMMENT"}:
            kind, _, name = self.name.partition(" ")
            return f"{'grants' if self.kind == 'ACL' else 'comment'} on {kind.lower()} {self._in_schema(name)}"
        if self.kind in _PART_OF_TABLE:
            table, _, name = self.name.partition(" ")
            return f"{_PART_OF_TABLE[self.kind]} {name} on {self._in_schema(table)}"
        kind = "row-level security of" if self.kind == "ROW SECURITY" else self.kind.lower()
        return f"{kind} {self._in_schema(self.name)}"

    @property
    def subject(self) -> str:
        """The table, function, … that this entry is or belongs to. Overloads of a function have the same subject."""
        if self.kind == "INDEX" and (table := re.search(r" ON (?:ONLY )?(\S+) USING ", self.text)):
            return table[1]
        name = self.name
        if self.kind in {"ACL", "COMMENT"}:
            name = name.partition(" ")[2].rpartition(" ON ")[2]
            name = name.partition(".")[0] if self.name.startswith("COLUMN ") else name
        elif self.kind in _PART_OF_TABLE:
            name = name.partition(" ")[0]
        return self._in_schema(name.partition("(")[0])

    @property
    def is_whole(self) -> bool:
        """True for an object such as a table; False for a part of one, such as a policy or its grants."""
        return self.kind in KINDS_WITH_OWNER or self.kind == "SCHEMA"

    def _in_schema(self, name: str) -> str:
        return name if self.schema == "-" else f"{self.schema}.{name}"


@dataclass(frozen=True)
class Snapshot:
    """The managed objects, sorted so that all entries of one table are together."""

    entries: tuple[Entry, ...]

    @property
    def text(self) -> str:
        return SNAPSHOT_PREFACE + "".join(
            f"\n-- Name: {e.name}; Type: {e.kind}; Schema: {e.schema}; Owner: {e.owner}\n{e.text}\n"
            for e in self.entries
        )

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def names(self) -> list[str]:
        """The objects that have an owner (tables, views, functions, …), as `schema.name`."""
        return sorted({f"{e.schema}.{e.name.partition('(')[0]}" for e in self.entries if e.kind in KINDS_WITH_OWNER})

    @property
    def names_in_public(self) -> list[str]:
        """The objects in `public` that have an owner (tables, views, functions, …)."""
        return sorted(
            {e.name.partition("(")[0] for e in self.entries if e.schema == "public" and e.kind in KINDS_WITH_OWNER}
        )

    def parts_in_public(self) -> list[tuple[str, str]]:
        """Table and name of each index and sequence in `public`. The index of a constraint has the same name as
        the constraint."""
        tables = {e.name for e in self.entries if e.schema == "public" and e.kind == "TABLE"}
        entries = [e for e in self.entries if e.schema == "public" and e.kind in {"CONSTRAINT", "INDEX", "SEQUENCE"}]
        parts = [
            (table, e.name.rpartition(" ")[2])
            for e in entries
            for table in tables
            if e.subject == f"public.{table}" or (e.kind == "SEQUENCE" and e.name.startswith(f"{table}_"))
        ]
        return sorted(parts)

    def only_managed(self, names_in_public: Iterable[str]) -> "Snapshot":
        """The snapshot without unmanaged objects: those in `public`, and those in no schema, such as grants on a
        language."""
        managed = {f"public.{name}" for name in names_in_public}

        def is_managed(entry: Entry) -> bool:
            if entry.schema == "-":
                return entry.name.rpartition(" ")[2] in SCHEMAS
            return entry.schema != "public" or entry.subject in managed

        return Snapshot(tuple(entry for entry in self.entries if is_managed(entry)))

    def for_roles(self, roles: Collection[str]) -> "Snapshot":
        """The snapshot with only the grants to `roles`: the migrations grant to some roles only if Supabase has
        them."""
        return Snapshot(tuple(e for e in (_granted_to(roles, e) for e in self.entries) if e.text))


def read_snapshot(db_dir: Path) -> Snapshot | None:
    """The snapshot in `db/schema.sql`; None if the file does not exist."""
    path = db_dir / SNAPSHOT_FILE
    return parse_snapshot(path.read_text(encoding="utf-8")) if path.exists() else None


def parse_snapshot(text: str) -> Snapshot:
    """Parse the output of `pg_dump --schema-only`, or `Snapshot.text`."""
    text = text.partition(_DUMP_END)[0]
    headers = list(_HEADER_PATTERN.finditer(text))
    ends = [header.start() for header in headers[1:]] + [len(text)]
    entries = (
        _entry(header, text[header.end() : end])
        for header, end in zip(headers, ends, strict=True)
        if (header["name"], header["kind"]) not in BUILT_IN
    )
    return Snapshot(tuple(sorted((e for e in entries if e.text), key=lambda e: (e.subject, not e.is_whole))))


def _granted_to(roles: Collection[str], entry: Entry) -> Entry:
    """The entry with only the grants to these roles."""
    if entry.kind != "ACL":
        return entry
    lines = [line for line in entry.text.splitlines() if (to := _GRANTEE_PATTERN.search(line)) and to[1] in roles]
    return replace(entry, text="\n".join(lines))


def _entry(header: re.Match[str], text: str) -> Entry:
    kind = header["kind"]
    text = _OWNER_PATTERN.sub("", _DEFAULT_SETTINGS_PATTERN.sub("", f"\n{text}")).strip("\n")
    if kind in _NORMALIZE:
        text = _NORMALIZE[kind](text)
    owner = header["owner"] if kind in KINDS_WITH_OWNER else "-"
    entry = Entry(name=header["name"], kind=kind, schema=header["schema"], owner=owner, text=text)
    # The grants on schema `public` to other roles are unmanaged.
    return _granted_to(ROLES, entry) if entry.name == "SCHEMA public" else entry


def _sort_grants(text: str) -> str:
    """Sort the grants: pg_dump writes them in the order in which they were granted."""
    return "\n".join(sorted(text.splitlines(), key=lambda line: (not line.startswith("REVOKE"), line)))


def _sort_roles(policy: str) -> str:
    """Sort the roles of a policy: pg_dump writes them in the order in which the roles were created."""
    roles = r"(?<= TO )[\w, \"-]+?(?= USING | WITH CHECK |;)"
    return re.sub(roles, lambda match: ", ".join(sorted(match[0].split(", "))), policy, count=1)


def _normalize_columns(table: str) -> str:
    """Remove what only some versions of PostgreSQL write: the names of NOT NULL constraints (18), and `pg_attver`, a
    version number of a column (15.20)."""
    table = re.sub(r"\n+ALTER TABLE ONLY \S+ ALTER COLUMN \S+ SET \(pg_attver=\d+\);", "", table)
    table = re.sub(r"\bpg_attver=\d+, |, pg_attver=\d+\b", "", table)
    return re.sub(r' CONSTRAINT (?:\w+|"[^"]+") NOT NULL', " NOT NULL", table)


def _digest_body(function: str) -> str:
    """Replace the body by its digest: a different body has a different digest. The body is in the file of the
    function."""
    return _FUNCTION_BODY_PATTERN.sub(
        lambda match: f"\n    AS sha256 {hashlib.sha256(match['body'].encode()).hexdigest()};", function
    )


def _unqualify_columns(view: str) -> str:
    """Remove the table names that PostgreSQL 15 writes before columns even if the view has only one table."""
    tables = re.findall(r"\b(?:FROM|JOIN) \(*([\w.]+)(?: (\w+))?", view)
    if len(tables) != 1:
        return view
    [(table, alias)] = tables
    return re.sub(rf"(?<![\w.]){alias or table.rpartition('.')[2]}\.", "", view)


_NORMALIZE: dict[str, Callable[[str], str]] = {
    "ACL": _sort_grants,
    "FUNCTION": _digest_body,
    "POLICY": _sort_roles,
    "TABLE": _normalize_columns,
    "VIEW": _unqualify_columns,
}
