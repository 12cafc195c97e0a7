"""Agents at the door over streamable HTTP, with the client of the SDK."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest
from mcp import MCPError

from control_plane.api.problems import NOT_READY
from control_plane.mcp.server import FAILED
from control_plane.mcp.tools import application_tools
from services.errors import ControlPlaneError, NotReady, RefusedByDatabase
from services.outbox import Disposition
from tests.control_plane.api.conftest import jwt
from tests.control_plane.mcp.conftest import Door, settle
from tests.worker.world import eventually

CALL = {"tool_slug": "SLACK__chat.post", "arguments": {"text": "hello"}}
MODES = pytest.mark.parametrize("mode", ["legacy", "auto"])
OWN = sorted([
    "await_outcome", "cancel", "explain", "list_objectives", "propose", "search_catalog",
    *(found.tool.name for found in application_tools()),
])  # fmt: skip


@MODES
async def test_an_agent_proposes_waits_and_gets_the_result(door: Door, mode: str) -> None:
    async with door.connect(await door.token(), mode=mode) as agent:
        proposed, refused = await agent.call("propose", **CALL)
        assert (proposed["status"], proposed["created"], refused) == ("pending", True, False)
        await settle(door.api, result={"ts": "1"})

        outcome, failed = await agent.call("await_outcome", envelope_id=proposed["envelope_id"])

    assert (outcome["status"], outcome["is_over"], outcome["result"], failed) == ("success", True, {"ts": "1"}, False)
    rows = await door.api.access.operator.audit_log.tail(door.api.tenant, limit=50)
    [row] = [row for row in rows if row.entry.category == "envelope.proposed"]
    assert (row.entry.actor.type, row.entry.actor.id, row.entry.payload["door"]) == ("agent", "bot", "mcp")


@MODES
async def test_a_call_that_waits_is_held_less_than_five_seconds_with_progress(door: Door, mode: str) -> None:
    async with door.connect(await door.token(), mode=mode, read_timeout_seconds=5) as agent:
        proposed, _ = await agent.call("propose", **CALL)
        outcome, failed = await agent.call("await_outcome", envelope_id=proposed["envelope_id"])

    assert (outcome["status"], outcome["is_over"], failed) == ("pending", False, False)
    assert outcome["envelope_id"] == proposed["envelope_id"]
    assert [message for _, message in agent.progress] == ["pending"] * 3


async def test_an_agent_that_waits_follows_the_audit_log_and_gets_the_result_when_it_comes(door: Door) -> None:
    feed = door.api.app.state.feed
    async with door.connect(await door.token()) as agent, asyncio.TaskGroup() as group:
        proposed, _ = await agent.call("propose", **CALL)
        waiting = group.create_task(agent.call("await_outcome", envelope_id=proposed["envelope_id"]))
        await eventually(lambda: feed.followers == 1)
        await settle(door.api, result={"ts": "1"})
        outcome, failed = await waiting

    assert (outcome["status"], outcome["result"], failed) == ("success", {"ts": "1"}, False)
    assert feed.followers == 0


async def test_the_same_call_three_times_is_one_envelope(door: Door) -> None:
    async with door.connect(await door.token()) as agent, door.connect(await door.token()) as other:
        same = [(await agent.call("propose", **CALL))[0] for _ in range(3)]
        keyed = [(await agent.call("propose", **CALL, external_id="second"))[0] for _ in range(3)]
        others, _ = await other.call("propose", **CALL)

    assert [proposed["created"] for proposed in same] == [True, False, False]
    assert [proposed["created"] for proposed in keyed] == [True, False, False]
    assert len({proposed["envelope_id"] for proposed in [*same, *keyed, others]}) == 3


@pytest.mark.parametrize(
    ("to", "settled", "why"),
    [
        (Disposition.FAILED, {"error": "HTTP 422: no such channel"}, "HTTP 422: no such channel"),
        (Disposition.DENIED, {"error": "scopes: missing"}, "scopes: missing"),
        (Disposition.CONFLICT, {"error": "HTTP 409"}, "HTTP 409"),
    ],
)
async def test_a_call_that_did_not_succeed_is_an_error_with_the_reason(
    door: Door, to: Disposition, settled: dict[str, Any], why: str
) -> None:
    async with door.connect(await door.token()) as agent:
        proposed, _ = await agent.call("propose", **CALL)
        await settle(door.api, to, **settled)
        outcome, failed = await agent.call("await_outcome", envelope_id=proposed["envelope_id"])
        story, story_failed = await agent.call("explain", envelope_id=proposed["envelope_id"])

    assert (outcome["status"], outcome["is_over"], failed, story_failed) == (to, True, True, False)
    assert why in outcome["why"]
    assert why in story["why"]


async def test_another_tenants_envelope_is_not_found_with_any_tool(door: Door) -> None:
    stranger = await door.token(tenant=door.api.other_tenant)
    async with door.connect(await door.token()) as agent, door.connect(stranger) as other:
        proposed, _ = await agent.call("propose", **CALL)
        for tool in ("await_outcome", "explain", "cancel"):
            answer, refused = await other.call(tool, envelope_id=proposed["envelope_id"])
            missing, _ = await other.call(tool, envelope_id=(nobodys := str(uuid4())))
            assert refused
            assert answer.replace(proposed["envelope_id"], "ID") == missing.replace(nobodys, "ID")

        named, refused = await other.call("propose", **CALL, tenant_id=str(door.api.tenant))
    assert (named, refused) == ("tenant_id: cannot be chosen by an agent; leave it out", True)


async def test_an_agent_cancels_what_has_not_been_executed(door: Door) -> None:
    async with door.connect(await door.token()) as agent:
        proposed, _ = await agent.call("propose", **CALL)
        cancelled, _ = await agent.call("cancel", envelope_id=proposed["envelope_id"], reason="changed my mind")
        again, refused = await agent.call("cancel", envelope_id=proposed["envelope_id"])
        outcome, failed = await agent.call("await_outcome", envelope_id=proposed["envelope_id"])

    assert cancelled["status"] == "cancelled"
    assert refused
    assert "cancelled" in again
    assert (outcome["status"], failed) == ("cancelled", True)


async def test_a_token_does_only_what_its_scopes_say(door: Door) -> None:
    async with door.connect(await door.token("read")) as reader, door.connect(await door.token("propose")) as proposer:
        proposed = await reader.call("propose", **CALL)
        searched = await proposer.call("search_catalog")

    assert proposed == ("token: lacks the scope propose", True)
    assert searched == ("token: lacks the scope read", True)


async def test_the_list_of_tools_is_the_same_each_time_and_has_nothing_that_decides(door: Door) -> None:
    async with door.connect(await door.token()) as agent:
        lists = [(await agent.client.list_tools(cache_mode="bypass")).model_dump_json() for _ in range(2)]
        listed = await agent.client.list_tools()
        for name in ("approve", "decide_approval", "reject"):
            with pytest.raises(Exception, match="there is no such tool"):
                await agent.call(name, envelope_id=str(uuid4()))

    assert lists[0] == lists[1]
    assert [tool.name for tool in listed.tools] == OWN


async def test_a_wrong_argument_is_named_and_not_repeated(door: Door) -> None:
    async with door.connect(await door.token()) as agent:
        wrong, refused = await agent.call("propose", tool_slug="SLACK__chat.post", arguments={"text": 5}, note="s3cret")
        not_an_id, _ = await agent.call("explain", envelope_id="s3cret")
        unknown, _ = await agent.call("propose", tool_slug="NO__tool")

    assert refused
    assert wrong == "note: is not a field of an envelope; arguments.text: must be of type string"
    assert "s3cret" not in wrong + not_an_id
    assert "NO__tool" in unknown


@pytest.mark.parametrize(
    "token",
    [None, "acp_unknown", "no token", jwt(tenant_id=str(uuid4()), aud="another"), jwt(tenant_id=str(uuid4()), exp=1)],
    ids=["none", "unknown", "nonsense", "audience", "expired"],
)
async def test_a_wrong_token_is_401_and_names_where_to_get_one(door: Door, token: str | None) -> None:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(timeout=60) as http:
        refused = await http.post(door.url, json={"jsonrpc": "2.0", "id": 1, "method": "ping"}, headers=headers)
        challenge = refused.headers["www-authenticate"]
        metadata = (await http.get(challenge.split('"')[-2])).json()

    assert refused.status_code == 401
    assert 'error="invalid_token"' in challenge
    assert metadata["resource"] == door.url


async def test_operators_have_no_tenant_here(door: Door) -> None:
    async with door.connect(door.api.as_operator().token) as maria:
        answer = await maria.call("list_objectives")
    assert answer == ("token: operators have no tenant; connect as an agent or a user of one", True)


async def test_a_revoked_token_ends_at_once(door: Door) -> None:
    owner = door.api.as_user()
    body = {"agent": "bot", "scopes": ["read"], "expires_in": 3600}
    issued = (await owner.post("/v1/api-tokens", json=body)).json()
    async with door.connect(issued["secret"]) as agent:
        assert (await agent.call("list_objectives"))[0] == {"objectives": []}
        await owner.delete(f"/v1/api-tokens/{issued['token']['id']}")
        with pytest.raises(Exception, match=r"."):
            await agent.call("list_objectives")


@MODES
@pytest.mark.parametrize(
    "error", [KeyError("s3cret"), ValueError("s3cret"), ControlPlaneError("s3cret"), RefusedByDatabase("s3cret")]
)
async def test_an_unexpected_error_is_answered_without_its_text(
    door: Door, mode: str, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("control_plane.mcp.calls.explain", fail)
    async with door.connect(await door.token(), mode=mode) as agent:
        try:
            answer, refused = await agent.call("explain", envelope_id=str(uuid4()))
        except MCPError as exc:
            answer, refused = str(exc), True

    expected = NOT_READY if isinstance(error, NotReady) else FAILED
    assert refused
    assert expected in answer
    assert "s3cret" not in answer
