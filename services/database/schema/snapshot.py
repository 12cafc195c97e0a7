"""What a database holds of ours, as text that can be read and compared.

`db/schema.sql` is one: what the migrations and functions give. `pg_dump` makes the other from a live database; both
are parsed by the headers pg_dump writes above each object, and brought to one form whatever the server's version.

Ours is everything in the schemas we made, and in `public` what `db/schema.sql` names: on a hosted project people have
tables of their own there.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

SCHEMAS = ("app_private", "autopilot", "drafts", "public", "rca", "worker_api")
ROLES = ("app_owner", "app_ro", "app_rw", "outbox_worker", "workflow_rw")
FROM_THE_START = {("public", "SCHEMA"), ("SCHEMA public", "COMMENT")}
"""Every database has them."""
FILE = "schema.sql"
PREFACE = """\
-- What the migrations and functions give, to read and to compare with; it is not meant to be run. Functions have the
-- sha256 of what pg_dump writes after AS; their text is in db/functions and db/migrations. Written by
-- `python -m control_plane db snapshot`: change a migration or a function instead, and run that again.
"""

_HEADER = re.compile(
    r"^(?:--\n)?"
    r"-- Name: (?P<name>.+); Type: (?P<kind>[A-Z ]+); Schema: (?P<schema>.+); Owner: (?P<owner>.*)\n"
    r"(?:--\n)?",
    re.MULTILINE,
)
_END = "\n--\n-- PostgreSQL database dump complete"
_NOISE = re.compile(r"(?:\n+SET default_\w+ = [^\n]*;)+\s*\Z")
_GRANTEE = re.compile(r" (?:TO|FROM) (\w+)(?: WITH GRANT OPTION)?;$")
_BODY = re.compile(r"\n    AS (?!sha256 [0-9a-f]{64};\Z)(?P<body>.*)\Z", re.DOTALL)
_OWNER = re.compile(r"\n+ALTER [^\n]+ OWNER TO [^\n]+;\s*\Z")

OWNED = {"AGGREGATE", "DOMAIN", "FUNCTION", "MATERIALIZED VIEW", "PROCEDURE", "SEQUENCE", "TABLE", "TYPE", "VIEW"}
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
    """One object, or one facet of it such as its grants, as pg_dump tells of it."""

    name: str
    kind: str
    schema: str
    """`-` for what is in no schema."""
    owner: str
    """`-` for what has no owner of its own, and for schemas, which stay with whoever migrated."""
    text: str

    @property
    def label(self) -> str:
        """What a person calls it: `policy outbox_select on public.outbox`."""
        if self.kind in {"ACL", "COMMENT"}:
            thing, _, name = self.name.partition(" ")
            return f"{'grants' if self.kind == 'ACL' else 'comment'} on {thing.lower()} {self._in_schema(name)}"
        if self.kind in _PART_OF_TABLE:
            table, _, name = self.name.partition(" ")
            return f"{_PART_OF_TABLE[self.kind]} {name} on {self._in_schema(table)}"
        kind = "row-level security of" if self.kind == "ROW SECURITY" else self.kind.lower()
        return f"{kind} {self._in_schema(self.name)}"

    @property
    def subject(self) -> str:
        """The table, function, … that it is or belongs to; overloads of a function share one."""
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
        return self.kind in OWNED or self.kind == "SCHEMA"

    def _in_schema(self, name: str) -> str:
        return name if self.schema == "-" else f"{self.schema}.{name}"


@dataclass(frozen=True)
class Snapshot:
    """Everything of ours, sorted, with all that belongs to one table together."""

    entries: tuple[Entry, ...]

    @property
    def text(self) -> str:
        return PREFACE + "".join(
            f"\n-- Name: {e.name}; Type: {e.kind}; Schema: {e.schema}; Owner: {e.owner}\n{e.text}\n"
            for e in self.entries
        )

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def names(self) -> list[str]:
        """Tables, views, functions, … of ours, as `schema.name`."""
        return sorted({f"{e.schema}.{e.name.partition('(')[0]}" for e in self.entries if e.kind in OWNED})

    @property
    def names_in_public(self) -> list[str]:
        """Tables, views, functions, … in `public` that are ours."""
        return sorted({e.name.partition("(")[0] for e in self.entries if e.schema == "public" and e.kind in OWNED})

    def parts_in_public(self) -> list[tuple[str, str]]:
        """Table and name of each index and sequence in `public`; a constraint's index bears the constraint's name."""
        tables = {e.name for e in self.entries if e.schema == "public" and e.kind == "TABLE"}
        parts = [e for e in self.entries if e.schema == "public" and e.kind in {"CONSTRAINT", "INDEX", "SEQUENCE"}]
        found = [
            (table, e.name.rpartition(" ")[2])
            for e in parts
            for table in tables
            if e.subject == f"public.{table}" or (e.kind == "SEQUENCE" and e.name.startswith(f"{table}_"))
        ]
        return sorted(found)

    def without_strangers(self, names_in_public: Iterable[str]) -> "Snapshot":
        """Leave out what other people have in `public`, and beside all schemas, such as grants on a language."""
        ours = {f"public.{name}" for name in names_in_public}

        def is_ours(entry: Entry) -> bool:
            if entry.schema == "-":
                return entry.name.rpartition(" ")[2] in SCHEMAS
            return entry.schema != "public" or entry.subject in ours

        return Snapshot(tuple(entry for entry in self.entries if is_ours(entry)))

    def for_roles(self, roles: Collection[str]) -> "Snapshot":
        """Leave out grants to roles that a server lacks: some are made only where Supabase has the role."""
        return Snapshot(tuple(e for e in (_granted_to(roles, e) for e in self.entries) if e.text))


def read_snapshot(db_dir: Path) -> Snapshot | None:
    """`db/schema.sql`, if there is one."""
    path = db_dir / FILE
    return parse(path.read_text(encoding="utf-8")) if path.exists() else None


def parse(text: str) -> Snapshot:
    """Read what `pg_dump --schema-only` or `Snapshot.text` says."""
    text = text.partition(_END)[0]
    headers = list(_HEADER.finditer(text))
    ends = [header.start() for header in headers[1:]] + [len(text)]
    entries = (
        _entry(header, text[header.end() : end])
        for header, end in zip(headers, ends, strict=True)
        if (header["name"], header["kind"]) not in FROM_THE_START
    )
    return Snapshot(tuple(sorted((e for e in entries if e.text), key=lambda e: (e.subject, not e.is_whole))))


def _granted_to(roles: Collection[str], entry: Entry) -> Entry:
    if entry.kind != "ACL":
        return entry
    lines = [line for line in entry.text.splitlines() if (to := _GRANTEE.search(line)) and to[1] in roles]
    return replace(entry, text="\n".join(lines))


def _entry(header: re.Match[str], text: str) -> Entry:
    kind = header["kind"]
    text = _OWNER.sub("", _NOISE.sub("", f"\n{text}")).strip("\n")
    if kind in _ONE_FORM:
        text = _ONE_FORM[kind](text)
    owner = header["owner"] if kind in OWNED else "-"
    entry = Entry(name=header["name"], kind=kind, schema=header["schema"], owner=owner, text=text)
    # others have rights on `public` too, which are none of ours to judge
    return _granted_to(ROLES, entry) if entry.name == "SCHEMA public" else entry


def _sorted_grants(text: str) -> str:
    """The catalog keeps them in the order they were given."""
    return "\n".join(sorted(text.splitlines(), key=lambda line: (not line.startswith("REVOKE"), line)))


def _sorted_roles(policy: str) -> str:
    """The catalog keeps them in the order the roles were made."""
    roles = r"(?<= TO )[\w, \"-]+?(?= USING | WITH CHECK |;)"
    return re.sub(roles, lambda found: ", ".join(sorted(found[0].split(", "))), policy, count=1)


def _plain_columns(table: str) -> str:
    """PostgreSQL 18 gives NOT NULL a name, and says it where it is not the usual one; 15.20 numbers column versions."""
    table = re.sub(r"\n+ALTER TABLE ONLY \S+ ALTER COLUMN \S+ SET \(pg_attver=\d+\);", "", table)
    table = re.sub(r"\bpg_attver=\d+, |, pg_attver=\d+\b", "", table)
    return re.sub(r' CONSTRAINT (?:\w+|"[^"]+") NOT NULL', " NOT NULL", table)


def _digested(function: str) -> str:
    """The body's text is in the function's file already; its digest tells whether it is another."""
    return _BODY.sub(lambda found: f"\n    AS sha256 {hashlib.sha256(found['body'].encode()).hexdigest()};", function)


def _unqualified(view: str) -> str:
    """Before PostgreSQL 16 columns bear the table's name even where there is but one table."""
    tables = re.findall(r"\b(?:FROM|JOIN) \(*([\w.]+)(?: (\w+))?", view)
    if len(tables) != 1:
        return view
    [(table, alias)] = tables
    return re.sub(rf"(?<![\w.]){alias or table.rpartition('.')[2]}\.", "", view)


_ONE_FORM: dict[str, Callable[[str], str]] = {
    "ACL": _sorted_grants,
    "FUNCTION": _digested,
    "POLICY": _sorted_roles,
    "TABLE": _plain_columns,
    "VIEW": _unqualified,
}
