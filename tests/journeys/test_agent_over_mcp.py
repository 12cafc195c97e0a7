"""An agent proposes over MCP, a reviewer edits the call over HTTP, and the worker runs the edited call.

The agent learns it, and the audit log shows what was proposed, decided and called.
"""

import asyncio
from typing import Any

from services.verify_audit_log import verify_audit_log
from tests.clusters import hush
from tests.control_plane.api.deciding import ask_people
from tests.control_plane.api.served import Event, Stream, streaming
from tests.control_plane.mcp.conftest import Agent, Door
from tests.worker.world import World

PROPOSED, EDITED = {"text": "hello"}, {"text": "good morning"}


async def test_an_edited_call_runs_and_the_agent_learns_what_ran(door: Door, database_url: str) -> None:
    api = door.api
    world = World(api.access.operator, database_url)
    reviewer = api.as_user("reviewer", sub="rosa")
    await ask_people(api)
    async with (
        world.working(),
        streaming(door.url.removesuffix("/mcp"), reviewer.token, category="envelope.") as events,
        door.connect(await door.token()) as agent,
        asyncio.TaskGroup() as group,
    ):
        proposed, _ = await agent.call("propose", tool_slug="SLACK__chat.post", arguments=PROPOSED)
        envelope = proposed["envelope_id"]
        waiting = group.create_task(_wait(agent, envelope))

        asked = await _until(events, "envelope.awaiting_approval")
        [approval] = (await reviewer.get("/v1/approvals")).json()["items"]
        decision = {"digest": approval["digest"], "arguments": EDITED}
        approved = await reviewer.post(f"/v1/approvals/{envelope}/approve", json=decision)
        outcome, failed = await waiting
        done = await _until(events, "envelope.success")

    assert (asked.data["envelope_id"], approved.status_code) == (envelope, 200)
    assert [call.arguments for call in world.stage.calls] == [EDITED]
    assert outcome["why"] == "superseded by reviewer, who changed the arguments; the tool call succeeded"
    assert outcome["superseded_by_reviewer"] == {"arguments": EDITED}
    assert (outcome["result"], failed) == ({"ok": True}, False)

    history = (await reviewer.get(f"/v1/approvals/{envelope}")).json()
    [record] = history["items"]
    assert (history["proposed_arguments"], record["decided_arguments"], history["effective_arguments"]) == (
        PROPOSED, EDITED, EDITED,
    )  # fmt: skip
    rows = {row["category"]: row["payload"] for row in (await reviewer.get("/v1/audit")).json()["items"]}
    decided = rows["envelope.approved"]
    assert rows["envelope.awaiting_approval"]["digest"] == decided["proposed_digest"] == approval["digest"]
    assert decided["digest"] == history["effective_digest"] == rows["envelope.success"]["digest"]
    assert decided["digest"] != decided["proposed_digest"]
    assert done.data["envelope_id"] == envelope
    [findings] = await verify_audit_log(api.access.operator, api.tenant, {}, say=hush)
    assert findings.problems == ()


async def _wait(agent: Agent, envelope: str) -> tuple[Any, bool]:
    """The outcome, asked for again and again as agents do."""
    while True:
        outcome, failed = await agent.call("await_outcome", envelope_id=envelope)
        if outcome["is_over"]:
            return outcome, failed


async def _until(events: Stream, name: str) -> Event:
    while True:
        event = await events.next()
        if event.name == name:
            return event
