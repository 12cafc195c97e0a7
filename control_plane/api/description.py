"""Describe the API: OpenAPI 3.1 with every problem, and an example of every body and answer."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from control_plane.api.event_webhooks import example_of_event
from control_plane.api.middleware import NEEDS_TOKEN
from control_plane.api.problems import MEDIA_TYPE, SCHEMA

BY_FORMAT = {
    "uuid": "7e4a0000-0000-4000-8000-000000000001",
    "date-time": "2026-11-30T09:00:00Z",
    "date": "2026-11-30",
    "binary": "",
}
BY_NAME = {
    "tool_slug": "SLACK__chat.post", "external_id": "order-17", "tool_version": "1", "version": "1",
    "name": "Acme Robotics", "plan": "standard", "agent": "triage-bot", "created_by": "maria", "actor_id": "maria",
    "detail": "envelope: no such envelope", "title": "Not found", "request_id": "5f2c7a9e1b3d4c60",
    "reason": "the order was a duplicate", "arguments": {"channel": "#general", "text": "hello"},
    "trust_context": {"score": 0.9}, "guardrail": "trust",
}  # fmt: skip
"""Examples for fields that do not define an example themselves."""


def operation_id(route: APIRoute) -> str:
    """Noun and verb, such as `envelopes_propose_one`: the name of the method in generated clients."""
    noun = str(route.tags[0]).lower().replace(" ", "_") if route.tags else "api"
    return f"{noun}_{route.name}"


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of this app."""
    if app.openapi_schema:
        return app.openapi_schema
    document = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes,
        webhooks=app.webhooks.routes, tags=app.openapi_tags,
    )  # fmt: skip
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas["Problem"] = SCHEMA
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    components["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "A JWT of a user, or an API token (acp_…)."}
    }
    problem = {"content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    for path, methods in document["paths"].items():
        for operation in methods.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = {"description": "A problem (RFC 9457)", **problem}
            if path.startswith(NEEDS_TOKEN):
                operation["security"] = [{"token": []}]
            for content in (operation.get("requestBody", {}), *operation["responses"].values()):
                for media in content.get("content", {}).values():
                    if "schema" in media and "example" not in media:
                        media["example"] = example_of(media["schema"], schemas)
    for name, methods in document["webhooks"].items():
        methods["post"]["responses"].pop("422", None)
        methods["post"]["requestBody"]["content"]["application/json"]["example"] = example_of_event(name)
    app.openapi_schema = document
    return document


def example_of(schema: Mapping[str, Any], schemas: Mapping[str, Any], name: str = "") -> Any:  # noqa: PLR0911  # a case each
    """A value that this schema allows. A field may define its example in `examples`."""
    match schema:
        case {"$ref": str(ref)}:
            return example_of(schemas[ref.rpartition("/")[2]], schemas, name)
        case {"examples": [first, *_]}:
            return first
        case {"const": value} | {"enum": [value, *_]}:
            return value
        case {"anyOf": variants} | {"oneOf": variants}:
            if name not in BY_NAME and {"type": "null"} in variants:
                return None
            return example_of(variants[0], schemas, name)
        case {"type": "array"}:
            item = example_of(schema.get("items", {}), schemas)
            return [] if item is None or schema.get("maxItems") == 0 else [item]
        case {"type": "object", "properties": properties}:
            return {key: example_of(inner, schemas, key) for key, inner in properties.items()}
        case {"type": "object"}:
            return BY_NAME.get(name, {})
        case {"type": "string"}:
            return _example_text(schema, name)
        case {"type": "boolean"}:
            return False
        case {"type": "integer" | "number"}:
            return max(schema.get("minimum", 1), 1)
    return BY_NAME.get(name)


def _example_text(schema: Mapping[str, Any], name: str) -> str:
    if (form := schema.get("format")) in BY_FORMAT:
        return BY_FORMAT[form]
    if "0-9a-f" in schema.get("pattern", ""):
        return "9f" * 32
    value = BY_NAME.get(name)
    return value if isinstance(value, str) else "text"
