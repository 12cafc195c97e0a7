"""The worker applies the tool's schema before each call."""

from dataclasses import replace
from typing import Any

import pytest

from services.approvals.digest import call_digest
from services.catalog import Tool, ToolStatus
from services.envelope import Envelope
from services.guardrails import Decision, Verdict
from services.guardrails.judge import judge, strictest
from tests.builders import NOW, a_policy, a_tool, an_envelope

SCHEMA = {
    "type": "object",
    "properties": {"channel": {"type": "string"}, "count": {"type": "integer", "minimum": 1}},
    "required": ["channel"],
    "additionalProperties": False,
}
FITTING, BROKEN = {"channel": "#general", "count": 3}, {"channel": 5, "secret": "s3cret"}
COSTLY = {"type": "object", "properties": {"channel": {"type": "string", "pattern": "^(a|a)*$"}}}
LONG = {"channel": "a" * 40 + "b"}


def deciding(envelope: Envelope, tool: Tool | None) -> Verdict:
    return strictest(judge(envelope, tool, a_policy(), NOW, check_arguments=True).verdicts)


def test_arguments_that_keep_the_schema_are_allowed() -> None:
    assert deciding(an_envelope(arguments=FITTING), a_tool(schema=SCHEMA)).decision is Decision.ALLOW


@pytest.mark.parametrize("status", [ToolStatus.ACTIVE, ToolStatus.QUARANTINED])
def test_arguments_that_break_it_are_denied_and_their_values_are_not_shown(status: ToolStatus) -> None:
    verdict = deciding(an_envelope(arguments=BROKEN), a_tool(schema=SCHEMA, status=status))
    assert (verdict.guardrail, verdict.decision) == ("tool", Decision.DENY)
    assert verdict.reason.startswith("The arguments break the tool's schema: arguments ")
    assert "arguments.channel must be of type string" in verdict.reason
    assert "s3cret" not in verdict.reason


def test_an_approval_does_not_allow_invalid_arguments() -> None:
    tool, envelope = a_tool(schema=SCHEMA), an_envelope(arguments=BROKEN)
    approved = replace(envelope, approved_digest=call_digest(envelope, tool))
    assert deciding(approved, tool).decision is Decision.DENY


def test_a_tool_that_is_missing_or_not_offered_decides_first() -> None:
    broken = an_envelope(arguments=BROKEN)
    assert "is not in the catalog" in deciding(broken, None).reason
    removed = deciding(broken, a_tool(schema=SCHEMA, status=ToolStatus.REMOVED))
    assert (removed.decision, removed.guardrail) == (Decision.HOLD, "tool")
    assert "was replaced" in deciding(broken, a_tool(schema=SCHEMA, status=ToolStatus.RETIRED)).reason


@pytest.mark.parametrize(
    ("schema", "arguments"), [(COSTLY, LONG), ({"$ref": "#/$defs/missing"}, {}), ({"type": "nonsense"}, {})]
)
def test_a_person_decides_where_the_schema_cannot_be_applied(schema: dict[str, Any], arguments: dict[str, Any]) -> None:
    tool, envelope = a_tool(schema=schema), an_envelope(arguments=arguments)
    verdict = deciding(envelope, tool)
    assert (verdict.guardrail, verdict.decision) == ("tool", Decision.NEEDS_APPROVAL)
    approved = replace(envelope, approved_digest=call_digest(envelope, tool))
    assert deciding(approved, tool).decision is Decision.ALLOW


def test_the_schema_of_one_tool_is_not_applied_to_another() -> None:
    """Prepared schemas are kept."""
    text, number = (a_tool(schema={"properties": {"channel": {"type": name}}}) for name in ("string", "integer"))
    for _ in range(2):
        assert deciding(an_envelope(arguments={"channel": "a"}), text).decision is Decision.ALLOW
        assert deciding(an_envelope(arguments={"channel": "a"}), number).decision is Decision.DENY
