"""`business_labels.json`: people's words for systems, metrics, entities and kinds of reconciliation."""

from control_plane.apps.rca.importer.fields import fields_of
from control_plane.apps.rca.importer.items import Item
from control_plane.apps.rca.values import Row

SECTIONS = {
    "labels": "label", "systems": "system", "metrics": "metric", "entities": "entity",
    "reconciliation_types": "reconciliation_type",
}  # fmt: skip


def read(item: Item) -> list[Row]:
    """The row of a label."""
    fields = fields_of(item, text_as="label", list_as="aliases", name_as="label")
    references = {
        "system_id": fields.key("system_id", "system"), "metric_id": fields.key("metric_id", "metric"),
        "entity_id": fields.key("entity_id", "entity"),
    }  # fmt: skip
    own_id = fields.key("id")
    if own_id is not None and (column := f"{item.type}_id") in references:
        references[column] = references[column] or own_id
    named = next((each for each in references.values() if each is not None), own_id)
    label = fields.key("label", "name") or (named if named is not None else fields.needed_key("label", "name"))
    values = {"label_type": item.type, "label": label, "aliases": fields.many("aliases"), **references}
    key = f"{item.type} {label}"
    return [Row(kind="business_labels", key=key, values=values, file=item.file, path=item.path, source=item.value)]
