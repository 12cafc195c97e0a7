"""The MCP tools, as `tools/list` describes them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from mcp.types import CallToolResult, Tool

from control_plane.apps import offered
from services import catalog
from services.api_tokens import TokenScope
from services.backends import Backends
from services.catalog import ToolStatus
from services.propose_without_key import RESENT_WITHIN
from services.request import Request

MAX_WAIT_SECONDS = 4.0
"""Seconds for which a call waits until its envelope has ended. Some clients give up after 5."""
CALLABLE = frozenset({ToolStatus.ACTIVE, ToolStatus.DRIFTED})
"""Agents see versions of tools with these statuses. Each call of a drifted version needs a person's approval."""
FROM_TOKEN = ("tenant_id", "envelope_id")
"""Fields of a proposal that agents do not write."""
MINUTES = int(RESENT_WITHIN.total_seconds() // 60)


@dataclass(frozen=True, slots=True)
class ApplicationTool:
    """An MCP tool of an application."""

    tool: Tool
    scope: TokenScope
    """The scope that a caller's token must have."""
    call: Callable[[Backends, UUID, Mapping[str, Any]], Awaitable[CallToolResult]]
    """Answers a call. Gets the caller's services, the tenant, and the arguments, which have not been checked."""


ENVELOPE_ID = {"type": "string", "format": "uuid", "description": "The envelope_id that propose returned."}


def own_tools() -> list[Tool]:
    """Our own MCP tools, sorted by name, then those of the applications."""
    return [
        Tool(
            name="await_outcome",
            description=(
                "Wait until a proposed call is over, then get its result, or the reason why it did not run. If it is "
                f"not over after {MAX_WAIT_SECONDS:g} seconds, you get its state; call again to wait longer."
            ),
            input_schema=_object({"envelope_id": ENVELOPE_ID}, ["envelope_id"]),
        ),
        Tool(
            name="cancel",
            description="Take back a proposed call that has not been executed.",
            input_schema=_object(
                {"envelope_id": ENVELOPE_ID, "reason": {"type": "string", "maxLength": 4000}}, ["envelope_id"]
            ),
        ),
        Tool(
            name="explain",
            description=(
                "Why a proposed call is in its state, the verdict of every guardrail now, and the next time at which it"
                " can run."
            ),
            input_schema=_object({"envelope_id": ENVELOPE_ID}, ["envelope_id"]),
        ),
        Tool(
            name="list_objectives",
            description="The goals of your tenant: metric, target and horizon of each, and its envelopes by status.",
            input_schema=_object({}, []),
        ),
        Tool(name="propose", description=_PROPOSE, input_schema=_proposal_schema()),
        Tool(
            name="search_catalog",
            description="Find the tools that you may propose, each with the JSON Schema of its arguments.",
            input_schema=_object(
                {
                    "query": {
                        "type": "string",
                        "maxLength": 1000,
                        "description": "Words to find; by default all tools.",
                    },
                    "limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
                },
                [],
            ),
        ),
        *(found.tool for found in application_tools()),
    ]


def application_tools() -> list[ApplicationTool]:
    """The MCP tools of the applications."""
    return offered("mcp_tools", "TOOLS")


_PROPOSE = (
    "Propose one call of a tool in the catalog. Guardrails judge it, a person may have to approve it, then it is "
    "executed once. You get an envelope_id: pass it to await_outcome for the result. Without external_id the same call "
    f"of yours within {MINUTES} minutes is the same envelope, so sending it again is safe; give an external_id of its "
    "own to a call that you mean a second time."
)
_DESCRIPTIONS = {
    "external_id": "Your own key for the effect: two proposals with one key are the same envelope.",
    "must_run_before": "The deadline: the call begins before this time or not at all.",
    "not_before": "The earliest time of the call.",
    "objective_id": "The objective that the call serves, as list_objectives names it.",
    "tool_slug": "As search_catalog names it.",
    "tool_version": "Leave it out for the newest version.",
    "trust_context": "Why the call is right: `score` from 0 to 1, and `evidence`, a list of references.",
}


def _proposal_schema() -> dict[str, Any]:
    """The schema of a proposal without the fields that agents do not write."""
    schema = Request.model_json_schema()
    properties = {name: _describe_field(name, field) for name, field in schema["properties"].items()}
    for name in FROM_TOKEN:
        properties.pop(name)
    return {**_object(properties, ["tool_slug"]), "$defs": schema["$defs"]}


def _describe_field(name: str, field: Mapping[str, Any]) -> dict[str, Any]:
    described = {key: value for key, value in field.items() if key != "title"}
    return described | ({"description": _DESCRIPTIONS[name]} if name in _DESCRIPTIONS else {})


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def as_itself(tool: catalog.Tool) -> Tool:
    """A tool of the catalog as an MCP tool, with its own name and schema."""
    about = f"{tool.description}\n\n" if tool.description else ""
    return Tool(
        name=tool.tool_slug,
        title=tool.display_name or None,
        description=f"{about}Proposes this call, and waits up to {MAX_WAIT_SECONDS:g} seconds for its result.",
        input_schema={**tool.schema, "type": "object"},
    )
