"""What an agent receives after a person's decision, and that it cannot decide itself."""

from tests.control_plane.mcp.conftest import Door, ask, settle

CALL = {"tool_slug": "SLACK__chat.post", "arguments": {"text": "hello"}}


async def test_a_rejection_is_an_error_with_the_reviewers_reason(door: Door) -> None:
    async with door.connect(await door.token()) as agent:
        proposed, _ = await agent.call("propose", **CALL)
        approval = await ask(door, proposed["envelope_id"])
        rejected = await door.api.as_user("reviewer").post(
            f"/v1/approvals/{proposed['envelope_id']}/reject",
            json={"digest": approval["digest"], "code": "wrong_content", "reason": "say it kindly"},
        )
        outcome, failed = await agent.call("await_outcome", envelope_id=proposed["envelope_id"])

    assert rejected.status_code == 200, rejected.text
    assert (outcome["status"], failed) == ("rejected", True)
    assert outcome["why"] == "wrong_content: say it kindly; a person rejected it"


async def test_a_reviewers_edit_is_named_with_what_runs(door: Door) -> None:
    async with door.connect(await door.token()) as agent:
        proposed, _ = await agent.call("propose", **CALL)
        approval = await ask(door, proposed["envelope_id"])
        edited = await door.api.as_user("reviewer").post(
            f"/v1/approvals/{proposed['envelope_id']}/approve",
            json={"digest": approval["digest"], "arguments": {"text": "good morning"}},
        )
        assert edited.status_code == 200, edited.text
        await settle(door.api, result={"ts": "1"})
        outcome, failed = await agent.call("await_outcome", envelope_id=proposed["envelope_id"])
        again, _ = await agent.call("propose", **CALL)

    assert (outcome["status"], outcome["result"], failed) == ("success", {"ts": "1"}, False)
    assert outcome["why"] == "superseded by reviewer, who changed the arguments; the tool call succeeded"
    assert outcome["superseded_by_reviewer"] == {"arguments": {"text": "good morning"}}
    assert (again["envelope_id"], again["created"]) == (proposed["envelope_id"], False)
