"""Each field of the definition of a tool is part of its hash, or is listed here as one that nothing uses."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from composio_client.types.tool_list_response import Item as ComposioItem
from hypothesis import given
from hypothesis import strategies as st
from mcp.types import Tool as McpTool
from mcp.types import ToolAnnotations, ToolExecution

from services.catalog import ListedTool
from services.catalog.definition import read_listing
from services.catalog.schema_order import sort_schema_sets
from services.tools.amqp import AmqpTool
from services.tools.amqp import provider as amqp
from services.tools.composio import answers as composio_answers
from services.tools.http import provider as http
from services.tools.mcp import provider as mcp

SCHEMA: dict[str, Any] = {
    "type": ["object", "null"],
    "properties": {
        "path": {"type": "string", "description": "Where.", "enum": ["b", "a", 1]},
        "required": {"type": "string", "default": {"required": ["b", "a"]}},
        "either": {"anyOf": [{"type": "string"}, {"type": ["integer", "null"], "examples": [2, 1]}]},
    },
    "patternProperties": {"^x": {"items": {"required": ["d", "c"]}}},
    "dependentRequired": {"path": ["either", "required"]},
    "required": ["path", "either"],
    "$defs": {"token": {"type": "string", "format": "password"}},
    "x-note": ["b", "a"],
}
MANIFEST = httpx.URL("https://tools.example/manifest.json")


@dataclass(frozen=True)
class Provider:
    """How a definition of one provider becomes a listed tool."""

    name: str
    says: dict[str, Any]
    """Every field that the definition may have, with a value."""
    read: Callable[[dict[str, Any]], ListedTool]
    fields: frozenset[str]
    left_out: frozenset[str]
    """Fields that nothing uses, or that the operator's settings determine: another value is no drift."""

    def hash_of(self, document: dict[str, Any]) -> str:
        listing = read_listing([self.read(document)], provider="mcp", source="files", rules={})
        assert not listing.refused
        return listing.rows[0].schema_hash


def _mcp(document: dict[str, Any]) -> ListedTool:
    return mcp.listed_tool(McpTool.model_validate(document), "files")


def _http(document: dict[str, Any]) -> ListedTool:
    return http.listed_tool(http.ManifestTool.model_validate(document), MANIFEST)


def _amqp(document: dict[str, Any]) -> ListedTool:
    return amqp.listed_tool(AmqpTool.model_validate(document), "events")


def _composio(document: dict[str, Any]) -> ListedTool:
    return composio_answers.listed_tool(composio_answers.Item.model_validate(document))


def _aliases(model: Any) -> frozenset[str]:
    return frozenset(field.alias or name for name, field in model.model_fields.items())


ANNOTATIONS = {
    "title": "Read", "readOnlyHint": True, "destructiveHint": False, "idempotentHint": True, "openWorldHint": False,
}  # fmt: skip
PROVIDERS = [
    Provider(
        "mcp",
        {
            "name": "read", "title": "Read a file", "description": "Reads.", "inputSchema": SCHEMA,
            "outputSchema": SCHEMA, "annotations": ANNOTATIONS, "execution": {"taskSupport": "optional"},
            "icons": [{"src": "https://files.example/icon.png"}], "_meta": {"example.com/build": "7"},
        },
        _mcp,
        _aliases(McpTool),
        left_out=frozenset({"icons", "_meta"}),
    ),
    Provider(
        "http",
        {
            "name": "read", "title": "Read a file", "description": "Reads.", "inputSchema": SCHEMA,
            "outputSchema": SCHEMA, "annotations": ANNOTATIONS,
        },
        _http,
        _aliases(http.ManifestTool),
        left_out=frozenset(),
    ),
    Provider(
        "amqp",
        {
            "name": "read", "description": "Reads.", "schema": SCHEMA, "annotations": ANNOTATIONS,
            "exchange": "files", "routing_key": "read", "body": "arguments",
        },
        _amqp,
        _aliases(AmqpTool),
        left_out=frozenset({"exchange", "routing_key", "body"}),  # the operator decides where they are sent, and how
    ),
    Provider(
        "composio",
        {
            "slug": "FILES_READ", "name": "Read a file", "description": "Reads.", "human_description": "Reads a file.",
            "input_parameters": SCHEMA, "output_parameters": SCHEMA, "version": "20251001",
            "available_versions": ["20251001"], "tags": ["readOnlyHint"], "scopes": ["files.read"],
            "scope_requirements": {"all_of": []}, "deprecated": {}, "is_deprecated": False, "no_auth": False,
            "toolkit": {"slug": "files"},
        },
        _composio,
        _aliases(ComposioItem),
        left_out=_aliases(ComposioItem) - {"slug", "description", "input_parameters", "version", "tags"},
    ),
]  # fmt: skip
Path = tuple[Any, ...]


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every key and item of a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield (*path, key)
        yield from places(each, (*path, key))


def at(document: Any, path: Path) -> Any:
    for key in path:
        document = document[key]
    return document


def changed(document: dict[str, Any], path: Path, *, to: Any = None) -> dict[str, Any]:
    """A copy whose value at this path differs but has the same type. If no such value exists, the path is removed."""
    copy: dict[str, Any] = json.loads(json.dumps(document))  # in which no value occurs in two places
    value = at(copy, path)
    other: Any = to
    if other is None:
        match value:
            case bool():
                other = not value
            case str():
                words = {"taskSupport": "required", "body": "event"}
                other = words.get(path[-1]) or ("boolean" if "type" in path[-2:] else "x-" + value)
            case int():
                other = value + 1
            case dict() if len(path) == 1:  # a field may be due
                other = {}
    holder = at(copy, path[:-1])
    if other is None:
        del holder[path[-1]]
    else:
        holder[path[-1]] = other
    return copy


def is_set(path: Path) -> bool:
    """Whether the order of this list has no meaning in JSON Schema.

    In a default and in unknown keywords it may have one.
    """
    words = path[1:]
    if not words or path[0] not in {"inputSchema", "outputSchema", "schema", "input_parameters"} or "default" in words:
        return False
    return words[-1] in {"required", "type", "enum"} or words[:1] == ("dependentRequired",)


CHANGES = [(p, path) for p in PROVIDERS for path in places(p.says)]
LISTS = [(p, path) for p, path in CHANGES if isinstance(at(p.says, path), list) and len(at(p.says, path)) > 1]


def _id(value: Any) -> str:
    return value.name if isinstance(value, Provider) else ".".join(map(str, value))


@pytest.mark.parametrize("provider", PROVIDERS, ids=_id)
def test_every_field_of_a_definition_is_hashed_or_listed_as_unused(provider: Provider) -> None:
    assert provider.says.keys() == provider.fields
    assert provider.left_out <= provider.fields


def test_every_hint_of_mcp_is_hashed_or_listed_as_unused() -> None:
    assert ANNOTATIONS.keys() == _aliases(ToolAnnotations)
    assert _aliases(ToolExecution) == {"taskSupport"}


@pytest.mark.parametrize(("provider", "path"), CHANGES, ids=_id)
def test_every_change_of_a_used_field_changes_the_hash(provider: Provider, path: Path) -> None:
    same = provider.hash_of(provider.says) == provider.hash_of(changed(provider.says, path))
    assert same is (path[0] in provider.left_out)


@pytest.mark.parametrize(("provider", "path"), LISTS, ids=_id)
def test_the_order_of_a_list_changes_the_hash_unless_the_list_is_a_set(provider: Provider, path: Path) -> None:
    turned = changed(provider.says, path, to=at(provider.says, path)[::-1])
    same = provider.hash_of(provider.says) == provider.hash_of(turned)
    assert same is (path[0] in provider.left_out or is_set(path))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab", max_size=2),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["required", "type", "enum", "properties", "anyOf", "default", "a"]), inner)
    ),
    max_leaves=12,
)


@given(JSON)
def test_sorting_a_schema_keeps_its_members_and_sorting_it_again_changes_nothing(schema: Any) -> None:
    once = sort_schema_sets(schema)
    assert sort_schema_sets(once) == once
    assert sorted(json.dumps(once)) == sorted(json.dumps(schema))
