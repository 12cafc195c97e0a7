"""No door shows an argument that the tool's schema marks as secret, whoever asks; the worker gets it."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from control_plane.mcp.http import PATH, mount
from services.outbox import Disposition, Settlement
from services.show_envelopes import show_arguments
from services.tools.redact import REDACTED
from tests.control_plane.api.conftest import OPERATOR, Api, Client, a_proposal, tool_of
from tests.control_plane.api.deciding import ask_people, propose_and_ask, work

ROOT = Path(__file__).parents[3]
SCHEMA = {
    "type": "object",
    "properties": {"text": {"type": "string"}, "password": {"type": "string", "format": "password"}},
}
PROPOSED, EDITED = "hunter2-proposed", "hunter2-edited"
ARGUMENTS = {"text": "hello", "password": PROPOSED}
SHOWN = {"text": "hello", "password": REDACTED}


@pytest.fixture
async def answers(api: Api) -> list[str]:
    """The text of every answer of this API, to whom it may be. Its tool has a secret argument."""
    await api.access.operator.catalog.save([replace(tool_of(api.tenant), schema=SCHEMA)], actor=OPERATOR)
    seen: list[str] = []

    async def keep(response: httpx.Response) -> None:
        await response.aread()
        seen.append(response.text)

    api.http.event_hooks["response"].append(keep)
    return seen


async def test_no_answer_over_http_has_a_secret_argument(api: Api, answers: list[str]) -> None:
    agent, reviewer, member = await api.as_agent(), api.as_user("reviewer"), api.as_user("member")
    proposal = a_proposal(arguments=ARGUMENTS, external_id="one")
    proposed = (await agent.post("/v1/envelopes", json=proposal)).json()["envelope"]
    again = (await agent.post("/v1/envelopes", json=proposal)).json()["envelope"]
    batch = await agent.post("/v1/envelopes/batch", json={"envelopes": [proposal]})
    path = f"/v1/envelopes/{proposed['id']}"

    shown = [
        proposed, again, batch.json()["items"][0]["proposed"]["envelope"],
        *[(await caller.get(path)).json() for caller in (agent, reviewer, member)],
        (await member.get(f"{path}/explanation")).json()["envelope"],
        (await member.get("/v1/envelopes")).json()["items"][0],
        (await member.get("/v1/envelopes", params={"external_id": "one"})).json()["items"][0],
        (await agent.post(f"{path}/cancel")).json(),
    ]  # fmt: skip
    assert [each["arguments"] for each in shown] == [SHOWN] * len(shown)
    assert [text for text in answers if PROPOSED in text] == []


async def test_no_answer_to_a_reviewer_has_one_also_after_an_edit(api: Api, answers: list[str]) -> None:
    await ask_people(api)
    agent, reviewer = await api.as_agent(), api.as_user("reviewer")
    waiting = [await propose_and_ask(api, agent, arguments=ARGUMENTS) for _ in range(4)]
    calls = [{"envelope_id": envelope["envelope"]["id"], "digest": envelope["digest"]} for envelope in waiting]
    paths = [f"/v1/approvals/{call['envelope_id']}" for call in calls]
    refusal = {"code": "other", "reason": "no"}
    edit = {"text": "bye", "password": EDITED}

    edited = await reviewer.post(f"{paths[0]}/approve", json={"digest": calls[0]["digest"], "arguments": edit})
    rejected = await reviewer.post(f"{paths[1]}/reject", json={**refusal, "digest": calls[1]["digest"]})
    bulk = await reviewer.post("/v1/approvals/bulk", json={"decision": "approved", "calls": calls[2:3]})
    history = (await reviewer.get(paths[0])).json()

    assert edited.json()["arguments"] == {"text": "bye", "password": REDACTED}
    assert edited.json()["proposed_arguments"] == rejected.json()["arguments"] == SHOWN
    assert bulk.json()["decided"][0]["arguments"] == history["proposed_arguments"] == SHOWN
    assert await work_and_see(api) == [EDITED, PROPOSED]
    assert [text for text in answers if PROPOSED in text or EDITED in text] == []


async def test_no_answer_about_a_dead_letter_has_one(api: Api, answers: list[str]) -> None:
    agent, owner = await api.as_agent(), api.as_user("owner")
    for _ in range(4):
        await agent.post("/v1/envelopes", json=a_proposal(arguments=ARGUMENTS))
    await settle_all(api, Disposition.FAILED)
    listed = (await owner.get("/v1/dead-letters")).json()["items"]
    first, second, third, _ = [each["id"] for each in listed]
    edit = {"arguments": {"text": "bye", "password": REDACTED}}
    edited = (await owner.post(f"/v1/dead-letters/{third}/requeue-edited", json=edit)).json()

    shown = [
        *listed,
        *(await owner.post("/v1/dead-letters/requeue", json={"dry_run": True})).json()["items"],
        (await owner.post(f"/v1/dead-letters/{first}/requeue")).json(),
        (await owner.post(f"/v1/dead-letters/{second}/discard", json={"reason": "no"})).json(),
        *(await owner.post("/v1/dead-letters/requeue", json={})).json()["items"],
    ]
    stored = await api.access.operator.outbox.get(api.tenant, UUID(third))
    assert [each["arguments"] for each in shown] == [SHOWN] * 10
    assert (edited["arguments"], edited["proposed_arguments"]) == ({**SHOWN, "text": "bye"}, SHOWN)
    assert stored.arguments == {"text": "bye", "password": PROPOSED}
    assert [text for text in answers if PROPOSED in text] == []


async def test_no_answer_over_mcp_has_one(api: Api, answers: list[str]) -> None:
    mount(api.app)
    await ask_people(api)
    agent, reviewer = await api.as_agent(), api.as_user("reviewer")
    proposal = a_proposal(arguments=ARGUMENTS, external_id="one")
    waiting = await propose_and_ask(api, agent, **proposal)
    call = {"envelope_id": waiting["envelope"]["id"]}
    body = {"digest": waiting["digest"], "arguments": {**ARGUMENTS, "password": EDITED}}
    await reviewer.post(f"/v1/approvals/{call['envelope_id']}/approve", json=body)

    for tool, arguments in (("explain", call), ("propose", proposal), ("cancel", call)):
        assert (await call_tool(agent, tool, arguments))["superseded_by_reviewer"]["arguments"] == SHOWN
    assert [text for text in answers if PROPOSED in text or EDITED in text] == []


@pytest.mark.usefixtures("answers")
async def test_no_command_prints_one(api: Api, database_url: str) -> None:
    proposed = (await (await api.as_agent()).post("/v1/envelopes", json=a_proposal(arguments=ARGUMENTS))).json()
    tenant = ["--tenant", str(api.tenant), "--json"]
    listed = control_plane(database_url, "envelopes", "list", *tenant)
    explained = control_plane(database_url, "envelopes", "explain", proposed["envelope"]["id"], *tenant)
    assert [listed[0]["arguments"], explained["envelope"]["arguments"]] == [SHOWN] * 2


def test_all_arguments_are_redacted_if_the_schema_cannot_be_read() -> None:
    tool = replace(tool_of(UUID(int=1)), unreadable="schema: is not an object")
    all_secret = replace(tool_of(UUID(int=1)), schema={"type": "object", "writeOnly": True})
    for each in (tool, all_secret):
        assert show_arguments({"text": "hello", "amount": 1}, each) == {"text": REDACTED, "amount": REDACTED}
    assert show_arguments({"text": "hello"}, None) == {"text": "hello"}


async def settle_all(api: Api, to: Disposition) -> None:
    outbox = api.access.operator.outbox
    claimed = await outbox.claim("w", limit=10, lease_for=timedelta(hours=1))
    await outbox.settle(
        "w", [Settlement(lease=call.lease, envelope_id=call.envelope.id, to=to, error="no") for call in claimed]
    )


async def work_and_see(api: Api) -> list[str]:
    """The password of each call as the worker makes it."""
    called = await work(api)
    envelopes = [await api.access.operator.outbox.get(api.tenant, UUID(str(each))) for each in called]
    return sorted(str(envelope.arguments["password"]) for envelope in envelopes)


async def call_tool(agent: Client, name: str, arguments: dict[str, Any]) -> Any:
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": arguments}}
    headers = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-06-18"}
    answer = await agent.post(PATH, json=message, headers=headers)
    [data] = [line for line in answer.text.splitlines() if line.startswith("data: {")]
    return json.loads(data.removeprefix("data: "))["result"]["structuredContent"]


def control_plane(database_url: str, *words: str) -> Any:
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "DATABASE_URL": database_url}
    ended = subprocess.run(
        [sys.executable, "-m", "control_plane", *words], capture_output=True, text=True, cwd=ROOT, env=environment,
        check=True, timeout=60,
    )  # fmt: skip
    return json.loads(ended.stdout)
