"""From files to rows: find the items, read them, and add what they name but no file has."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from types import ModuleType

from control_plane.apps.rca.importer import (
    entities,
    exceptions,
    identity,
    knowledge,
    labels,
    lineage,
    metrics,
    rules,
    tables,
    time_rules,
)
from control_plane.apps.rca.importer.derive import derive_parents
from control_plane.apps.rca.importer.documents import parse
from control_plane.apps.rca.importer.items import Rejected, find_items
from control_plane.apps.rca.values import Normalised, Place, Row, SourceFile
from services.errors import InvalidInput

READERS: Mapping[str, ModuleType] = {
    "entities.json": entities, "tables.json": tables, "metrics.json": metrics, "rules.json": rules,
    "lineage.json": lineage, "business_labels.json": labels, "time.json": time_rules, "identity.json": identity,
    "exceptions.json": exceptions, "knowledge_base.json": knowledge,
}  # fmt: skip
"""The module that reads each file: it has `SECTIONS` and `read`."""
TYPED = {"lineage.json", "business_labels.json", "identity.json"}
"""Files whose items name their type in `type`."""
WITHOUT_KEY = {"lineage_edges", "business_labels", "time_rules", "identity_mappings"}
"""Kinds that may have several equal rows."""
MAX_SOURCE_BYTES = 1024 * 1024


def normalise(files: Sequence[SourceFile]) -> Normalised:
    """The rows of a metadata set. Raises InvalidInput if a file is no JSON; it names every such file."""
    found = Normalised()
    problems: list[tuple[str, str]] = []
    rows: list[Row] = []
    for file in files:
        try:
            document = parse(file)
        except InvalidInput as exc:
            problems += exc.problems
            continue
        reader = READERS[file.path]
        for item in find_items(document, reader.SECTIONS, found.rejected, is_typed=file.path in TYPED):
            try:
                read = reader.read(item)
                _check_size(read)
            except Rejected as exc:
                found.rejected.append(Place(file=item.file, path=exc.path, text=exc.problem))
            else:
                rows += read
        found.notes += document.notes
    if problems:
        raise InvalidInput(*problems[0], *problems[1:])
    found.rows = _without_duplicates(rows, found)
    found.rows += derive_parents(found.rows, found.notes)
    return found


def fingerprints(rows: Iterable[Row]) -> dict[str, str]:
    """A hash of each row, by kind and key."""
    return {
        f"{row.kind} {row.key}": hashlib.sha256(
            json.dumps([row.values, row.source], sort_keys=True).encode()
        ).hexdigest()[:32]
        for row in rows
    }


def _check_size(rows: Iterable[Row]) -> None:
    for row in rows:
        size = max(len(json.dumps(each, ensure_ascii=False).encode()) for each in (row.source, *row.values.values()))
        if size > MAX_SOURCE_BYTES:
            text = f"is {size:,} bytes as JSON; at most {MAX_SOURCE_BYTES:,} fit; make it shorter"
            raise Rejected(str(row.path), text)


def _without_duplicates(rows: Iterable[Row], found: Normalised) -> list[Row]:
    """The rows without second ones of the same key, which are noted if they are equal, and else rejected. The keys of
    rows that may occur several times get a number."""
    first: dict[tuple[str, str], Row] = {}
    for row in rows:
        place = (row.kind, row.key)
        if place not in first:
            first[place] = row
        elif row.kind in WITHOUT_KEY:
            first[_next_place(first, row)] = row
        elif row.values == first[place].values:
            text = f"is the same as {first[place].path}; it was stored once"
            found.notes.append(Place(file=str(row.file), path=str(row.path), text=text))
        else:
            text = f"{row.key} is already defined otherwise at {first[place].path}; remove one, or give it another name"
            found.rejected.append(Place(file=str(row.file), path=str(row.path), text=text))
    return [replace(row, key=key) for (_, key), row in first.items()]


def _next_place(taken: Mapping[tuple[str, str], Row], row: Row) -> tuple[str, str]:
    numbers = (f"{row.key} #{number}" for number in count(2))
    return row.kind, next(key for key in numbers if (row.kind, key) not in taken)
