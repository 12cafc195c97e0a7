"""What an HTTP endpoint gets, and which calls are never sent."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from standardwebhooks import Webhook

from services.tools import Failed, Success
from services.tools.http.provider import HttpProvider
from tests.tools.builders import TENANT, a_call, a_tool
from tests.tools.servers import HttpServer
from tests.tools.webhooks import HERE, SECRET, SECRETS, a_webhook, answered_with

TRACEPARENT = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"


async def test_the_endpoint_gets_a_signed_envelope(http: HttpProvider, server: HttpServer) -> None:
    call = a_call(a_webhook(server.url), arguments={"text": "grüße", "none": None}, traceparent=TRACEPARENT)

    assert await http.execute(call) == Success(result={})

    [request] = server.requests
    payload = Webhook(SECRET).verify(request.body, dict(request.headers))
    assert payload.pop("timestamp").endswith("+00:00")
    assert payload == {
        "type": "CRM__notes.create",
        "data": {
            "envelope_id": str(call.envelope_id),
            "tenant_id": str(TENANT),
            "tool_slug": "CRM__notes.create",
            "arguments": {"text": "grüße", "none": None},
            "connected_account_id": "acc-1",
        },
    }
    assert request.line == "POST /hook HTTP/1.1"
    names = ("webhook-id", "idempotency-key", "traceparent", "content-type")
    assert [request.headers[name] for name in names] == [
        str(call.envelope_id),
        str(call.envelope_id),
        TRACEPARENT,
        "application/json",
    ]


async def test_every_attempt_carries_the_same_key_over_the_same_connection(
    http: HttpProvider, server: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.tools.http.pool.MIN_IDLE", 0)
    envelope_id = uuid4()
    for _ in range(2):
        await http.execute(a_call(a_webhook(server.url), envelope_id=envelope_id))

    assert [r.headers["idempotency-key"] for r in server.requests] == [str(envelope_id)] * 2
    assert [r.headers["webhook-id"] for r in server.requests] == [str(envelope_id)] * 2
    assert server.connections == 1


async def test_an_invalid_traceparent_is_not_sent(http: HttpProvider, server: HttpServer) -> None:
    for nonsense in (None, "x\r\nInjected: yes", "grün"):
        assert await http.execute(a_call(a_webhook(server.url), traceparent=nonsense)) == Success(result={})
    assert not [r for r in server.requests if "traceparent" in r.headers or "injected" in r.headers]


async def test_a_cookie_of_one_call_is_never_sent_with_the_next(http: HttpProvider, server: HttpServer) -> None:
    await answered_with(http, server, 200, headers={"Set-Cookie": "session=tenant-a; Path=/"})
    await answered_with(http, server, 200)
    assert "cookie" not in server.requests[1].headers


async def test_a_redirect_is_final_and_not_followed(http: HttpProvider, server: HttpServer) -> None:
    for status in (301, 302, 307, 308):
        outcome = await answered_with(http, server, status, headers={"Location": server.url})
        assert isinstance(outcome, Failed)
        assert (outcome.retryable, "config.url" in outcome.error) == (False, True)
    assert len(server.requests) == 4


async def test_a_proxy_in_the_environment_is_not_used(server: HttpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "socks5://no such proxy")
    monkeypatch.setenv("SSL_CERT_FILE", "/no/such/file")
    async with asyncio.timeout(60), HttpProvider(SECRETS, concurrency=1, allowed_hosts=HERE) as http:
        assert await http.execute(a_call(a_webhook(server.url))) == Success(result={})


@pytest.mark.parametrize(
    ("config", "names"),
    [
        ({}, "config.url"),
        ({"url": 7}, "config.url"),
        ({"url": "ftp://example.com/"}, "config.url"),
        ({"url": "http://"}, "config.url"),
        ({"url": "http://[::1/"}, "config.url"),
        ({"url": "/relative"}, "config.url"),
        ({"url": "http://127.0.0.1/", "secret": None}, "config.secret"),
        ({"url": "http://127.0.0.1/", "secret": "other"}, "ACP_WEBHOOK_SECRETS"),
        ({"url": "http://127.0.0.1/", "secret": "broken"}, "ACP_WEBHOOK_SECRETS"),
        ({"url": "http://127.0.0.1/", "secret": "empty"}, "ACP_WEBHOOK_SECRETS"),
        ({"url": "http://127.0.0.1/", "secret": SECRET}, "ACP_WEBHOOK_SECRETS"),
    ],
)
async def test_a_wrongly_configured_tool_fails_permanently_and_names_the_field(
    http: HttpProvider, config: dict[str, Any], names: str
) -> None:
    outcome = await http.execute(a_call(a_tool(config=config)))
    assert isinstance(outcome, Failed)
    assert (outcome.retryable, names in outcome.error, SECRET in outcome.error) == (False, True, False)


@pytest.mark.parametrize("text", ["\ud800", float("nan"), {1, 2}])
async def test_arguments_that_are_not_json_are_never_sent(http: HttpProvider, server: HttpServer, text: object) -> None:
    outcome = await http.execute(a_call(a_webhook(server.url), arguments={"text": text}))
    assert outcome == Failed(error="arguments: cannot be written as JSON", retryable=False)
    assert server.requests == []
