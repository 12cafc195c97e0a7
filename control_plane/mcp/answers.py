"""The answers of MCP tools: results as text and JSON for agents."""

import json
from typing import Any

from mcp.types import CallToolResult, TextContent

from control_plane.api.answers import answer_of_shown, verdict_answers
from services.catalog import Tool
from services.envelope import OPEN_STATUSES, Envelope, Status
from services.explain import Explanation
from services.guardrails import Verdict
from services.objectives import Objective, Progress
from services.propose import ProposeResult

SHOWN = {
    "status", "tool_slug", "tool_version", "external_id", "attempts", "next_run_at", "must_run_before", "result",
    "created_at", "updated_at",
}  # fmt: skip
"""The fields of an envelope that an answer contains. Fields that the agent itself proposed are left out."""
WAIT_MORE = "It is not over. Call await_outcome with this envelope_id to wait for it."
SUPERSEDED = "superseded by reviewer, who changed the arguments"
ALREADY_PROPOSED = "This call was proposed before. To make it a second time, propose it with another external_id."


def make_answer(document: dict[str, Any], *, is_error: bool = False) -> CallToolResult:
    """An answer with the document as structured content, and the same as text for clients that read only text."""
    text = json.dumps(document, ensure_ascii=False)
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=document, is_error=is_error)


def refusal_answer(reason: str) -> CallToolResult:
    """The answer to a refused call: the reason."""
    return CallToolResult(content=[TextContent(type="text", text=reason)], is_error=True)


def outcome_answer(explanation: Explanation, *, is_new: bool = True) -> CallToolResult:
    """The answer with the state of an envelope. An error answer if it has ended without success.

    `is_new` is false if the call was proposed before, and this is its existing envelope.
    """
    document = _explanation_document(explanation)
    if not is_new:
        document |= {"created": False, "next": " ".join(filter(None, [ALREADY_PROPOSED, document.get("next")]))}
    status = explanation.envelope.status
    return make_answer(document, is_error=status not in OPEN_STATUSES and status is not Status.SUCCESS)


def explanation_answer(explanation: Explanation) -> CallToolResult:
    """The answer with the explanation of an envelope. Never an error answer: the explanation is the result."""
    return make_answer(_explanation_document(explanation))


def reason(explanation: Explanation) -> str:
    """Why an envelope is in its state, in one line."""
    return explanation.why if explanation.envelope.proposed_arguments is None else f"{SUPERSEDED}; {explanation.why}"


def proposal_answer(result: ProposeResult) -> CallToolResult:
    """The answer to a proposal: its new or existing envelope, and the verdicts that the guardrails give now."""
    return make_answer({
        **_envelope_document(result.envelope),
        "created": result.created,
        "verdicts": _verdict_documents(result.verdicts),
        "next": WAIT_MORE if result.created else f"{ALREADY_PROPOSED} {WAIT_MORE}",
    })  # fmt: skip


def cancelled_answer(envelope: Envelope) -> CallToolResult:
    """The answer with an envelope that was cancelled."""
    return make_answer(_envelope_document(envelope))


def _explanation_document(explanation: Explanation) -> dict[str, Any]:
    document = {
        **_envelope_document(explanation.envelope),
        "why": reason(explanation),
        "verdicts": _verdict_documents(explanation.verdicts),
    }
    if explanation.next_run_at is not None:
        document["next_run_at"] = explanation.next_run_at.isoformat()
    if explanation.envelope.status in OPEN_STATUSES:
        document["next"] = WAIT_MORE
    return document


def _envelope_document(envelope: Envelope) -> dict[str, Any]:
    shown = answer_of_shown(envelope).model_dump(mode="json", include=SHOWN, exclude_none=True)
    document = {"envelope_id": str(envelope.id), "is_over": envelope.status not in OPEN_STATUSES, **shown}
    if envelope.proposed_arguments is not None:
        document["superseded_by_reviewer"] = {"arguments": dict(envelope.arguments)}
    return document


def _verdict_documents(verdicts: tuple[Verdict, ...]) -> list[dict[str, Any]]:
    return [verdict.model_dump(mode="json", exclude_none=True) for verdict in verdict_answers(verdicts)]


def search_answer(tools: list[Tool], total: int) -> CallToolResult:
    """The answer to a search: tools of the catalog, and how many match."""
    return make_answer({"total": total, "tools": [_tool_document(tool) for tool in tools]})


def _tool_document(tool: Tool) -> dict[str, Any]:
    return {
        "tool_slug": tool.tool_slug, "version": tool.version, "name": tool.display_name,
        "description": tool.description, "risk": tool.risk, "arguments": dict(tool.schema),
        "required_scopes": list(tool.required_scopes),
    }  # fmt: skip


def objectives_answer(listed: list[tuple[Objective, Progress]]) -> CallToolResult:
    """The answer with a tenant's objectives, and how many envelopes name each, by status."""
    return make_answer({
        "objectives": [
            {
                "id": str(objective.id), "title": objective.title, "metric": objective.metric,
                "target": objective.target, "horizon": objective.horizon, "summary": objective.summary,
                "envelopes": dict(progress.counts),
                "last_activity_at": progress.last_activity_at and progress.last_activity_at.isoformat(),
            }
            for objective, progress in listed
        ]
    })  # fmt: skip
