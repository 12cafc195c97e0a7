"""What Composio gets with a call, and which calls are never sent."""

import asyncio
import json
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr

from services.errors import NotReady
from services.tools import Failed, Success
from services.tools.composio.provider import ComposioProvider
from tests.tools.builders import TENANT, a_call, a_tool
from tests.tools.composio import DRAFT, KEY, TOOL, ComposioServer, a_draft, a_provider, answered_with, executed
from tests.tools.servers import close_silently


async def test_composio_gets_the_call_with_its_own_field_names(
    composio: ComposioProvider, composio_server: ComposioServer
) -> None:
    call = a_draft(arguments={"body": "grüße", "cc": None, "n": [1.5, {"deep": None}]})

    assert await composio.execute(call) == Success(result=DRAFT)

    [request] = composio_server.requests
    assert request.line == f"POST /api/v3.1/tools/execute/{TOOL} HTTP/1.1"
    assert json.loads(request.body) == {
        "arguments": {"body": "grüße", "cc": None, "n": [1.5, {"deep": None}]},
        "user_id": str(TENANT),
        "connected_account_id": "acc-1",
    }
    headers = {name: value for name, value in request.headers.items() if name not in ("host", "content-length")}
    assert headers == {
        "x-api-key": KEY,
        "idempotency-key": str(call.envelope_id),
        "content-type": "application/json",
        "accept": "application/json",
        "accept-encoding": "identity",
        "connection": "keep-alive",
        "user-agent": "agent-control-plane",
    }


@pytest.mark.parametrize(
    ("account", "reference", "sent"),
    [
        (None, None, None), ("ca_1aB-2", None, "ca_1aB-2"), ("aaaaaaaa-1111-4111-8111-111111111111", "ca_2", "ca_2"),
        (None, "ca_2", "ca_2"),
    ],
)  # fmt: skip
async def test_the_account_that_was_checked_is_sent_with_composios_id(
    composio: ComposioProvider,
    composio_server: ComposioServer,
    account: str | None,
    reference: str | None,
    sent: str | None,
) -> None:
    await composio.execute(replace(a_draft(account=account), login_id=reference))
    assert json.loads(composio_server.requests[0].body).get("connected_account_id") == sent


async def test_an_account_without_a_composio_id_is_not_replaced_by_another(
    composio: ComposioProvider, composio_server: ComposioServer
) -> None:
    outcome = await composio.execute(a_draft(account="aaaaaaaa-1111-4111-8111-111111111111"))
    assert isinstance(outcome, Failed)
    assert not outcome.retryable
    assert "has no metadata.composio_id" in outcome.error
    assert composio_server.requests == []


async def test_the_catalog_may_name_user_and_version(
    composio: ComposioProvider, composio_server: ComposioServer
) -> None:
    await composio.execute(a_draft(config={"user_id": "maria", "version": "20251027_00"}))
    body = json.loads(composio_server.requests[0].body)
    assert (body["user_id"], body["version"]) == ("maria", "20251027_00")


async def test_without_config_tool_the_slug_in_capitals_is_the_tool(
    composio: ComposioProvider, composio_server: ComposioServer
) -> None:
    tool = a_tool(provider="composio", slug="GMAIL__create.email-draft")
    assert await composio.execute(a_call(tool)) == Success(result=DRAFT)
    assert composio_server.requests[0].line.split()[1].endswith(f"/execute/{TOOL}")


async def test_every_attempt_carries_the_same_key_over_a_connection_of_its_own(
    composio: ComposioProvider, composio_server: ComposioServer
) -> None:
    envelope_id = uuid4()
    for _ in range(2):
        await composio.execute(a_draft(envelope_id=envelope_id))
    assert [r.headers["idempotency-key"] for r in composio_server.requests] == [str(envelope_id)] * 2
    assert composio_server.connections == 2


async def test_a_cookie_of_one_call_is_never_sent_with_the_next(
    composio: ComposioProvider, composio_server: ComposioServer
) -> None:
    await answered_with(
        composio, composio_server, 200, executed({}), headers={"Set-Cookie": "session=tenant-a; Path=/"}
    )
    await answered_with(composio, composio_server, 200, executed({}))
    assert "cookie" not in composio_server.requests[1].headers


async def test_a_redirect_is_final_and_not_followed(
    composio: ComposioProvider, composio_server: ComposioServer
) -> None:
    outcome = await answered_with(composio, composio_server, 307, b"", headers={"Location": "/elsewhere"})
    assert isinstance(outcome, Failed)
    assert (outcome.retryable, "ACP_COMPOSIO_BASE_URL" in outcome.error) == (False, True)
    assert len(composio_server.requests) == 1


async def test_neither_proxies_nor_settings_of_other_programs_change_the_address(
    composio_server: ComposioServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", composio_server.base_url)
    monkeypatch.setenv("COMPOSIO_BASE_URL", "https://elsewhere.example.com")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    composio_server.behave = close_silently
    async with asyncio.timeout(60), ComposioProvider(SecretStr(KEY), concurrency=1) as composio:
        outcome = await composio.execute(a_draft())
    assert [r.line for r in composio_server.requests] == ["CONNECT backend.composio.dev:443 HTTP/1.1"]
    assert isinstance(outcome, Failed)
    assert outcome.retryable


@pytest.mark.parametrize(
    ("config", "names"),
    [
        ({"tool": 7}, "config.tool"),
        ({"tool": ""}, "config.tool"),
        ({"tool": "../../connected_accounts"}, "config.tool"),
        ({"tool": ".."}, "config.tool"),
        ({"user_id": 7}, "config.user_id"),
        ({"user_id": ""}, "config.user_id"),
        ({"version": 1}, "config.version"),
    ],
)
async def test_a_wrongly_configured_tool_fails_permanently_and_names_the_field(
    composio: ComposioProvider, composio_server: ComposioServer, config: dict[str, Any], names: str
) -> None:
    outcome = await composio.execute(a_draft(config=config))
    assert isinstance(outcome, Failed)
    assert (outcome.retryable, names in outcome.error, composio_server.requests) == (False, True, [])


@pytest.mark.parametrize("text", ["\ud800", float("nan"), {1, 2}])
async def test_arguments_that_are_not_json_are_never_sent(
    composio: ComposioProvider, composio_server: ComposioServer, text: object
) -> None:
    outcome = await composio.execute(a_draft(arguments={"text": text}))
    assert outcome == Failed(error="arguments: cannot be written as JSON", retryable=False)
    assert composio_server.requests == []


async def test_without_a_key_nothing_is_sent_and_every_method_reports_it(composio_server: ComposioServer) -> None:
    async with ComposioProvider(None, base_url=composio_server.base_url, concurrency=1) as composio:
        outcome = await composio.execute(a_draft())
        assert isinstance(outcome, Failed)
        assert (outcome.retryable, "ACP_COMPOSIO_API_KEY" in outcome.error) == (False, True)
        with pytest.raises(NotReady, match="ACP_COMPOSIO_API_KEY"):
            await composio.list_tools("gmail")
        assert "ACP_COMPOSIO_API_KEY" in (await composio.health("gmail") or "")
    assert composio_server.requests == []


async def test_a_call_outside_the_context_manager_fails(composio_server: ComposioServer) -> None:
    composio = a_provider(composio_server)
    assert await composio.execute(a_draft()) == Failed(error="the Composio provider is not running", retryable=True)
