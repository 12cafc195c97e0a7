"""`metrics.json`: the measured quantities."""

from control_plane.apps.rca.importer.fields import fields_of
from control_plane.apps.rca.importer.items import Item
from control_plane.apps.rca.values import Row

SECTIONS = {"metrics": "metric"}


def read(item: Item) -> list[Row]:
    """The row of a metric. Without an id, its name is the id."""
    fields = fields_of(item)
    key = fields.needed_key("id", "name")
    values = {
        "id": key, "name": fields.text("name") or key, "description": fields.text("description"),
        "grain": fields.many("grain"), "precision": fields.integer("precision"),
        "null_policy": fields.text("null_policy"), "unit": fields.text("unit"), "versions": fields.raw("versions"),
        "aliases": fields.many("aliases"),
    }  # fmt: skip
    return [Row(kind="metrics", key=key, values=values, file=item.file, path=item.path, source=item.value)]
