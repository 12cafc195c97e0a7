"""A signal at any moment ends a command in time, with the right exit code and without a traceback, also as PID 1."""

import asyncio
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from services.database import embedded
from tests.child import child
from tests.faults.process import SETTINGS
from tests.faults.receiver import Receiver
from tests.worker.world import WITHIN, World

pytestmark = pytest.mark.slow

TERM, INT = signal.SIGTERM, signal.SIGINT
NAMESPACE = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")


@functools.cache
def as_pid_1() -> tuple[str, ...]:
    """The command that runs another one as PID 1 of its own namespace, as in a container."""
    for words in (NAMESPACE, (*NAMESPACE, "--user", "--map-root-user")):
        if (
            shutil.which("unshare")
            and subprocess.run([*words, "true"], check=False, capture_output=True).returncode == 0
        ):
            return words
    if os.environ.get("REQUIRE_REAL"):
        pytest.fail("no PID namespace can be made here")
    pytest.skip("no PID namespace can be made here")


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it wrote to stderr."""

    code: int
    log: list[dict[str, Any]]
    noise: list[str]
    """Lines that are no JSON."""


@asynccontextmanager
async def command(
    words: str,
    url: str,
    *,
    moment: int = 0,
    number: int = TERM,
    until: str = "",
    before: tuple[str, ...] = (),
    **settings: str,
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start `python -m WORDS` and send it the signal at that moment."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("ACP_", "OTEL_", "SUPABASE_"))}
    async with child(
        *before, sys.executable, "-m", "tests.faults.at_moment", str(moment), str(number), until, *words.split(),
        env={**clean, **SETTINGS, "DATABASE_URL": url, **settings}, stdout=asyncio.subprocess.DEVNULL,
    ) as process:  # fmt: skip
        yield process


async def ended(words: str, url: str, **how: Any) -> Ended:
    """Run it as above until it ends."""
    async with command(words, url, **how) as process:
        async with asyncio.timeout(WITHIN):
            _, stderr = await process.communicate()
        assert process.returncode is not None
        lines = stderr.decode().splitlines()
    result = [line for line in lines if line.startswith("{")]
    return Ended(
        process.returncode, [json.loads(line) for line in result], [line for line in lines if line not in result]
    )


async def moments(words: str, url: str, *, until: str = "", **settings: Any) -> int:
    """The number of moments until it writes this, or else until it ends."""
    async with command(words, url, until=until, **settings) as process, asyncio.timeout(WITHIN):
        assert process.stderr is not None
        async for raw in process.stderr:
            if b'"moments"' in raw:
                return int(json.loads(raw)["passed"])
    raise AssertionError(f"{words} never said {until}")


def spread(total: int, count: int) -> list[int]:
    """A selection of so many moments, with the first and the last."""
    return sorted({1 + round(n * (total - 1) / (count - 1)) for n in range(count)})


@pytest.mark.parametrize(("number", "count"), [(TERM, 12), (INT, 4)])
async def test_a_worker_as_pid_1_stops_at_any_time_of_its_start_and_claims_nothing(
    world: World, receiver: Receiver, number: int, count: int
) -> None:
    total = await moments("worker.outbox start", world.url, until="worker.started")
    (envelope,) = await world.propose(await world.add_tenant(config=receiver.config))
    for moment in spread(total, count):
        result = await ended("worker.outbox start", world.url, moment=moment, number=number, before=as_pid_1())
        assert (moment, result.code, result.noise) == (moment, 0, [])
        assert result.log[0] == {"event": "handled", "loaded": []}
    assert await world.states(envelope) == [("pending", 0)]
    assert world.leased_lanes() == 0
    assert world.sql("select max(token) from app_private.lanes") == [(0,)], "it claimed"
    assert receiver.keys == []


async def test_a_scheduler_as_pid_1_stops_at_any_time_of_its_start(database_url: str) -> None:
    words = "control_plane jobs start --health-port 0"
    for moment in spread(await moments(words, database_url, until="jobs.started"), 6):
        result = await ended(words, database_url, moment=moment, number=TERM, before=as_pid_1())
        assert (moment, result.code, result.noise) == (moment, 0, [])


@pytest.mark.parametrize(
    ("words", "number", "code"),
    [
        ("worker.outbox status", INT, 130),
        ("control_plane tenants list", TERM, 143),
        ("control_plane tenants list", signal.SIGHUP, 129),
        ("control_plane db migrate", INT, 130),
        ("control_plane demo --yes", TERM, 143),
    ],
)
async def test_a_command_ended_by_a_signal_has_its_exit_code_and_prints_no_error(
    database_url: str, words: str, number: int, code: int
) -> None:
    for moment in spread(await moments(words, database_url), 5)[:-1]:
        result = await ended(words, database_url, moment=moment, number=number)
        assert (moment, result.code) == (moment, code)
        assert not [line for line in result.noise if "Traceback" in line or "error" in line]


async def test_a_local_server_stopped_during_its_start_leaves_nothing_running(tmp_path: Path) -> None:
    """The first start, which creates the cluster, and a later start."""
    settings = {"ACP_DATA_DIR": str(tmp_path)}
    first = await moments("control_plane db up", "", until="ready", **settings)
    embedded.stop(tmp_path)
    later = await moments("control_plane db up", "", until="ready", **settings)
    embedded.stop(tmp_path)
    for total, fresh in ((later, False), (first, True)):
        for moment in spread(total, 4):
            if fresh:
                embedded.destroy(tmp_path)
            result = await ended("control_plane db up", "", moment=moment, number=TERM, **settings)
            assert (moment, result.code) == (moment, 0)
            assert not [line for line in result.noise if "Traceback" in line or "error" in line]
            assert not embedded.stop(tmp_path), f"PostgreSQL outlived a stop at moment {moment}"
    embedded.destroy(tmp_path)


STUBBORN = """
import signal, socket, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
alive = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
while True:
    time.sleep(60)
"""
"""An MCP server that never answers, and that neither SIGTERM nor the end of its stdin stops."""


@pytest.mark.parametrize(("number", "code"), [(TERM, 143), (INT, 130)])
async def test_a_hanging_mcp_server_ends_with_the_sync_that_a_signal_ended(
    world: World, tmp_path: Path, number: int, code: int
) -> None:
    await world.add_tenant()
    program = tmp_path / "stubborn.py"
    program.write_text(STUBBORN)
    started, gone = asyncio.Event(), asyncio.Event()

    async def watch(child: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        started.set()
        assert await child.read() == b""
        gone.set()
        writer.close()

    async with await asyncio.start_server(watch, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        words = f"control_plane catalog sync --provider mcp --source hangs -- {sys.executable} {program} {port}"
        async with command(words, world.url) as process, asyncio.timeout(WITHIN):
            await started.wait()
            process.send_signal(number)
            _, stderr = await process.communicate()
            await gone.wait()
    assert process.returncode == code
    assert b"Traceback" not in stderr
