"""The toolkits and accounts that Composio lists, and its health."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from services.accounts import AccountHealth
from services.catalog import ListedTool
from services.errors import NotFound, NotReady
from services.tools.composio.provider import MAX_ANSWER_BYTES, MAX_PAGES, ComposioProvider
from tests.tools.composio import KEY, ComposioServer, a_listed, an_account
from tests.tools.servers import Behaviour, answer, break_off, close_silently, hang, stream_ten_megabytes


async def test_a_toolkit_is_listed_to_its_last_page(
    composio: ComposioProvider, composio_server: ComposioServer
) -> None:
    composio_server.listed = [a_listed(f"GMAIL_{n}", scopes=[], tags=[], description=f"no {n}") for n in range(4)]
    composio_server.listed.append(
        a_listed("GMAIL_LAST", tags=["important", "readOnlyHint", "idempotentHint", "createHint"])
    )

    tools = await composio.list_tools("gmail")

    assert [tool.name for tool in tools] == ["GMAIL_0", "GMAIL_1", "GMAIL_2", "GMAIL_3", "GMAIL_LAST"]
    schema = {"type": "object", "properties": {"body": {"type": "string"}}, "required": ["body"]}
    assert tools[0] == ListedTool(
        name="GMAIL_0", description="no 0", schema=schema, version="20251027_00",
        config={"tool": "GMAIL_0", "version": "20251027_00"},
    )  # fmt: skip
    assert tools[4].annotations == {"readOnlyHint": True, "idempotentHint": True}
    assert tools[4].scopes == ("https://www.googleapis.com/auth/gmail.compose",)
    request = "GET /api/v3.1/tools?limit=100&toolkit_slug=gmail&toolkit_versions=latest HTTP/1.1"
    assert [
        request.line.replace("cursor=Mg%3D%3D&", "").replace("cursor=Mw%3D%3D&", "")
        for request in composio_server.requests
    ] == [request] * 3


@pytest.mark.parametrize("source", ["nobody", "", "gmail/../slack", "a b"])
async def test_a_missing_toolkit_is_not_found(composio: ComposioProvider, source: str) -> None:
    with pytest.raises(NotFound, match="no tools in a toolkit"):
        await composio.list_tools(source)


@pytest.mark.parametrize(
    ("behave", "says"),
    [
        (answer(401, body=KEY.encode()), "401: check ACP_COMPOSIO_API_KEY"),
        (answer(500, body=b"why"), "answered 500: why"),
        (answer(200, body=b"{"), "unreadable"),
        (answer(200, body=b'{"items": [{"slug": 7}]}'), r"unreadable answer \(items.0.slug"),
        (answer(200, body=b'{"items": [{"slug": "X", "input_parameters": []}]}'), "input_parameters"),
        (answer(200, body=b'{"items": [], "next_cursor": {}}'), "next_cursor"),
        (break_off(200), "cut off"),
        (close_silently, "RemoteProtocolError"),
        (stream_ten_megabytes, "unreadable"),
        (answer(200, body=b"x" * (MAX_ANSWER_BYTES + 1)), "longer than"),
        (answer(200, body=b'{"items": [{"slug": "X"}], "next_cursor": "again"}'), f"more than {MAX_PAGES} pages"),
    ],
)
async def test_an_invalid_listing_is_refused(
    composio: ComposioProvider, composio_server: ComposioServer, behave: Behaviour, says: str
) -> None:
    composio_server.behave = behave
    with pytest.raises(NotReady, match=says) as refusal:
        await composio.list_tools("gmail")
    assert KEY not in str(refusal.value)


async def test_listings_and_lookups_have_deadlines(
    composio: ComposioProvider, composio_server: ComposioServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LIST_TIMEOUT", "LOOKUP_TIMEOUT"):
        monkeypatch.setattr(f"services.tools.composio.provider.{name}", timedelta(seconds=0.1))
    composio_server.behave = hang
    async with asyncio.timeout(60):
        with pytest.raises(NotReady, match=r"within 0\.1 s"):
            await composio.list_tools("gmail")
        assert await composio.health("gmail") == "Composio: no answer within 0.1 s"


async def test_health_reads_one_tool_of_the_toolkit(
    composio: ComposioProvider, composio_server: ComposioServer
) -> None:
    assert await composio.health("gmail") is None
    assert "limit=1&toolkit_slug=gmail" in composio_server.requests[0].line
    assert "'nobody'" in (await composio.health("nobody") or "")
    composio_server.behave = answer(401)
    assert await composio.health("gmail") == "Composio answered 401: check ACP_COMPOSIO_API_KEY"


@pytest.mark.parametrize(
    ("account", "health"),
    [
        ({}, AccountHealth(status="connected")),
        ({"status": "INITIALIZING"}, AccountHealth(status="pending", reason="Composio says INITIALIZING")),
        ({"status": "INITIATED"}, AccountHealth(status="pending", reason="Composio says INITIATED")),
        (
            {"status": "EXPIRED", "status_reason": "token\nrefresh"},
            AccountHealth(status="expired", reason="token refresh"),
        ),
        ({"status": "REVOKED"}, AccountHealth(status="revoked", reason="Composio says REVOKED")),
        ({"status": "FAILED"}, AccountHealth(status="error", reason="Composio says FAILED")),
        ({"status": "NEWFANGLED"}, AccountHealth(status="error", reason="Composio says NEWFANGLED")),
        ({"status": "INACTIVE"}, AccountHealth(status="error", reason="it is disabled: enable it in Composio")),
        ({"is_disabled": True}, AccountHealth(status="error", reason="it is disabled: enable it in Composio")),
        ({"status": "EXPIRED", "is_disabled": True}, AccountHealth(status="expired", reason="Composio says EXPIRED")),
    ],
)
async def test_an_accounts_state_is_translated_to_ours(
    composio: ComposioProvider, composio_server: ComposioServer, account: dict[str, Any], health: AccountHealth
) -> None:
    composio_server.account = an_account(
        **{"state": {"authScheme": "OAUTH2", "val": {}}, "requested_scopes": None, **account}
    )
    assert await composio.account("ca_1") == health


@pytest.mark.parametrize(
    ("account", "scopes"),
    [
        ({}, ("gmail.send", "gmail.compose")),
        (
            {"state": {"authScheme": "OAUTH2", "val": {"scope": "chat:write,channels:read"}}},
            ("chat:write", "channels:read"),
        ),
        ({"state": {"authScheme": "OAUTH2", "val": {"scope": ["a", "b"]}}}, ("a", "b")),
        ({"state": {"authScheme": "API_KEY", "val": {}}}, ("gmail.send",)),
        ({"state": {"authScheme": "API_KEY", "val": {}}, "requested_scopes": None}, ()),
    ],
)
async def test_an_accounts_scopes_are_the_granted_ones_else_the_requested(
    composio: ComposioProvider, composio_server: ComposioServer, account: dict[str, Any], scopes: tuple[str, ...]
) -> None:
    composio_server.account = an_account(**account)
    assert (await composio.account("ca_1")).scopes == scopes


@pytest.mark.parametrize("account_id", ["ca_2", "../tools", ""])
async def test_an_account_composio_does_not_have_is_not_found(composio: ComposioProvider, account_id: str) -> None:
    with pytest.raises(NotFound, match=r"metadata\.composio_id"):
        await composio.account(account_id)


async def test_an_account_without_a_valid_answer_raises_not_ready(
    composio: ComposioProvider, composio_server: ComposioServer
) -> None:
    composio_server.behave = answer(503, body=b"away")
    with pytest.raises(NotReady, match="Composio answered 503: away"):
        await composio.account("ca_1")
