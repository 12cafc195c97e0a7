"""A call arrives as the agent wrote it, or is refused as over the API. A malformed message is not repeated."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from control_plane.api.bodies import MAX_BYTES
from tests.control_plane.api.conftest import Api
from tests.control_plane.mcp.conftest import Door
from tests.control_plane.mcp.test_stdio import start, token_of

HEADERS = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-06-18"}
MODERN = {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": "propose"}
REFUSED = [
    '{"amount": 9007199254740993.0}',
    '{"amount": 0.1234567890123456789012345}',
    '{"amount": 1e400}',
    '{"amount": 12345678901234567890123}',
    '{"amount": 1, "amount": 2}',
    '{"amount": 1, "text": {"a": 1, "a": 1}}',
    '{"amount": NaN}',
    r'{"text": "a\u0000b"}',
    r'{"text": "a\ud800b"}',
    '{"text": ' + "[" * 200 + "]" * 200 + "}",
]
"""Arguments that are not JSON, or that a reader would change."""


def proposal(arguments: str) -> str:
    return f'{{"tool_slug": "SLACK__chat.post", "external_id": "n", "arguments": {arguments}}}'


def call(arguments: str) -> str:
    params = f'{{"name": "propose", "arguments": {proposal(arguments)}}}'
    return f'{{"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {params}}}'


def reason_in(answer: dict[str, Any]) -> str:
    """The text of a failed call."""
    assert answer["result"]["isError"]
    return str(answer["result"]["content"][0]["text"])


@pytest.mark.parametrize("headers", [HEADERS, {**HEADERS, **MODERN}], ids=["legacy", "modern"])
async def test_what_the_api_refuses_is_refused_over_http_with_the_same_words(
    door: Door, headers: dict[str, str]
) -> None:
    token = await door.token()
    async with httpx.AsyncClient(headers={**headers, "Authorization": f"Bearer {token}"}) as http:
        api = door.url.removesuffix("/mcp")
        for arguments in REFUSED:
            typed = {"Content-Type": "application/json"}
            over_mcp = await http.post(door.url, content=call(arguments), headers=typed)
            over_api = await http.post(f"{api}/v1/envelopes", content=proposal(arguments), headers=typed)
            assert (over_mcp.status_code, over_api.status_code) == (200, 422), arguments
            assert reason_in(over_mcp.json()) == over_api.json()["detail"]
    assert (await door.api.as_user().get("/v1/envelopes")).json()["items"] == []


async def test_what_the_api_refuses_is_refused_over_stdio_and_the_next_call_is_answered(
    api: Api, database_url: str
) -> None:
    process = await start(database_url, await token_of(api))
    assert process.stdin is not None
    assert process.stdout is not None
    reasons = []
    async with asyncio.timeout(60):
        for arguments in REFUSED:
            process.stdin.write(f"{call(arguments)}\n".encode())
            reasons.append(reason_in(json.loads(await process.stdout.readline())))
        process.stdin.write(b'\nnonsense "s3cret"\n{"jsonrpc": "2.0", "id": 8, "method": "ping"}\n')
        nonsense = json.loads(await process.stdout.readline())
        assert b'"id":8' in await process.stdout.readline()
        process.stdin.close()
        await process.wait()

    assert (nonsense["id"], nonsense["error"]["message"]) == (None, "message: is not JSON: Expecting value at column 1")
    assert reasons[0] == "arguments.amount: is a number that a 64-bit float cannot keep exactly; send it as a string"
    assert reasons[4] == "amount: occurs twice in the same object: keep one"
    assert (await api.as_user().get("/v1/envelopes")).json()["items"] == []


async def test_exact_numbers_arrive_as_they_were_written(door: Door) -> None:
    async with door.connect(await door.token()) as agent:
        for number in (0.1, 1e-300, 2**63 - 1, -5):
            proposed, _ = await agent.call("propose", tool_slug="SLACK__chat.post", arguments={"amount": number})
            answer = await door.api.as_user().get(f"/v1/envelopes/{proposed['envelope_id']}")
            assert answer.json()["arguments"] == {"amount": number}


NO_MESSAGE = "message: is not a JSON-RPC request, notification or response"


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ('{"jsonrpc": "2.0", "id": 1, "method": 5, "params": {"token": "s3cret"}}', NO_MESSAGE),
        ('{"jsonrpc": "2.0", "id": "a", "method": "tools/call", "params": ["s3cret"]}', NO_MESSAGE),
        ('{"jsonrpc": "s3cret", "id": 1.5, "method": "ping"}', NO_MESSAGE),
        (
            '[{"jsonrpc": "2.0", "id": 1, "method": "ping", "params": {"a": "s3cret"}}]',
            "message: must be a JSON object",
        ),
        ('{"s3cret', "message: is not JSON: Unterminated string starting at at column 2"),
        ('"s3cret"', "message: must be a JSON object"),
    ],
)
async def test_a_malformed_message_is_refused_without_repeating_it(door: Door, message: str, reason: str) -> None:
    headers = {**HEADERS, "Authorization": f"Bearer {await door.token()}", "Content-Type": "application/json"}
    async with httpx.AsyncClient(headers=headers) as http:
        answer = await http.post(door.url, content=message)
    assert "s3cret" not in answer.text
    assert (answer.json()["error"]["message"] if answer.status_code == 400 else reason_in(answer.json())) == reason


async def test_a_body_over_the_limit_is_refused(door: Door) -> None:
    headers = {**HEADERS, "Authorization": f"Bearer {await door.token()}", "Content-Type": "application/json"}
    async with httpx.AsyncClient(headers=headers) as http:
        answer = await http.post(door.url, content=call(json.dumps({"text": "x" * MAX_BYTES})))
    assert (answer.status_code, answer.json()["detail"]) == (413, "body: is larger than 1,048,576 bytes")
