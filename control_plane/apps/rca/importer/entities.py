"""`entities.json`: the kinds of things that rows describe."""

from control_plane.apps.rca.importer.fields import fields_of
from control_plane.apps.rca.importer.items import Item
from control_plane.apps.rca.values import Row

SECTIONS = {"entities": "entity"}


def read(item: Item) -> list[Row]:
    """The row of an entity. Without an id, its name is the id."""
    fields = fields_of(item)
    key = fields.needed_key("id", "name")
    values = {
        "id": key, "name": fields.text("name") or key, "description": fields.text("description"),
        "grain": fields.many("grain"), "attributes": fields.many("attributes"),
        "canonical_columns": fields.raw("canonical_columns"),
    }  # fmt: skip
    return [Row(kind="entities", key=key, values=values, file=item.file, path=item.path, source=item.value)]
