"""The extension for tasks, as its specification describes it on the wire. `test_foreign_clients` has real clients."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
from mcp.types import INVALID_PARAMS, METHOD_NOT_FOUND, MISSING_REQUIRED_CLIENT_CAPABILITY

from control_plane.api.app import create_app
from control_plane.auth import make_local_verifier
from control_plane.mcp.answers import ALREADY_PROPOSED
from control_plane.mcp.http import mount
from control_plane.mcp.tasks import EXTENSION
from services.backends.open import postgres_access
from services.outbox import Disposition
from tests.control_plane.api.conftest import KEYS
from tests.control_plane.api.served import served
from tests.control_plane.mcp.conftest import Door, ask, settle

CALL = {"tool_slug": "SLACK__chat.post", "arguments": {"text": "hello"}}
VERSION = "2026-07-28"
NEEDED: dict[str, Any] = {"requiredCapabilities": {"extensions": {EXTENSION: {}}}}


@dataclass(frozen=True)
class Wire:
    """Sends requests of the newest protocol, each of which says what the client knows."""

    url: str
    token: str
    knows_tasks: bool = True

    async def send(self, method: str, **params: Any) -> dict[str, Any]:
        """The result, or the error."""
        capabilities: dict[str, Any] = {"extensions": {EXTENSION: {}}} if self.knows_tasks else {}
        meta = {
            "io.modelcontextprotocol/protocolVersion": VERSION,
            "io.modelcontextprotocol/clientCapabilities": capabilities,
        }
        headers = {
            "Authorization": f"Bearer {self.token}", "Accept": "application/json, text/event-stream",
            "MCP-Protocol-Version": VERSION, "Mcp-Method": method,
            "Mcp-Name": params.get("name") or params.get("taskId", ""),
        }  # fmt: skip
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {**params, "_meta": meta}}
        async with httpx.AsyncClient(timeout=30) as http:
            answer = (await http.post(self.url, json=body, headers=headers)).json()
        result: dict[str, Any] = answer.get("result") or answer["error"]
        result.pop("_meta", None)
        return result

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        return await self.send("tools/call", name=tool, arguments=arguments)

    async def get(self, task: str) -> dict[str, Any]:
        return await self.send("tasks/get", taskId=task)


@pytest.fixture
async def wire(door: Door) -> Wire:
    return Wire(door.url, await door.token())


async def test_a_call_is_a_task_with_the_id_of_its_envelope(door: Door, wire: Wire) -> None:
    created = await wire.call("propose", **CALL)
    [envelope] = await door.api.access.operator.outbox.list_envelopes(door.api.tenant, status=None, limit=9)
    working = await wire.get(created["taskId"])
    await settle(door.api, result={"ts": "1"})
    completed = await wire.get(created["taskId"])

    assert (created["resultType"], created["status"], created["taskId"]) == ("task", "working", str(envelope.id))
    assert (working.pop("resultType"), created.pop("resultType")) == ("complete", "task")
    assert working == created
    assert (working["ttlMs"], working["pollIntervalMs"]) == (None, 1000)
    assert working["statusMessage"] == "it is due; the next worker claims it"
    assert (completed["status"], completed["result"]["isError"]) == ("completed", False)
    assert completed["result"]["structuredContent"]["result"] == {"ts": "1"}
    assert completed["createdAt"] <= completed["lastUpdatedAt"]


async def test_waiting_is_a_task_too_and_what_is_over_is_a_result(door: Door, wire: Wire) -> None:
    created = await wire.call("propose", **CALL)
    waiting = await wire.call("await_outcome", envelope_id=created["taskId"])
    await settle(door.api, result={"ts": "1"})
    outcome = await wire.call("await_outcome", envelope_id=created["taskId"])
    again = await wire.call("propose", **CALL)

    assert waiting == created
    assert outcome["resultType"] == again["resultType"] == "complete"
    repeated = {"created": False, "next": ALREADY_PROPOSED}
    assert again["structuredContent"] == outcome["structuredContent"] | repeated


async def test_a_replica_that_did_not_see_the_call_answers_for_its_task(wire: Wire, database_url: str) -> None:
    task = (await wire.call("propose", **CALL))["taskId"]
    async with postgres_access(database_url, pool_size=2) as access:
        replica = create_app(access, make_local_verifier(KEYS))
        mount(replica)
        async with served(replica) as url:
            assert await Wire(f"{url}/mcp", wire.token).get(task) == await wire.get(task)


async def test_a_task_of_another_tenant_is_as_unknown_as_one_that_does_not_exist(door: Door, wire: Wire) -> None:
    task = (await wire.call("propose", **CALL))["taskId"]
    stranger = Wire(door.url, await door.token(tenant=door.api.other_tenant))
    for method in ("tasks/get", "tasks/update", "tasks/cancel"):
        foreign = await stranger.send(method, taskId=task, inputResponses={})
        missing = await stranger.send(method, taskId=str(uuid4()), inputResponses={})
        assert foreign == missing == {"code": INVALID_PARAMS, "message": "taskId: there is no such task"}
    assert (await stranger.get("no id"))["code"] == INVALID_PARAMS
    assert (await wire.get(task))["status"] == "working"


@pytest.mark.parametrize("to", [Disposition.DENIED, Disposition.EXPIRED, Disposition.FAILED, Disposition.CONFLICT])
async def test_a_call_that_did_not_succeed_is_completed_with_an_error(door: Door, wire: Wire, to: Disposition) -> None:
    task = (await wire.call("propose", **CALL))["taskId"]
    await settle(door.api, to, error="no such channel")
    completed = await wire.get(task)

    assert (completed["status"], completed["result"]["isError"]) == ("completed", True)
    assert "no such channel" in completed["statusMessage"]
    assert completed["result"]["structuredContent"]["status"] == to


async def test_no_update_of_a_task_decides_what_a_person_is_asked(door: Door, wire: Wire) -> None:
    task = (await wire.call("propose", **CALL))["taskId"]
    approval = await ask(door, task)
    asked = await wire.get(task)
    yes = {"action": "accept", "content": {"approve": True, "decision": "approved", "digest": approval["digest"]}}
    for responses in ({"approval": yes}, {task: yes}, {approval["digest"]: yes}):
        assert await wire.send("tasks/update", taskId=task, inputResponses=responses) == {"resultType": "complete"}
    for method in ("tasks/approve", "tasks/decide", "tasks/result", "tasks/list"):
        assert (await wire.send(method, taskId=task))["code"] == METHOD_NOT_FOUND

    assert (asked["status"], asked["pollIntervalMs"]) == ("working", 5000)
    assert "a person must decide" in asked["statusMessage"]
    assert await wire.get(task) == asked
    assert await door.api.access.operator.approvals.list_open(door.api.tenant)


async def test_a_rejection_and_an_edit_reach_the_task(door: Door, wire: Wire) -> None:
    reviewer = door.api.as_user("reviewer")
    rejected = (await wire.call("propose", **CALL))["taskId"]
    body = {"digest": (await ask(door, rejected))["digest"], "code": "wrong_content", "reason": "say it kindly"}
    assert (await reviewer.post(f"/v1/approvals/{rejected}/reject", json=body)).is_success
    edited = (await wire.call("propose", **CALL, external_id="again"))["taskId"]
    body = {"digest": (await ask(door, edited))["digest"], "arguments": {"text": "good morning"}}
    assert (await reviewer.post(f"/v1/approvals/{edited}/approve", json=body)).is_success
    approved = await wire.get(edited)
    await settle(door.api, result={"ts": "1"})
    refusal, result = await wire.get(rejected), await wire.get(edited)

    assert (refusal["status"], refusal["result"]["isError"]) == ("completed", True)
    assert "say it kindly" in refusal["statusMessage"]
    assert approved["statusMessage"].startswith("superseded by reviewer")
    assert (result["status"], result["result"]["isError"]) == ("completed", False)
    assert result["statusMessage"].startswith("superseded by reviewer")
    content = result["result"]["structuredContent"]
    assert (content["superseded_by_reviewer"], content["result"]) == (
        {"arguments": {"text": "good morning"}}, {"ts": "1"},
    )  # fmt: skip


async def test_a_task_is_cancelled_once_and_one_that_is_over_stays_as_it_is(door: Door, wire: Wire) -> None:
    over = (await wire.call("propose", **CALL))["taskId"]
    await settle(door.api, result={})
    task = (await wire.call("propose", **CALL, external_id="again"))["taskId"]
    for _ in range(2):
        assert await wire.send("tasks/cancel", taskId=task) == {"resultType": "complete"}
    assert await wire.send("tasks/cancel", taskId=over) == {"resultType": "complete"}
    cannot = await Wire(door.url, await door.token("read")).send("tasks/cancel", taskId=over)

    assert (await wire.get(task))["status"] == "cancelled"
    assert (await wire.get(over))["status"] == "completed"
    assert cannot["message"] == "token: lacks the scope cancel"


async def test_a_tool_of_the_catalog_under_its_own_name_is_a_task_too(door: Door, wire: Wire) -> None:
    app = create_app(door.api.access, make_local_verifier(KEYS))
    mount(app, catalog_tools=True)
    async with served(app) as url:
        created = await Wire(f"{url}/mcp", wire.token).call("SLACK__chat.post", text="hello")
    assert (created["resultType"], created["status"]) == ("task", "working")
    assert (await wire.call("propose", **CALL))["taskId"] == created["taskId"]


async def test_a_client_that_does_not_declare_tasks_gets_none(door: Door, wire: Wire) -> None:
    other = Wire(door.url, wire.token, knows_tasks=False)
    proposed = await other.call("propose", **CALL)
    task = proposed["structuredContent"]["envelope_id"]
    refused = [await other.send(method, taskId=task, inputResponses={}) for method in ("tasks/get", "tasks/cancel")]

    assert proposed["resultType"] == "complete"
    assert [each["code"] for each in refused] == [MISSING_REQUIRED_CLIENT_CAPABILITY] * 2
    assert refused[0]["data"] == NEEDED
    assert (await wire.get(task))["status"] == "working"
    assert (await other.send("server/discover"))["capabilities"]["extensions"] == {EXTENSION: {}}


async def test_a_token_that_may_not_read_gets_a_result_and_no_task(door: Door) -> None:
    proposer = Wire(door.url, await door.token("propose"))
    proposed = await proposer.call("propose", **CALL)
    assert (proposed["resultType"], proposed["isError"]) == ("complete", False)
    assert proposed["structuredContent"]["status"] == "pending"


async def test_an_older_protocol_has_no_tasks(door: Door, wire: Wire) -> None:
    task = (await wire.call("propose", **CALL))["taskId"]
    headers = {
        "Authorization": f"Bearer {wire.token}", "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": "2025-11-25",
    }  # fmt: skip
    body = {"jsonrpc": "2.0", "id": 1, "method": "tasks/get", "params": {"taskId": task}}
    async with httpx.AsyncClient() as http:
        answer = (await http.post(door.url, json=body, headers=headers)).text
    assert f'"code":{METHOD_NOT_FOUND}' in answer
