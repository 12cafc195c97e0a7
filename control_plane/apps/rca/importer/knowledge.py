"""`knowledge_base.json`: what words mean, and what is known of tables and of how they belong together."""

from typing import Any

from control_plane.apps.rca.importer.documents import Object, member
from control_plane.apps.rca.importer.fields import Fields, fields_of, join_keys
from control_plane.apps.rca.importer.items import Item, Rejected
from control_plane.apps.rca.values import Row

SECTIONS = {"terms": "term", "tables": "table", "relationships": "relationship"}
CATEGORIES = ("business", "technical", "domain")


def read(item: Item) -> list[Row]:
    """The rows of a term with its tables, or of a note."""
    return _read_term(item) if item.type == "term" else _read_note(item)


def _read_term(item: Item) -> list[Row]:
    fields = fields_of(item, text_as="definition", name_as="term")
    if isinstance(item.value, str) and item.name is not None:
        fields = Fields(item.path, _named(item.name, item.value))
    term = fields.needed_key("term", "name")
    category = fields.text("category")
    if category is not None and category not in CATEGORIES:
        raise Rejected(member(item.path, "category"), f"must be {', '.join(CATEGORIES)}, or left out")
    values = {
        "term": term, "definition": fields.text("definition"), "category": category, "aliases": fields.many("aliases"),
        "business_meaning": fields.text("business_meaning"), "filters": fields.raw("filters", "filter"),
        "valid_values": fields.raw("valid_values"), "use_cases": fields.raw("use_cases"),
    }  # fmt: skip
    rows = [Row(kind="knowledge_terms", key=term, values=values, file=item.file, path=item.path, source=item.value)]
    tables = fields.many("related_tables") or []
    for at, table in enumerate(tables):
        path = f"{member(item.path, 'related_tables')}[{at}]"
        if not isinstance(table, str) or not 1 <= len(table) <= 255:
            raise Rejected(path, "must be the name of a table")
        if table not in tables[:at]:
            names = {"term": term, "table_name": table}
            kind, key = "knowledge_table_mappings", f"{term} {table}"
            rows.append(Row(kind=kind, key=key, values=names, file=item.file, path=path, source=table))
    return rows


def _read_note(item: Item) -> list[Row]:
    fields = fields_of(item, text_as="description", name_as="name")
    name = item.name or fields.needed_key("name", "table")
    values: dict[str, Any] = {
        "kind": item.type, "name": name, "relationship": None, "join_keys": None,
        "details": dict(fields.value),
    }  # fmt: skip
    if item.type == "relationship":
        values |= {
            "relationship": fields.text("relationship"), "join_keys": join_keys(fields, "join_key", "join_keys", "keys")
        }  # fmt: skip
    key = f"{item.type} {name}"
    return [Row(kind="knowledge_notes", key=key, values=values, file=item.file, path=item.path, source=item.value)]


def _named(term: str, definition: str) -> Object:
    made = Object()
    made.update(term=term, definition=definition)
    return made
