"""`tables.json`: the tables of the systems, and their columns."""

from typing import Any

from control_plane.apps.rca.importer.fields import Fields, fields_of
from control_plane.apps.rca.importer.items import Item, Rejected
from control_plane.apps.rca.values import Row

SECTIONS = {"tables": "table"}
UNKNOWN_SYSTEM = "unknown"
"""The system of a table for which no file names one."""


def read(item: Item) -> list[Row]:
    """The row of a table."""
    fields = fields_of(item, name_as="name")
    name = fields.needed_key("name", "table", "table_name")
    system = fields.key("system", "system_id") or UNKNOWN_SYSTEM
    columns = fields.many("columns")
    values = {
        "name": name, "system": system, "entity_id": fields.key("entity", "entity_id"),
        "primary_key": fields.many("primary_key"), "time_column": fields.text("time_column"),
        "path": fields.text("path"), "labels": fields.many("labels"),
        "columns": columns and [_column(f"{item.path}.columns[{at}]", each) for at, each in enumerate(columns)],
    }  # fmt: skip
    return [
        Row(kind="tables", key=f"{system}.{name}", values=values, file=item.file, path=item.path, source=item.value)
    ]


def _column(path: str, value: Any) -> dict[str, Any]:
    """A column as {name, type, …}. The file has its name only, or its type as `type` or `data_type`."""
    if isinstance(value, str):
        return {"name": value}
    fields = Fields(path, value)
    name = fields.text("name", "column", "column_name")
    if not name:
        raise Rejected(path, "has no name; add it")
    kind = fields.text("data_type", "type")
    return {**(fields.others() or {}), "name": name, **({"type": kind} if kind else {})}
