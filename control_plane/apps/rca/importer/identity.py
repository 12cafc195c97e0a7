"""`identity.json`: the keys of entities, and how the keys of one system map to those of another."""

from control_plane.apps.rca.importer.documents import member
from control_plane.apps.rca.importer.fields import Fields, fields_of
from control_plane.apps.rca.importer.items import Item
from control_plane.apps.rca.values import Row

SECTIONS = {"canonical_keys": "canonical_key", "key_mappings": "key_mapping"}


def read(item: Item) -> list[Row]:
    """The row of a canonical key or of a mapping between keys."""
    fields = fields_of(item, text_as="canonical_key", name_as="entity")
    from_system, from_key = _side(fields, "from")
    to_system, to_key = _side(fields, "to")
    entity = fields.key("entity", "entity_id")
    canonical = fields.text("canonical_key", "key")
    values = {
        "mapping_kind": item.type, "entity_id": entity, "canonical_key": canonical,
        "from_system": from_system, "from_key": from_key, "to_system": to_system, "to_key": to_key,
        "system": fields.text("system"), "key_name": fields.text("key_name"),
        "mapping_table": fields.text("mapping_table"), "mapping_type": fields.text("mapping_type"),
        "confidence": fields.text("confidence"), "details": fields.others("type"),
    }  # fmt: skip
    key = " ".join(each for each in (item.type, entity, canonical, from_system, from_key, to_system, to_key) if each)
    return [Row(kind="identity_mappings", key=key, values=values, file=item.file, path=item.path, source=item.value)]


def _side(fields: Fields, side: str) -> tuple[str | None, str | None]:
    """System and key of one side. The file has `from: {system, key}`, `from: key`, or `from_system` and `from_key`."""
    if isinstance(fields.raw(side), dict):
        inner = Fields(member(fields.path, side), fields.raw(side))
        return inner.text("system"), inner.text("key", "column")
    return fields.text(f"{side}_system"), fields.text(f"{side}_key", f"{side}_column", side)
