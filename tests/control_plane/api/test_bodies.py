"""No route reads a body before it knows the caller, nor further than the limit."""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from control_plane.api.bodies import MAX_BYTES, MAX_BYTES_BY_PATH
from control_plane.mcp.http import PATH, mount
from tests.control_plane.api.conftest import Api, Client, a_proposal

CHUNK = b" " * 64 * 1024
ID = str(UUID(int=1))
HEADERS = {"Content-Type": "application/json", "If-Match": '"1"'}


class Endless(httpx.AsyncByteStream):
    """A body without an end. Counts what is read of it."""

    def __init__(self) -> None:
        self.read = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            self.read += len(CHUNK)
            yield CHUNK


def bodies_of(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Every operation that takes a body: method and path."""
    yield "POST", PATH
    for path, operations in app.openapi()["paths"].items():
        for method, operation in operations.items():
            if "requestBody" in operation:
                filled = path.replace("{tool_slug}", "A__b")
                yield method.upper(), re.sub(r"\{\w+\}", ID, filled)


@pytest.mark.parametrize("token", [None, "acp_unknown", "not.a.jwt"])
async def test_a_stranger_is_refused_before_a_byte_of_the_body_is_read(api: Api, token: str | None) -> None:
    mount(api.app)
    stranger = Client(api.http, token)
    answers: dict[tuple[str, str], tuple[int, int]] = {}
    for method, path in bodies_of(api.app):
        body = Endless()
        answer = await stranger.request(method, path, content=body, headers=HEADERS)
        answers[method, path] = (answer.status_code, body.read)
    assert len(answers) > 20
    assert {key: answer for key, answer in answers.items() if answer != (401, 0)} == {}


async def test_a_body_is_read_no_further_than_its_limit(api: Api) -> None:
    mount(api.app)
    for method, path in bodies_of(api.app):
        caller = api.as_operator()
        max_bytes = MAX_BYTES_BY_PATH.get(path, MAX_BYTES)
        body = Endless()
        params = {"tenant_id": str(api.tenant)}
        answer = await caller.request(method, path, content=body, headers=HEADERS, params=params)
        assert (path, answer.status_code) == (path, 413), answer.text
        assert answer.json()["detail"] == f"body: is larger than {max_bytes:,} bytes"
        assert max_bytes < body.read <= max_bytes + len(CHUNK)


async def test_a_body_that_announces_too_much_is_not_read(api: Api) -> None:
    body = Endless()
    headers = {**HEADERS, "Content-Length": str(MAX_BYTES + 1)}
    answer = await api.as_user().post("/v1/pauses", content=body, headers=headers)
    assert (answer.status_code, body.read) == (413, 0)


async def test_a_batch_may_have_four_times_as_much(api: Api) -> None:
    many = [a_proposal(external_id=f"n{n}", arguments={"text": "x" * 2000}) for n in range(700)]
    agent = await api.as_agent()
    assert (await agent.post("/v1/envelopes", json={"envelopes": many})).status_code == 413
    answer: dict[str, Any] = (await agent.post("/v1/envelopes/batch", json={"envelopes": many})).json()
    assert [item["status"] for item in answer["items"]] == [201] * 700


@pytest.mark.parametrize(("body", "problem"), [
    ('{"reason": "a", "reason": "b"}', "reason: occurs twice in the same object: keep one"),
    *(pytest.param(body, problem, marks=pytest.mark.slow) for body, problem in [
        ('{"reason": {"a": 1, "a": 1}}', "a: occurs twice in the same object: keep one"),
        ('{"reason": NaN}', "JSON: contains NaN, which is not JSON"),
        ("[]", "body: must be a JSON object"), ("{", "body: is not JSON: Expecting property name"),
    ]),
])  # fmt: skip
async def test_every_route_refuses_a_body_that_two_readers_could_read_in_two_ways(
    api: Api, body: str, problem: str
) -> None:
    answers = {}
    for method, path in bodies_of(api.app):
        if path != PATH:  # answers as JSON-RPC does: tests/control_plane/mcp/test_messages.py
            params = {"tenant_id": str(api.tenant)}
            answer = await api.as_operator().request(method, path, content=body, headers=HEADERS, params=params)
            answers[method, path] = answer.status_code, answer.json()["detail"].startswith(problem)
    assert len(answers) > 20
    assert {key: answer for key, answer in answers.items() if answer != (422, True)} == {}
