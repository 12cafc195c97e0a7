"""What an agent learns of a person's decision, and that it cannot decide."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from services.approvals.digest import call_digest
from services.catalog import ToolKey
from services.clock import utc_now
from services.outbox import Disposition
from tests.control_plane.mcp.conftest import Door, settle

CALL = {"tool_slug": "SLACK__chat.post", "arguments": {"text": "hello"}}


async def _ask(door: Door, envelope_id: str) -> dict[str, Any]:
    """Do as the worker does with a call that needs an approval; return the approval as reviewers see it."""
    operator = door.api.access.operator
    envelope = await operator.outbox.get(door.api.tenant, UUID(envelope_id))
    key = ToolKey(door.api.tenant, envelope.tool_slug, envelope.tool_version)
    tool = (await operator.catalog.find([key]))[key]
    await settle(
        door.api, Disposition.AWAITING_APPROVAL, reason="trust: low", digest=call_digest(envelope, tool),
        expires_at=utc_now() + timedelta(days=1),
    )  # fmt: skip
    [waiting] = (await door.api.as_user("reviewer").get("/v1/approvals")).json()["items"]
    return dict(waiting)


async def test_a_rejection_is_an_error_with_the_reviewers_reason(door: Door) -> None:
    async with door.connect(await door.token()) as agent:
        proposed, _ = await agent.call("propose", **CALL)
        approval = await _ask(door, proposed["envelope_id"])
        rejected = await door.api.as_user("reviewer").post(
            f"/v1/approvals/{proposed['envelope_id']}/reject",
            json={"digest": approval["digest"], "code": "wrong_content", "reason": "say it kindly"},
        )
        outcome, failed = await agent.call("await_outcome", envelope_id=proposed["envelope_id"])

    assert rejected.status_code == 200, rejected.text
    assert (outcome["status"], failed) == ("rejected", True)
    assert "say it kindly" in outcome["why"]


async def test_a_reviewers_edit_is_named_with_what_runs(door: Door) -> None:
    async with door.connect(await door.token()) as agent:
        proposed, _ = await agent.call("propose", **CALL)
        approval = await _ask(door, proposed["envelope_id"])
        edited = await door.api.as_user("reviewer").post(
            f"/v1/approvals/{proposed['envelope_id']}/approve",
            json={"digest": approval["digest"], "arguments": {"text": "good morning"}},
        )
        assert edited.status_code == 200, edited.text
        await settle(door.api, result={"ts": "1"})
        outcome, failed = await agent.call("await_outcome", envelope_id=proposed["envelope_id"])
        again, _ = await agent.call("propose", **CALL)

    assert (outcome["status"], outcome["result"], failed) == ("success", {"ts": "1"}, False)
    assert outcome["superseded_by_reviewer"] == {"arguments": {"text": "good morning"}}
    assert (again["envelope_id"], again["created"]) == (proposed["envelope_id"], False)
