"""`lineage.json`: how tables join, and how they possibly join."""

from control_plane.apps.rca.importer.fields import fields_of, join_keys
from control_plane.apps.rca.importer.items import Item
from control_plane.apps.rca.values import Row

SECTIONS = {"edges": "edge", "lineage": "edge", "possible_joins": "possible_join"}


def read(item: Item) -> list[Row]:
    """The row of an edge."""
    fields = fields_of(item)
    left = fields.needed_key("from", "from_table", "left", "left_table")
    right = fields.needed_key("to", "to_table", "right", "right_table")
    keys = join_keys(fields, "keys", "join_keys")
    values = {
        "edge_kind": item.type, "from_table": left, "to_table": right, "join_keys": keys,
        "keys": None if keys is None else {each["left"]: each["right"] for each in keys},
        "relationship": fields.text("relationship"), "join_type": fields.text("join_type"),
    }  # fmt: skip
    key = f"{item.type} {left} to {right}"
    return [Row(kind="lineage_edges", key=key, values=values, file=item.file, path=item.path, source=item.value)]
