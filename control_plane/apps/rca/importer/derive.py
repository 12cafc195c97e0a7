"""Add the entities, metrics and tables that rows name but no file has."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from control_plane.apps.rca.importer.tables import UNKNOWN_SYSTEM
from control_plane.apps.rca.values import Place, Row

PARENTS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "entities": {
        "tables": ("entity_id",), "rules": ("target_entity_id",), "business_labels": ("entity_id",),
        "identity_mappings": ("entity_id",),
    },
    "metrics": {"rules": ("metric_id",), "business_labels": ("metric_id",)},
    "tables": {
        "lineage_edges": ("from_table", "to_table"), "time_rules": ("table_name",), "exceptions": ("table_name",),
        "knowledge_table_mappings": ("table_name",),
    },
}  # fmt: skip
"""For each kind of parent: the columns of other kinds that name one."""


def derive_parents(rows: Sequence[Row], notes: list[Place]) -> list[Row]:
    """A row for each missing parent. Notes exceptions that apply to something that does not exist."""
    known = {kind: {row.values[_name_column(kind)] for row in rows if row.kind == kind} for kind in PARENTS}
    derived: list[Row] = []
    for parent, naming in PARENTS.items():
        derived += [_parent(parent, name) for name in sorted(set(_named(rows, naming)) - known[parent])]
    rules = {row.values["id"] for row in rows if row.kind == "rules"}
    for row in rows:
        if row.kind == "exceptions":
            for name in row.values["applies_to"] or ():
                if isinstance(name, str) and name not in rules | known["tables"] | known["metrics"] | known["entities"]:
                    text = f"applies to {name}, which this set does not have"
                    notes.append(Place(file=str(row.file), path=str(row.path), text=text))
    return derived


def _named(rows: Sequence[Row], naming: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for row in rows:
        for column in naming.get(row.kind, ()):
            if row.values[column] is not None:
                yield row.values[column]


def _parent(kind: str, name: str) -> Row:
    values: dict[str, Any]
    if kind == "tables":
        values = {"name": name, "system": UNKNOWN_SYSTEM, "is_derived": True}
        return Row(kind=kind, key=f"{UNKNOWN_SYSTEM}.{name}", values=values)
    return Row(kind=kind, key=name, values={"id": name, "name": name, "is_derived": True})


def _name_column(kind: str) -> str:
    return "name" if kind == "tables" else "id"
