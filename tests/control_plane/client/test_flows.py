"""What both clients send, when they try again, and what they raise, against an API that the test plays."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

from control_plane.client import (
    ApiError,
    AsyncClient,
    Client,
    Conflict,
    InvalidProposal,
    NotAuthenticated,
    ServerFailed,
    StillOpen,
    TooManyRequests,
    Unreachable,
    values,
)
from services.envelope import OPEN_STATUSES

ID = UUID("cccccccc-0001-4111-8111-111111111111")
ENVELOPE = {
    "id": str(ID), "tenant_id": str(ID), "tool_slug": "A__b", "arguments": {"n": 1}, "external_id": "k",
    "status": "pending", "attempts": 0, "last_error": None, "result": None, "verdicts": [], "doubtful": False,
    "next_run_at": "2026-11-30T00:00:00Z", "created_at": "2026-11-30T00:00:00Z", "updated_at": "2026-11-30T00:00:00Z",
    "a_field_of_tomorrow": 1,
}  # fmt: skip
PROPOSED = httpx.Response(201, json={"envelope": ENVELOPE, "created": True, "verdicts": []})


class Played:
    """An API that gives these answers in order, and records the requests."""

    def __init__(self, *replies: httpx.Response | Exception) -> None:
        self.replies = list(replies)
        self.requests: list[httpx.Request] = []
        self.pauses: list[float] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return httpx.Response(reply.status_code, headers=reply.headers, content=reply.content)


@pytest.fixture(params=["sync", "async"])
def call(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Calls a method of either client, without real pauses."""

    def run(played: Played, method: str, *args: object, **options: object) -> Any:
        transport = httpx.MockTransport(played.answer)
        if request.param == "sync":
            monkeypatch.setattr("control_plane.client.clients.pause", played.pauses.append)
            with httpx.Client(transport=transport) as http:
                return getattr(Client("http://api/", "acp_secret", http=http), method)(*args, **options)

        async def pause(seconds: float) -> None:
            played.pauses.append(seconds)

        async def work() -> Any:
            async with httpx.AsyncClient(transport=transport) as http:
                client = AsyncClient("http://api/", "acp_secret", http=http)
                return await getattr(client, method)(*args, **options)

        with monkeypatch.context() as patch:
            patch.setattr("control_plane.client.clients.pause_async", pause)
            with asyncio.Runner() as runner:
                return runner.run(work())

    return run


def propose(call: Callable[..., Any], played: Played) -> Any:
    return call(played, "propose", "A__b", {"n": 1}, external_id="k", metadata={"m": 2})


def test_a_proposal_is_one_request_with_the_token_and_a_newer_servers_fields_are_ignored(
    call: Callable[..., Any],
) -> None:
    played = Played(PROPOSED)
    proposed = propose(call, played)
    (request,) = played.requests
    assert (str(request.url), request.headers["authorization"]) == ("http://api/v1/envelopes", "Bearer acp_secret")
    assert json.loads(request.content) == {
        "tool_slug": "A__b", "arguments": {"n": 1}, "external_id": "k", "metadata": {"m": 2},
    }  # fmt: skip
    assert (proposed.created, proposed.envelope.id, proposed.envelope.is_open) == (True, ID, True)


@pytest.mark.parametrize(
    "reply", [httpx.ReadError("lost"), httpx.ReadTimeout("late"), httpx.Response(503), httpx.Response(502)]
)
def test_a_proposal_whose_answer_was_lost_is_sent_again_with_the_same_key(
    call: Callable[..., Any], reply: httpx.Response | Exception
) -> None:
    played = Played(reply, PROPOSED)
    assert propose(call, played).created
    assert [json.loads(request.content)["external_id"] for request in played.requests] == ["k", "k"]


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_the_pause(call: Callable[..., Any], status: int) -> None:
    played = Played(httpx.Response(status, headers={"Retry-After": "7"}), PROPOSED)
    propose(call, played)
    assert played.pauses == [7.0]


def test_a_retry_after_that_is_too_long_is_left_to_the_caller(call: Callable[..., Any]) -> None:
    played = Played(httpx.Response(429, headers={"Retry-After": "3600"}))
    with pytest.raises(TooManyRequests):
        propose(call, played)
    assert played.pauses == []


def test_after_five_tries_it_gives_up(call: Callable[..., Any]) -> None:
    played = Played(*[httpx.ConnectError("no")] * 5)
    with pytest.raises(Unreachable):
        propose(call, played)
    assert (len(played.requests), len(played.pauses)) == (5, 4)


@pytest.mark.parametrize("reply", [httpx.ReadError("lost"), httpx.Response(503)])
def test_a_cancel_whose_answer_was_lost_is_not_sent_again(
    call: Callable[..., Any], reply: httpx.Response | Exception
) -> None:
    played = Played(reply)
    with pytest.raises(ServerFailed if isinstance(reply, httpx.Response) else Unreachable):
        call(played, "cancel", ID)
    assert len(played.requests) == 1


def test_a_cancel_that_never_left_is_sent_again(call: Callable[..., Any]) -> None:
    played = Played(httpx.ConnectError("no"), httpx.Response(200, json={**ENVELOPE, "status": "cancelled"}))
    assert call(played, "cancel", ID, reason="sold out").status == "cancelled"
    assert json.loads(played.requests[-1].content) == {"reason": "sold out"}


@pytest.mark.parametrize(
    ("status", "kind"), [(401, NotAuthenticated), (409, Conflict), (422, InvalidProposal), (400, ApiError)]
)
def test_a_problem_is_a_typed_error_and_is_not_retried(
    call: Callable[..., Any], status: int, kind: type[ApiError]
) -> None:
    problem = {
        "status": status, "detail": "text: is too long", "request_id": "r1",
        "errors": [{"field": "text", "problem": "is too long"}],
    }  # fmt: skip
    played = Played(httpx.Response(status, json=problem))
    with pytest.raises(kind) as raised:
        propose(call, played)
    assert type(raised.value) is kind
    assert (str(raised.value), raised.value.status, raised.value.request_id) == ("text: is too long", status, "r1")
    if isinstance(raised.value, InvalidProposal):
        assert raised.value.errors == problem["errors"]


@pytest.mark.parametrize("content", [b"<html>", b"[]", b""])
def test_an_answer_of_something_else_is_named_so(call: Callable[..., Any], content: bytes) -> None:
    with pytest.raises(ApiError, match="not of this API"):
        propose(call, Played(httpx.Response(200, content=content)))
    with pytest.raises(ServerFailed, match="HTTP 500"):
        propose(call, Played(httpx.Response(500, content=content)))


def test_waiting_asks_until_the_envelope_is_over(call: Callable[..., Any]) -> None:
    played = Played(
        httpx.Response(200, json=ENVELOPE), httpx.Response(503),
        httpx.Response(200, json={**ENVELOPE, "status": "success", "result": {"ok": True}}),
    )  # fmt: skip
    envelope = call(played, "wait", ID)
    assert (envelope.status, envelope.result) == ("success", {"ok": True})
    assert {request.url.params["wait"] for request in played.requests} == {"30.0"}


def test_waiting_ends_with_its_time(call: Callable[..., Any]) -> None:
    with pytest.raises(StillOpen) as raised:
        call(Played(httpx.Response(200, json=ENVELOPE)), "wait", ID, timeout=0)
    assert raised.value.envelope.status == "pending"


def test_filters_that_are_not_given_are_not_sent(call: Callable[..., Any]) -> None:
    played = Played(httpx.Response(200, json={"items": [ENVELOPE], "next": "abc"}))
    page = call(played, "list", status="pending", limit=1)
    assert ([item.id for item in page.items], page.next) == ([ID], "abc")
    assert dict(played.requests[0].url.params) == {"status": "pending", "limit": "1"}


def test_open_means_what_the_server_means() -> None:
    assert set(map(str, OPEN_STATUSES)) == values.OPEN_STATUSES


def test_it_loads_httpx_and_nothing_else_of_this_product() -> None:
    code = """
import sys
import httpx
before = set(sys.modules)
import control_plane.client
print(*sorted({name.split(".")[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names)))
print(*sorted(name for name in sys.modules if name.startswith(("services", "worker"))))
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines() == ["control_plane", ""]
