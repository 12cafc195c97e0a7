import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from pydantic import AnyHttpUrl, SecretStr

from services.distribution import PACKAGE_NAME
from services.errors import NotReady
from services.tools import Failed, Success, ToolCall, Unknown
from services.tools.composio import ComposioSettings
from services.tools.composio.provider import ComposioProvider
from services.tools.dispatch import Tools
from services.tools.http import HttpSettings
from services.tools.http.provider import HttpProvider
from services.tools.mcp import McpServer, McpSettings
from services.tools.registry import PROVIDERS
from tests.tools.builders import a_call, a_tool
from tests.tools.composio import DRAFT, ComposioServer
from tests.tools.servers import HttpServer

TIME = McpServer(command=sys.executable, args=("-m", "mcp_server_time"))


@pytest.fixture
async def tools() -> AsyncIterator[Tools]:
    async with Tools(
        HttpSettings(webhook_secrets={"crm": SecretStr("whsec_c2VjcmV0")}, allowed_hosts=("127.0.0.1",)),
        McpSettings(mcp_servers={"time": TIME}),
        concurrency=4,
    ) as tools:
        yield tools


async def test_each_call_goes_to_the_provider_its_tool_names(tools: Tools) -> None:
    async with HttpServer() as server, asyncio.timeout(60):
        posted = await tools.execute(a_call(a_tool(config={"url": server.url, "secret": "crm"})))
    assert posted == Success(result={})

    clock = a_tool(provider="mcp", slug="TIME__get_current_time", config={"server": "time"})
    async with asyncio.timeout(60):
        before = asyncio.all_tasks()
        outcomes = await asyncio.gather(
            *(tools.execute(a_call(clock, arguments={"timezone": "UTC"})) for _ in range(3))
        )
        assert [type(outcome) for outcome in outcomes] == [Success] * 3
        assert [task.get_name() for task in asyncio.all_tasks() - before].count("mcp server time") == 1
        assert [tool.name for tool in await tools.list_tools("mcp", "time")] == ["get_current_time", "convert_time"]


async def test_an_unknown_provider_is_a_final_failure(tools: Tools) -> None:
    outcome = await tools.execute(a_call(a_tool(provider="fax")))
    assert outcome == Failed(error="provider: 'fax' is not one of http, mcp, composio, amqp, email", retryable=False)


async def test_a_bug_in_a_provider_is_unknown_and_its_error_contains_no_private_data(
    tools: Tools, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def stumble(_: HttpProvider, call: ToolCall) -> None:
        raise KeyError(call.arguments["text"])

    monkeypatch.setattr(HttpProvider, "execute", stumble)
    assert await tools.execute(a_call(a_tool())) == Unknown(error="provider error: KeyError")
    assert ("KeyError at" in caplog.text, "hello" in caplog.text) == (True, False)


async def test_a_cancelled_call_is_cancelled(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    reached = asyncio.Event()

    async def wait(_: HttpProvider, __: ToolCall) -> None:
        reached.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(HttpProvider, "execute", wait)
    call = asyncio.ensure_future(tools.execute(a_call(a_tool())))
    async with asyncio.timeout(60):
        await reached.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call


async def test_calls_over_composio_share_one_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    opened: list[ComposioProvider] = []
    enter = ComposioProvider.__aenter__

    async def counted(provider: ComposioProvider) -> ComposioProvider:
        opened.append(provider)
        return await enter(provider)

    monkeypatch.setattr(ComposioProvider, "__aenter__", counted)
    draft = a_call(a_tool(provider="composio", config={"tool": "GMAIL_CREATE_EMAIL_DRAFT"}))
    async with (
        ComposioServer("ak_1") as server,
        asyncio.timeout(60),
        Tools(
            ComposioSettings(composio_api_key=SecretStr("ak_1"), composio_base_url=AnyHttpUrl(server.base_url)),
            concurrency=1,
        ) as tools,
    ):
        outcomes = await asyncio.gather(*(tools.execute(draft) for _ in range(3)))
    assert outcomes == [Success(result=DRAFT)] * 3
    assert len(opened) == 1


@pytest.mark.parametrize("program", ["services.tools.dispatch", "worker.outbox", "control_plane.__main__"])
def test_no_sdk_is_loaded_before_a_call_needs_it(program: str) -> None:
    clients = ("mcp", "aiohttp", "composio", "aio_pika", "aiormq", "aiosmtplib")
    sdks = (*clients, *(f"services.tools.{n}.provider" for n in PROVIDERS))
    code = f"import sys, {program}; print([m for m in sys.modules if m.startswith({sdks})])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


async def test_a_missing_sdk_holds_its_calls_and_names_the_extra(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aiormq", None)
    line = f"AMQP is not installed (missing: aiormq): pip install '{PACKAGE_NAME}[amqp]'"

    held = await tools.execute(a_call(a_tool(provider="amqp")))
    assert held == Failed(error=line, retryable=True, held=True, retry_after=timedelta(minutes=1))
    assert await tools.health("amqp", "broker") == line
    with pytest.raises(NotReady) as raised:
        await tools.list_tools("amqp", "broker")
    assert str(raised.value) == line
