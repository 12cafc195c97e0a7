"""`rules.json`: how each system computes each metric. A system may have several rules for one metric, by filter."""

from control_plane.apps.rca.importer.fields import fields_of
from control_plane.apps.rca.importer.items import Item
from control_plane.apps.rca.importer.tables import UNKNOWN_SYSTEM
from control_plane.apps.rca.values import Row

SECTIONS = {"rules": "rule"}


def read(item: Item) -> list[Row]:
    """The row of a rule. The fields of its computation may also be fields of the rule itself."""
    rule = fields_of(item)
    key = rule.needed_key("id", "name")
    computation = rule.inner("computation")
    values = {
        "id": key, "system": rule.key("system", "system_id") or UNKNOWN_SYSTEM,
        "metric_id": rule.key("metric", "metric_id"), "target_entity_id": rule.key("target_entity", "target_entity_id"),
        "target_grain": rule.raw("target_grain"), "labels": rule.many("labels"),
        "description": computation.text("description") or rule.text("description"),
        "note": computation.text("note") or rule.text("note"),
        "formula": computation.text("formula") or rule.text("formula"),
        "source_table": computation.text("source_table") or rule.text("source_table"),
    }  # fmt: skip
    for name in ("source_entities", "aggregation_grain", "filter_conditions", "attributes_needed"):
        found = computation.raw(name)
        values[name] = rule.raw(name) if found is None else found
    return [Row(kind="rules", key=key, values=values, file=item.file, path=item.path, source=item.value)]
