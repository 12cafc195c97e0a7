"""The outcome of each way in which an MCP server can answer or not answer."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from mcp import ClientSession
from mcp.types import ListToolsResult, PaginatedRequestParams
from pydantic import SecretStr

from services.errors import NotFound, NotReady
from services.tools import Failed, Success, ToolCall, Unknown
from services.tools.mcp import McpServer
from services.tools.mcp.provider import IDEMPOTENCY_KEY, McpProvider
from tests.tools.builders import a_call, a_tool
from tests.tools.servers import Bell

TIME = McpServer(command=sys.executable, args=("-m", "mcp_server_time", "--local-timezone", "UTC"))
TRACEPARENT = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"


@pytest.fixture(scope="module")
async def bell() -> AsyncIterator[Bell]:
    async with Bell() as bell:
        yield bell


@pytest.fixture(scope="module")
async def mcp(bell: Bell) -> AsyncIterator[McpProvider]:
    """One provider for all tests of the module, since its servers take a second to start."""
    async with McpProvider({"time": TIME, "bad": misbehaving(bell)}) as mcp:
        yield mcp


def misbehaving(bell: Bell, **env: SecretStr) -> McpServer:
    script = Path(__file__).with_name("misbehaving.py")
    return McpServer(command=sys.executable, args=(str(script), str(bell.port)), env=env)


def to(server: str, tool: str, *, seconds: float = 60, idempotent: bool = False, **arguments: Any) -> ToolCall:
    named = a_tool(provider="mcp", slug=f"BAD__{tool}", config={"server": server}, idempotent=idempotent)
    return a_call(named, arguments=arguments, seconds=seconds)


async def test_a_real_server_answers_with_structured_content(mcp: McpProvider) -> None:
    outcome = await mcp.execute(
        to("time", "convert_time", source_timezone="UTC", time="12:00", target_timezone="Asia/Tokyo")
    )
    assert isinstance(outcome, Success)
    assert outcome.result["time_difference"] == "+9.0h"


async def test_the_tools_name_can_differ_from_the_slug(mcp: McpProvider) -> None:
    tool = a_tool(provider="mcp", slug="CLOCK__now", config={"server": "time", "tool": "get_current_time"})
    outcome = await mcp.execute(a_call(tool, arguments={"timezone": "UTC"}))
    assert isinstance(outcome, Success)
    assert outcome.result["timezone"] == "UTC"


async def test_a_real_server_lists_its_tools(mcp: McpProvider) -> None:
    tools = {tool.name: tool for tool in await mcp.list_tools("time")}
    assert sorted(tools) == ["convert_time", "get_current_time"]
    now = tools["get_current_time"]
    assert (now.description, now.schema["required"]) == ("Get current time in a specific timezone", ["timezone"])
    assert now.annotations["readOnlyHint"] is True


async def test_an_endless_listing_is_refused(mcp: McpProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    list_tools = ClientSession.list_tools

    async def endless(session: ClientSession, *, params: PaginatedRequestParams) -> ListToolsResult:
        assert params.cursor in {None, "more"}
        return (await list_tools(session)).model_copy(update={"next_cursor": "more"})

    monkeypatch.setattr(ClientSession, "list_tools", endless)
    with pytest.raises(NotReady, match="MCP server 'time' lists its tools on more than 100 pages"):
        await mcp.list_tools("time")


async def test_the_error_of_a_listing_names_what_is_missing(mcp: McpProvider) -> None:
    with pytest.raises(NotFound, match="ACP_MCP_SERVERS"):
        await mcp.list_tools("nobody")
    async with McpProvider({"gone": McpServer(command="/no/such/command")}) as broken:
        with pytest.raises(NotReady, match="'gone' did not start"):
            await broken.list_tools("gone")


async def test_a_refusal_of_the_tool_is_final_and_quotes_its_message(mcp: McpProvider) -> None:
    outcome = await mcp.execute(to("time", "get_current_time", timezone="Mars/Phobos"))
    assert outcome == Failed(
        error="the tool said: Error executing tool get_current_time: Invalid timezone: 'No time zone found with key …'",
        retryable=False,
        doubtful=True,
    )


async def test_a_refusal_of_an_idempotent_tool_is_retryable(mcp: McpProvider) -> None:
    outcome = await mcp.execute(to("bad", "refuse", idempotent=True, reason="because"))
    assert outcome == Failed(error="the tool said: Error executing tool refuse: no: …", retryable=True)


async def test_a_tool_the_server_does_not_have_is_final(mcp: McpProvider) -> None:
    outcome = await mcp.execute(to("time", "nope", idempotent=True))
    assert outcome == Failed(error="MCP server 'time' refused the call (-32602): Unknown tool: nope", retryable=False)


async def test_an_error_inside_the_server_is_unknown(mcp: McpProvider) -> None:
    outcome = await mcp.execute(to("bad", "break_inside"))
    assert outcome == Unknown(error="MCP server 'bad' failed during the call (-32603): half of it is done")


async def test_the_call_carries_its_key_and_trace_and_nothing_is_dropped_from_its_arguments(mcp: McpProvider) -> None:
    tool = a_tool(provider="mcp", slug="BAD__look", config={"server": "bad"})
    value = {"none": None, "list": [None, 1.5], "text": "grüße"}
    call = a_call(tool, arguments={"value": value}, traceparent=TRACEPARENT)

    outcome = await mcp.execute(call)

    assert isinstance(outcome, Success)
    assert outcome.result["value"] == value
    assert outcome.result["meta"] == {IDEMPOTENCY_KEY: str(call.envelope_id), "traceparent": TRACEPARENT}


async def test_a_child_gets_its_own_variables_and_neither_ours_nor_our_terminal(
    bell: Bell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACP_WEBHOOK_SECRETS", '{"crm": "whsec_x"}')
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:p@h/d")
    async with McpProvider({"bad": misbehaving(bell, TOKEN=SecretStr("t"))}) as mcp:
        outcome = await mcp.execute(to("bad", "look", value=1))
    assert isinstance(outcome, Success)
    harmless = {"TOKEN", "HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER", "LC_CTYPE"}
    assert set(outcome.result["env"]) <= harmless
    assert "TOKEN" in outcome.result["env"]
    assert outcome.result["stderr_goes_nowhere"] is True


async def test_plain_content_is_kept_as_the_server_sent_it(mcp: McpProvider) -> None:
    outcome = await mcp.execute(to("bad", "say", text="a\x00b"))
    assert outcome == Success(result=[{"type": "text", "text": "a\ufffdb"}])


async def test_a_long_result_becomes_a_marker(mcp: McpProvider) -> None:
    outcome = await mcp.execute(to("bad", "say", text="x" * 1024, times=2048))
    assert isinstance(outcome, Success)
    assert outcome.result["truncated"] is True
    assert outcome.result["bytes"] > 2 * 1024 * 1024


async def test_calls_share_a_session_and_do_not_wait_for_each_other(mcp: McpProvider, bell: Bell) -> None:
    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        slow = tasks.create_task(mcp.execute(to("bad", "hang")))
        pid = await bell.rung("hanging")
        outcomes = await asyncio.gather(*(mcp.execute(to("bad", "say", text=str(n))) for n in range(50)))
        assert outcomes == [Success(result=[{"type": "text", "text": str(n)}]) for n in range(50)]
        slow.cancel()
        assert await bell.rung("let go") == pid


async def test_a_timeout_is_unknown_cancels_the_tool_and_keeps_the_session(mcp: McpProvider, bell: Bell) -> None:
    await mcp.execute(to("bad", "say", text="warm"))
    bell.unheard()
    outcome = await mcp.execute(to("bad", "hang", seconds=0.3))
    assert outcome == Unknown(error="MCP server 'bad' gave no answer within 0.3 s")
    await bell.rung("let go")
    assert isinstance(await mcp.execute(to("bad", "say", text="hi")), Success)
    assert "started" not in bell.unheard()


async def test_a_cancelled_call_is_cancelled_and_keeps_the_session(mcp: McpProvider, bell: Bell) -> None:
    call = asyncio.ensure_future(mcp.execute(to("bad", "hang")))
    await bell.rung("hanging")
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await bell.rung("let go")
    assert isinstance(await mcp.execute(to("bad", "say", text="hi")), Success)
    assert "started" not in bell.unheard()


async def test_a_child_killed_during_a_call_is_unknown_for_all_and_the_next_call_starts_another(
    mcp: McpProvider, bell: Bell
) -> None:
    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        calls = [tasks.create_task(mcp.execute(to("bad", "hang"))) for _ in range(2)]
        pid = await bell.rung("hanging")
        assert await bell.rung("hanging") == pid
        os.kill(pid, signal.SIGKILL)
        closed = Unknown(error="MCP server 'bad' failed during the call (-32000): Connection closed")
        assert await asyncio.gather(*calls) == [closed, closed]

        assert await mcp.execute(to("bad", "say", text="hi")) == Success(result=[{"type": "text", "text": "hi"}])
        assert await bell.rung("started") != pid


async def test_a_child_that_died_between_calls_fails_no_call(bell: Bell) -> None:
    async with asyncio.timeout(60), McpProvider({"bad": misbehaving(bell)}) as mcp:
        tasks = asyncio.all_tasks()
        assert isinstance(await mcp.execute(to("bad", "say", text="hi")), Success)
        [life] = [task for task in asyncio.all_tasks() - tasks if task.get_name() == "mcp server bad"]
        os.kill(await bell.rung("started"), signal.SIGKILL)
        await life
        assert isinstance(await mcp.execute(to("bad", "say", text="again")), Success)


async def test_a_call_that_crashes_the_server_is_unknown(mcp: McpProvider) -> None:
    assert isinstance(await mcp.execute(to("bad", "die")), Unknown)
    assert isinstance(await mcp.execute(to("bad", "say", text="hi")), Success)


@pytest.mark.parametrize("text", ["\ud800", float("nan"), {1, 2}])
async def test_arguments_that_are_not_json_are_never_sent_and_affect_no_other_call(
    mcp: McpProvider, bell: Bell, text: object
) -> None:
    await mcp.execute(to("bad", "say", text="warm"))
    bell.unheard()
    outcome = await mcp.execute(to("bad", "say", text=text))
    assert outcome == Failed(error="arguments: cannot be written as JSON", retryable=False)
    assert isinstance(await mcp.execute(to("bad", "say", text="hi")), Success)
    assert "started" not in bell.unheard()


async def test_invalid_output_of_a_child_affects_no_call_and_is_not_logged(
    mcp: McpProvider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert isinstance(await mcp.execute(to("bad", "break_protocol")), Success)
    assert "Failed to parse" in caplog.text
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize(
    "server",
    [
        McpServer(command="/no/such/command"),
        McpServer(command="nul\0byte"),
        McpServer(command=sys.executable, args=("-c", "raise SystemExit(3)")),
        McpServer(command="/"),
    ],
)
async def test_a_server_that_does_not_start_may_be_tried_again_later(server: McpServer) -> None:
    async with asyncio.timeout(60), McpProvider({"gone": server}) as mcp:
        outcome = await mcp.execute(to("gone", "any"))
        assert isinstance(outcome, Failed)
        assert outcome.retryable
        assert outcome.error.startswith("MCP server 'gone' did not start (")
        assert "ACP_MCP_SERVERS" in outcome.error


async def test_a_server_that_fails_to_start_is_not_restarted_at_once(bell: Bell) -> None:
    ring = (
        "import os, socket, sys; s = socket.create_connection(('127.0.0.1', int(sys.argv[1])));"
        "s.sendall(f'{os.getpid()} tried'.encode())"
    )
    server = McpServer(command=sys.executable, args=("-c", ring, str(bell.port)))
    async with asyncio.timeout(60), McpProvider({"gone": server}, reconnect_after=timedelta(minutes=1)) as mcp:
        outcomes = [*await asyncio.gather(*(mcp.execute(to("gone", "any")) for _ in range(5)))]
        outcomes += [await mcp.execute(to("gone", "any"))]
        assert all(isinstance(o, Failed) and o.retryable and o.retry_after for o in outcomes)
        for _ in ("asked as of 2026", "asked as before"):
            await bell.rung("tried")
        assert bell.unheard() == []
    async with asyncio.timeout(60), McpProvider({"gone": server}, reconnect_after=timedelta(0)) as mcp:
        for _ in range(2):
            await mcp.execute(to("gone", "any"))
            await bell.rung("tried")


async def test_a_server_that_does_not_get_ready_is_killed() -> None:
    mute = McpServer(command=sys.executable, args=("-c", "import sys; sys.stdin.read()"))
    async with asyncio.timeout(60), McpProvider({"mute": mute}, start_within=timedelta(seconds=0.3)) as mcp:
        outcome = await mcp.execute(to("mute", "any"))
    assert isinstance(outcome, Failed)
    assert outcome.error.startswith("MCP server 'mute' did not start (not ready within 0.3 s)")


async def test_a_started_server_keeps_running(bell: Bell, monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    async with McpProvider({"bad": misbehaving(bell)}, start_within=timedelta(seconds=30)) as mcp:
        assert isinstance(await mcp.execute(to("bad", "say", text="hi")), Success)
        await bell.rung("started")
        real_time = loop.time
        monkeypatch.setattr(loop, "time", lambda: real_time() + 60)
        for _ in range(3):
            assert isinstance(await mcp.execute(to("bad", "say", text="hi")), Success)
        monkeypatch.undo()
        assert bell.unheard() == []


async def test_a_call_that_runs_out_of_time_during_the_start_had_no_effect_and_the_next_finds_it_started(
    bell: Bell,
) -> None:
    async with asyncio.timeout(60), McpProvider({"bad": misbehaving(bell)}) as mcp:
        bell.unheard()
        outcome = await mcp.execute(to("bad", "say", seconds=0.01, text="hi"))
        assert outcome == Failed(error="MCP server 'bad' was not ready within 0.01 s", retryable=True)
        assert isinstance(await mcp.execute(to("bad", "say", text="hi")), Success)
        await bell.rung("started")
        assert bell.unheard() == []


async def test_leaving_the_provider_ends_the_child_and_settles_what_was_under_way(bell: Bell) -> None:
    async with asyncio.timeout(60):
        async with McpProvider({"bad": misbehaving(bell)}) as mcp:
            call = asyncio.ensure_future(mcp.execute(to("bad", "hang")))
            pid = await bell.rung("hanging")
        assert await call == Unknown(error="MCP server 'bad' was stopped during the call")
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        late = await mcp.execute(to("bad", "say", text="hi"))
        assert late == Failed(error="the MCP provider is not running", retryable=True)


@pytest.mark.parametrize(
    ("config", "names"),
    [
        ({}, "config.server"),
        ({"server": 7}, "config.server"),
        ({"server": "nobody"}, "ACP_MCP_SERVERS"),
        ({"server": "time", "tool": 7}, "config.tool"),
        ({"server": "time", "tool": ""}, "config.tool"),
    ],
)
async def test_a_wrongly_configured_tool_fails_permanently_and_names_the_field(
    mcp: McpProvider, config: dict[str, Any], names: str
) -> None:
    outcome = await mcp.execute(a_call(a_tool(provider="mcp", config=config)))
    assert isinstance(outcome, Failed)
    assert (outcome.retryable, names in outcome.error) == (False, True)
