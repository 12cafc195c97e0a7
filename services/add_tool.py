"""Add a tool to a tenant's catalog by hand."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from pydantic import TypeAdapter, ValidationError

from services.backends import Backends
from services.catalog import Tool
from services.catalog.schema_limits import schema_problem
from services.envelope import Actor
from services.errors import InvalidInput
from services.tools.registry import PROVIDERS


async def add_tool(backends: Backends, document: Mapping[str, Any], *, actor: Actor) -> Tool:
    """Add a tool, or replace the same version of it. `document` has columns of `tool_catalog`.

    Raises InvalidInput with the column, NotFound for an unknown tenant.
    """
    tool = read_tool(document)
    await backends.catalog.save([tool], actor=actor)
    return tool


def read_tool(document: Mapping[str, Any]) -> Tool:
    """The tool in `document`. Raises InvalidInput if no call to it could be sent."""
    if unknown := document.keys() - {field.name for field in fields(Tool)}:
        raise InvalidInput(min(unknown), "is not a column of tool_catalog")
    try:
        tool = TypeAdapter(Tool).validate_python(document)
    except ValidationError as exc:
        error = exc.errors(include_url=False, include_input=False)[0]
        raise InvalidInput(".".join(str(part) for part in error["loc"]), error["msg"]) from exc
    if problem := schema_problem(tool.schema):
        raise InvalidInput("schema", problem)
    if tool.provider not in PROVIDERS:
        raise InvalidInput("provider", f"must be one of {', '.join(PROVIDERS)}")
    spec = PROVIDERS[tool.provider]
    spec.check_config(tool.config)
    if tool.idempotent and not spec.sends_idempotency_key:
        raise InvalidInput("idempotent", f"must be false: calls of the provider {spec.name} carry no idempotency key")
    if tool.scan is not None and not spec.can_scan:
        raise InvalidInput("scan", f"must be left out: answers of the provider {spec.name} contain nothing to store")
    return tool
