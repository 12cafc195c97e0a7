"""Metadata as it is imported: rows of the tables of schema rca, and what a person should know about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file of a metadata set."""

    path: str
    content: str
    """The text, unchanged. A byte order mark at its start is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in a file, and what is to say about it."""

    file: str
    path: str
    """A JSON path, such as `$.rules[3].formula`. The second value of a repeated key is `$.rules#2`."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row to be stored."""

    kind: str
    """The table of schema rca."""
    key: str
    """The name of the row within its kind."""
    values: Mapping[str, Any]
    """The columns that depend on the kind."""
    file: str | None = None
    """Null: the row is derived."""
    path: str | None = None
    source: Any = None
    """The item of the file."""


@dataclass(slots=True, kw_only=True)
class Normalised:
    """What was read from the files of a set."""

    rows: list[Row] = field(default_factory=list)
    rejected: list[Place] = field(default_factory=list)
    """Items that cannot be stored, with the reason."""
    notes: list[Place] = field(default_factory=list)
    """Other things that a person should know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What an import changed, or would change."""

    version: int
    """The version of the set after the import; 0: there is none."""
    is_changed: bool
    added: list[str]
    """Rows that the version before did not have, as `kind key`."""
    removed: list[str]
    changed: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """The result of an import."""

    set_name: str
    is_dry_run: bool
    stored: Stored
    counts: Mapping[str, int]
    """How many rows of each kind the set has."""
    derived: list[str]
    """Rows that no file has, but other rows name."""
    rejected: list[Place]
    notes: list[Place]


@dataclass(frozen=True, slots=True, kw_only=True)
class MetadataSet:
    """A stored set."""

    name: str
    version: int
    imported_at: datetime
    imported_by: str
    counts: Mapping[str, int]
    files_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowSource:
    """Where a stored row comes from."""

    kind: str
    file: str
    source_path: str
    source: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A term that a search found."""

    term: str
    aliases: list[Any]
    definition: str | None
