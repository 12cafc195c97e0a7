"""`time.json`: which rows count for a day, how late rows may arrive, and how the days of two systems are aligned."""

from control_plane.apps.rca.importer.fields import fields_of
from control_plane.apps.rca.importer.items import Item
from control_plane.apps.rca.values import Row

SECTIONS = {
    "as_of_rules": "as_of", "lateness_rules": "lateness", "date_alignment": "date_alignment",
    "date_alignment_rules": "date_alignment", "date_alignments": "date_alignment",
}  # fmt: skip


def read(item: Item) -> list[Row]:
    """The row of a time rule."""
    fields = fields_of(item, text_as="description", name_as="table")
    table = fields.key("table", "table_name")
    values = {
        "rule_type": item.type, "table_name": table, "as_of_column": fields.text("as_of_column", "column"),
        "default_value": fields.text("default", "default_value"), "action": fields.text("action"),
        "max_lateness_days": fields.integer("max_lateness_days"), "details": fields.others("type"),
    }  # fmt: skip
    key = f"{item.type} {table or 'all tables'}"
    return [Row(kind="time_rules", key=key, values=values, file=item.file, path=item.path, source=item.value)]
