"""An API of its own gets the arguments themselves, with its own login, and its own word decides about success."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from services.errors import InvalidInput
from services.tools import Failed, Success
from services.tools.http import HTTP, HttpSettings
from services.tools.http.provider import HttpProvider
from tests.tools.builders import a_call, a_tool
from tests.tools.servers import HttpServer, answer
from tests.tools.webhooks import HERE, SECRETS

LOGIN = {"desk": {"authorization": SecretStr("Bearer hush-hush-hush")}}


@pytest.fixture
async def raw() -> AsyncIterator[HttpProvider]:
    async with HttpProvider(SECRETS, headers=LOGIN, concurrency=4, allowed_hosts=HERE) as provider:
        yield provider


def a_raw_tool(url: str, **config: Any) -> Any:
    return a_tool(config={"url": url, "body": "arguments", **config})


async def test_the_body_is_the_arguments_and_the_login_is_a_header(raw: HttpProvider, server: HttpServer) -> None:
    call = a_call(a_raw_tool(server.url, headers="desk"), arguments={"content": "grüße", "private": False})
    assert await raw.execute(call) == Success(result={})
    [request] = server.requests
    assert json.loads(request.body) == {"content": "grüße", "private": False}
    assert (request.line, request.headers["authorization"], request.headers["idempotency-key"]) == (
        "POST /hook HTTP/1.1", "Bearer hush-hush-hush", str(call.envelope_id),
    )  # fmt: skip
    assert "webhook-signature" not in request.headers


async def test_an_argument_in_the_path_is_not_in_the_body(raw: HttpProvider, server: HttpServer) -> None:
    url = server.url.replace("/hook", "/conversations/{conversation_id}/messages")
    call = a_call(a_raw_tool(url, method="PUT"), arguments={"conversation_id": "a/../b?c#d", "content": "x"})
    assert await raw.execute(call) == Success(result={})
    [request] = server.requests
    assert request.line == "PUT /conversations/a%2F..%2Fb%3Fc%23d/messages HTTP/1.1"
    assert json.loads(request.body) == {"content": "x"}


@pytest.mark.parametrize("value", [None, "", "..", ".", True, {"a": 1}, "a\r\nb", "a\x00"])
async def test_what_cannot_be_part_of_a_path_is_never_sent(raw: HttpProvider, server: HttpServer, value: Any) -> None:
    url = server.url.replace("/hook", "/c/{id}")
    outcome = await raw.execute(a_call(a_raw_tool(url), arguments={"id": value}))
    assert outcome == Failed(error="arguments.id: must be a text or number that can be part of a path", retryable=False)
    assert server.requests == []


async def test_a_raw_body_is_signed_if_the_tool_names_a_secret(raw: HttpProvider, server: HttpServer) -> None:
    await raw.execute(a_call(a_raw_tool(server.url, secret="crm"), arguments={"a": 1}))  # noqa: S106  # its name
    assert server.requests[0].headers["webhook-signature"].startswith("v1,")


async def test_headers_that_are_not_set_are_named(raw: HttpProvider, server: HttpServer) -> None:
    assert await raw.execute(a_call(a_raw_tool(server.url, headers="other"))) == Failed(
        error="config.headers: ACP_HTTP_HEADERS has no entry named 'other'", retryable=False
    )
    assert server.requests == []


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (b'{"ok": true}', Success(result={"ok": True})),
        (
            b'{"ok": false, "error": "channel_not_found"}',
            Failed(error="the field ok of the answer is not true: channel_not_found", retryable=False),
        ),
        (b'{"ok": "true"}', Failed(error="the field ok of the answer is not true: no reason", retryable=False)),
        (b"<html>", Failed(error="the field ok of the answer is not true: no reason", retryable=False)),
    ],
)
async def test_an_answer_that_does_not_say_ok_is_a_failure(
    raw: HttpProvider, server: HttpServer, body: bytes, outcome: Success | Failed
) -> None:
    server.behave = answer(200, body=body)
    assert await raw.execute(a_call(a_raw_tool(server.url, ok="ok"))) == outcome


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ({"body": "raw"}, "config.body: must be event or arguments"),
        ({"body": "arguments", "method": "DELETE"}, "config.method: must be one of POST, PUT, PATCH"),
        (
            {"body": "arguments", "headers": {"a": "b"}},
            "config.headers: must be the name of an entry of ACP_HTTP_HEADERS",
        ),
        ({"method": "PUT"}, "config.method: needs config.body to be arguments"),
        (
            {"url": "https://a.example/{id}"},
            "config.url: may have a placeholder such as {name} only if config.body is arguments",
        ),
        (
            {"url": "https://{id}.example/", "body": "arguments"},
            "config.url: may have a placeholder such as {name} only in its path",
        ),
        (
            {"url": "https://a.example/?q={id}", "body": "arguments"},
            "config.url: may have a placeholder such as {name} only in its path",
        ),
    ],
)
def test_an_entry_that_no_call_can_use_is_refused(config: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidInput) as found:
        HTTP.check_config({"url": "https://a.example/hook", **config})
    assert str(found.value) == problem


@pytest.mark.parametrize(
    "headers", [{"host": "a"}, {"Content-Length": "1"}, {"x y": "a"}, {"authorization": "a\r\nb: c"}, {"x": ""}]
)
def test_headers_that_would_change_the_request_are_refused(headers: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        HttpSettings.model_validate({"http_headers": {"desk": headers}})
