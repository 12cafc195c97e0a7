"""`exceptions.json`: known differences, and policies for all differences of a kind."""

from control_plane.apps.rca.importer.fields import fields_of
from control_plane.apps.rca.importer.items import Item
from control_plane.apps.rca.values import Row

SECTIONS = {"exceptions": "exception", "known_exceptions": "exception", "exception_policies": "policy"}


def read(item: Item) -> list[Row]:
    """The row of an exception or policy. Without an id and a name, its place is the id."""
    fields = fields_of(item, text_as="tolerance")
    key = fields.key("id", "name") or item.path.removeprefix("$").removeprefix(".")
    condition = fields.raw("condition", "filter", "filter_condition")
    values = {
        "id": key, "exception_kind": item.type, "description": fields.text("description"),
        "table_name": fields.key("table", "table_name"), "applies_to": fields.many("applies_to"),
        "override_fields": fields.raw("override", "overrides", "override_fields"),
        "filter_condition": condition if isinstance(condition, str) else None,
    }  # fmt: skip
    tolerance = fields.raw("tolerance")
    values["tolerance"] = tolerance if isinstance(tolerance, str) else None
    details = fields.others("type") or {}
    details |= {
        name: value
        for name, value in (("condition", condition), ("tolerance", tolerance))
        if value is not None and not isinstance(value, str)
    }
    values["details"] = details or None
    return [Row(kind="exceptions", key=key, values=values, file=item.file, path=item.path, source=item.value)]
