"""Read the tables of docs/reference/roles.md, and write results in the same letters, so that tests can compare them."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from urllib.parse import quote

from psycopg import sql

from services.database.connect import connect
from tests.db.tenancy.access import CALLERS, Caller, Reach
from tests.db.tenancy.rights import Right
from tests.db.tenancy.tables import A, B, Table
from tests.docs.pages import DOCS, section, table

PAGE = DOCS / "reference" / "roles.md"
NOTHING = "–"
LETTERS = {"read": "r", "insert": "i", "update": "u", "delete": "d"}
WORDS = {"r": "select", "i": "insert", "u": "update", "d": "delete"}


@cache
def cells() -> dict[tuple[str, str], str]:
    """The cells of the page, by database table and column of the page."""
    found: dict[tuple[str, str], str] = {}
    for schema in re.findall(r"^### Schema (\w+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE):
        head = next(line for line in section(PAGE, f"Schema {schema}").splitlines() if line.startswith("|"))
        columns = [part.strip().strip("`") for part in head.strip("|").split("|")][1:]
        for name, *row in table(PAGE, f"Schema {schema}"):
            found |= {(f"{schema}.{name}", column): cell for column, cell in zip(columns, row, strict=True)}
    return found


@cache
def closed_schemas() -> frozenset[str]:
    """The schemas in which no caller may access a table."""
    return frozenset(row[0] for row in table(PAGE, "Closed schemas"))


def documented_cell(found: Table, column: str) -> str | None:
    """The cell of the page for a table; None if the page has no row for it."""
    return NOTHING if found.schema in closed_schemas() else cells().get((str(found), column))


@cache
def some_columns() -> dict[tuple[str, str], tuple[str, ...]]:
    """The columns that `u*` stands for, by table and role."""
    return {(name, role): tuple(columns.split(", ")) for name, role, columns in table(PAGE, "Some columns")}


def documented_rights(found: Table) -> set[Right]:
    """The rights that the letters in the cells of a table stand for."""
    return {
        (caller.role, WORDS[letter], thing)
        for caller in CALLERS
        for letter, star in re.findall(r"([riud])(\*?)(?=[riud*]* )", documented_cell(found, caller.column) or "")
        for thing in (
            [f"{found}({column})" for column in some_columns()[str(found), caller.role]]
            if star
            else _things(found, caller, letter)
        )
    }


def _things(found: Table, caller: Caller, letter: str) -> list[str]:
    """The objects of a right: tenants read named columns, so that they cannot read system columns."""
    if (caller.role, letter) == ("authenticated", "r") and not found.is_view:
        return [f"{found}({column})" for column in found.columns]
    return [str(found)]


def as_cell(caller: Caller, found: Mapping[str, Reach | None]) -> str:
    """The results for a caller, in the letters of the page."""
    by_scope: dict[str, str] = {}
    for verb, letter in LETTERS.items():
        reached = found[verb]
        if reached is not None:
            scope = _whose(caller, reached.tenants)
            by_scope[scope] = by_scope.get(scope, "") + letter + ("*" if reached.columns else "")
    parts = [f"{letters} {scope}" for scope, letters in by_scope.items()]
    moved = found["move"]
    if bool(moved and moved.tenants) != ("u" in by_scope.get("all", "")):
        parts.append("moves rows" if moved and moved.tenants else "moves no row")
    return ", ".join(parts) or NOTHING


def _whose(caller: Caller, tenants: frozenset[str]) -> str:
    if not tenants:
        return "none"
    if tenants == {A, B}:
        return "all"
    return "own" if tenants == {caller.own} else "another's"


def listed(heading: str) -> dict[str, set[str]]:
    """A table of two columns, the second one a list."""
    return {name: set(listed.split(", ")) - {"nobody"} for name, listed in table(PAGE, heading)}


@contextmanager
def login(url: str, name: str) -> Iterator[str]:
    """Create a login for the block, as the page describes. Yields its URL."""
    text = PAGE.read_text(encoding="utf-8")
    [(statement, password)] = re.findall(
        rf"^(create role {name} login password '([^']+)' in role \w+;)$", text, re.MULTILINE
    )
    with connect(url) as connection:
        connection.execute(statement.encode())
        try:
            yield re.sub(r"//.*@", f"//{name}:{quote(password)}@", url)
        finally:
            connection.execute(sql.SQL("drop role {}").format(sql.Identifier(name)))
