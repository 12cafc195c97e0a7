"""Whatever a child does on its pipes, later calls are answered, and without delay where possible.

Each case is a call that makes the child misbehave, followed by another call to the same server.
"""

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from services.tools import Outcome, Success, ToolCall, Unknown
from services.tools.mcp import McpServer
from services.tools.mcp.provider import McpProvider
from tests.tools.builders import a_call, a_tool
from tests.worker.world import eventually

SCRIPT = str(Path(__file__).with_name("scripted.py"))
DONE = Success(result=[{"type": "text", "text": "done"}])
ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def a_child(effects: Path, **env: str) -> AsyncIterator[McpProvider]:
    secrets = {name: SecretStr(value) for name, value in env.items()}
    server = McpServer(command=sys.executable, args=(SCRIPT, str(effects)), env=secrets)
    async with asyncio.timeout(60), McpProvider({"child": server}) as mcp:
        yield mcp


@pytest.fixture
def effects(tmp_path: Path) -> Path:
    return tmp_path / "effects"


def to(tool: str, *, seconds: float = 60, **arguments: Any) -> ToolCall:
    return a_call(
        a_tool(provider="mcp", config={"server": "child", "tool": tool}), arguments=arguments, seconds=seconds
    )


def pids(effects: Path) -> list[int]:
    """The ids of the processes that had an effect, in order."""
    lines = effects.read_text(encoding="utf-8").splitlines() if effects.exists() else []
    return [int(line.split()[0]) for line in lines]


def text(words: str) -> Success:
    return Success(result=[{"type": "text", "text": words}])


@pytest.mark.parametrize(
    ("tool", "arguments", "outcome"),
    [
        ("bad_byte", {}, DONE),
        ("bad_byte_within", {}, text("caf\ufffd")),
        ("noise", {}, DONE),
        ("deep", {}, DONE),
        ("chatter", {}, DONE),
        ("other_ids", {}, DONE),
        ("twice", {}, DONE),
        ("flood_stderr", {}, DONE),
        ("long_line", {"megabytes": 20}, Unknown(error="MCP server 'child' answered with more than 4 MiB")),
        (
            "asks_back", {},
            Success(result={"got": [-32601, -32601, {}, -32601, -32601]}),
        ),
    ],
)  # fmt: skip
async def test_a_child_with_invalid_output_is_understood_and_kept(
    effects: Path, tool: str, arguments: dict[str, Any], outcome: Outcome
) -> None:
    async with a_child(effects) as mcp:
        assert await mcp.execute(to(tool, **arguments)) == outcome
        assert await mcp.execute(to("say")) == DONE
        assert len(set(pids(effects))) == 1


EACH = ("say", "other_ids", "twice")


async def test_no_answer_reaches_another_call(effects: Path) -> None:
    async with a_child(effects) as mcp:
        calls = [to(tool, words=str(at)) if tool == "say" else to(tool) for at, tool in enumerate(EACH * 33)]
        outcomes = await asyncio.gather(*map(mcp.execute, calls))
    assert outcomes[1::3] == outcomes[2::3] == [DONE] * 33
    assert [getattr(each, "error", "") for each in outcomes[::3]] == [f"the tool said: {at}" for at in range(0, 99, 3)]


@pytest.mark.parametrize("tool", ["endless_line", "die", "close_stdout", "fork_and_die"])
async def test_a_broken_child_is_replaced_without_delay(effects: Path, tool: str) -> None:
    """The call itself ends at once, too, since its answer cannot come any more."""
    async with a_child(effects) as mcp:
        outcome = await mcp.execute(to(tool, seconds=40))
        assert outcome == Unknown(error="MCP server 'child' failed during the call (-32000): Connection closed")
        assert await mcp.execute(to("say")) == DONE
        first, second = pids(effects)
        assert first != second


@pytest.mark.parametrize("tool", ["close_stdin", "answer_and_die"])
async def test_the_last_answer_of_an_exiting_child_is_read(effects: Path, tool: str) -> None:
    """The next call may have been sent to the exiting child: it is then unknown, and ends at once."""
    async with a_child(effects) as mcp:
        assert await mcp.execute(to(tool)) == DONE
        went = Unknown(error="MCP server 'child' failed during the call (-32000): Connection closed")
        assert await mcp.execute(to("say", seconds=40)) in (DONE, went)
        assert await mcp.execute(to("say")) == DONE


async def test_a_silent_child_is_killed_and_replaced(effects: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.tools.mcp.server.PING_TIMEOUT", 0.2)
    async with a_child(effects) as mcp:
        assert await mcp.execute(to("say")) == DONE
        silence = Unknown(error="MCP server 'child' gave no answer within 0.2 s")
        assert await mcp.execute(to("silent", seconds=0.2)) == silence

        async def works() -> bool:
            return await mcp.execute(to("say", seconds=0.5)) == DONE

        await eventually(works)
        assert pids(effects)[-1] != pids(effects)[0]

    assert not is_alive(pids(effects)[0])


async def test_half_a_line_spoils_only_the_next_answer(effects: Path) -> None:
    async with a_child(effects) as mcp:
        assert await mcp.execute(to("say")) == DONE
        assert isinstance(await mcp.execute(to("half_a_line", seconds=0.2)), Unknown)
        await mcp.execute(to("say", seconds=0.2))
        assert await mcp.execute(to("say")) == DONE


async def test_a_child_that_is_late_with_one_answer_is_kept(effects: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.tools.mcp.server.PING_TIMEOUT", 1)
    async with a_child(effects) as mcp:
        assert await mcp.execute(to("say")) == DONE
        assert isinstance(await mcp.execute(to("no_answer", seconds=0.2)), Unknown)
        for _ in range(12):
            assert await mcp.execute(to("say")) == DONE
            await asyncio.sleep(0.1)
        assert len(set(pids(effects))) == 1


async def test_a_child_gets_its_settings_and_no_variables_of_ours(
    effects: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DATABASE_URL", "SUPABASE_KEY", "ACP_WEBHOOK_SECRETS", "ACP_MCP_SERVERS", "PGPASSWORD", "AWS_SECRET"):
        monkeypatch.setenv(name, "s3cret")
    async with a_child(effects, GIVEN="theirs") as mcp:
        outcome = await mcp.execute(to("variables"))
    assert isinstance(outcome, Success)
    assert set(outcome.result["env"]) <= {"GIVEN", "HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER", "LC_CTYPE"}
    assert "GIVEN" in outcome.result["env"]


async def test_processes_that_a_child_started_end_with_it(effects: Path) -> None:
    async with a_child(effects) as mcp:
        outcome = await mcp.execute(to("fork"))
        assert isinstance(outcome, Success)
        assert all(map(is_alive, outcome.result["pids"]))
    await eventually(lambda: not any(map(is_alive, outcome.result["pids"])))


async def test_a_child_ends_when_the_worker_ends(effects: Path) -> None:
    """Even a child that does not read its stdin."""
    program = f"""
import asyncio, sys
from pathlib import Path
from tests.tools.test_mcp_wedged import a_child, pids, to
async def main():
    async with a_child(Path({str(effects)!r})) as mcp:
        call = asyncio.create_task(mcp.execute(to("silent", seconds=50)))
        while not pids(Path({str(effects)!r})):
            await asyncio.sleep(0.01)
        print(flush=True)
        await call
asyncio.run(main())
"""
    us = await asyncio.create_subprocess_exec(sys.executable, "-c", program, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    assert us.stdout is not None
    async with asyncio.timeout(60):
        await us.stdout.readline()
    us.send_signal(signal.SIGKILL)
    await us.wait()
    await eventually(lambda: not is_alive(pids(effects)[0]))


async def test_the_loop_of_the_worker_sees_a_pipe_close_as_well(effects: Path) -> None:
    """With uvloop a child inherits more ends of its pipes than it needs."""
    program = f"""
import asyncio, uvloop
from pathlib import Path
from tests.tools.test_mcp_wedged import a_child, to
async def main():
    async with a_child(Path({str(effects)!r})) as mcp:
        for tool in ("close_stdout", "close_stdin", "say", "say"):
            outcome = await mcp.execute(to(tool, seconds=50))
            print(type(outcome).__name__, getattr(outcome, "error", ""))
uvloop.run(main())
"""
    us = await asyncio.create_subprocess_exec(sys.executable, "-c", program, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    async with asyncio.timeout(180):  # a silent child takes that long to be killed
        closed, answered, _, again = (await us.communicate())[0].decode().splitlines()
    assert closed == "Unknown MCP server 'child' failed during the call (-32000): Connection closed"
    assert (answered, again) == ("Success ", "Success ")


async def test_invalid_output_is_logged_once_and_not_quoted(effects: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with a_child(effects) as mcp:
        for _ in range(3):
            await mcp.execute(to("noise"))
    assert caplog.text.count("Failed to parse") == 1
    assert "hello" not in caplog.text


def is_alive(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] != "Z"
    return False
