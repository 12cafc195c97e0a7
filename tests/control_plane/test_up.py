"""`up` runs the API, a worker and the jobs: they start and end together, and at most once per data folder."""

import asyncio
import json
import os
import select
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from services.database import embedded
from services.database.schema.migrate import seed
from tests.clusters import hush

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
ACME = "11111111-1111-4111-8111-111111111111"
WITHIN = 120
FREE_PORTS = ("--port", "0", "--worker-port", "0", "--jobs-port", "0")


class Up:
    """One `up`, its output and its children."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.printed: dict[str, str] = {}

    async def wait_until_ready(self) -> dict[str, str]:
        """The variables that it prints on stdout, by name."""
        assert self.process.stdout is not None
        async with asyncio.timeout(WITHIN):
            while "ACP_API_TOKEN" not in self.printed:
                line = (await self.process.stdout.readline()).decode().strip()
                assert line, "it ended before it was ready"
                name, _, value = line.partition("=")
                self.printed[name] = value
        return self.printed

    def children(self) -> dict[str, int]:
        """The process ids of its parts, by the first word after `-m` that tells them apart."""
        pids = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        words = {int(pid): Path(f"/proc/{pid}/cmdline").read_text().split("\0") for pid in pids}
        named = {"serve": "api", "worker.outbox": "worker", "jobs": "jobs"}
        return {named[word]: pid for pid, line in words.items() for word in named if word in line}

    async def ended(self) -> tuple[int, list[str], list[dict[str, object]]]:
        """Its exit code, the lines of stderr that are no JSON, and the log."""
        async with asyncio.timeout(WITHIN):
            _, stderr = await self.process.communicate()
        assert self.process.returncode is not None
        lines = stderr.decode().splitlines()
        log = [json.loads(line) for line in lines if line.startswith("{")]
        return self.process.returncode, [line for line in lines if not line.startswith("{")], log


@asynccontextmanager
async def an_up(data_dir: Path, *words: str, **settings: str) -> AsyncIterator[Up]:
    """`up` with these words; killed at the end if it still runs."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ACP_", "OTEL_", "DATABASE_URL", "SUPABASE_"))
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "control_plane", "up", *words,
        cwd=ROOT, env={**clean, "ACP_DATA_DIR": str(data_dir), **settings},
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        limit=2**20,
    )  # fmt: skip
    try:
        yield Up(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@asynccontextmanager
async def an_up_over(url: str, data_dir: Path, *words: str) -> AsyncIterator[Up]:
    """`up` over this seeded database."""
    async with an_up(data_dir, *FREE_PORTS, "--tenant", ACME, *words, DATABASE_URL=url) as up:
        yield up


@pytest.fixture
def seeded_url(database_url: str) -> str:
    seed(database_url, say=hush)
    return database_url


async def sign_in(console_url: str, token: str) -> int:
    """Sign in as a person does who copies the token, and return the status of the first page."""
    async with httpx.AsyncClient(timeout=60, headers={"Accept": "text/html"}, follow_redirects=True) as browser:
        form = (await browser.get(console_url)).text
        fields = {name: form.partition(f'name="{name}" value="')[2].partition('"')[0] for name in ("nonce", "next")}
        headers = {"Sec-Fetch-Site": "same-origin"}
        page = await browser.post(f"{console_url}sign-in", data={"token": token, **fields}, headers=headers)
        assert "<h1>" in page.text
        return page.status_code


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def test_an_empty_folder_becomes_a_running_system_that_a_signal_ends_without_a_trace(tmp_path: Path) -> None:
    async with an_up(tmp_path, *FREE_PORTS) as up:
        printed = await up.wait_until_ready()
        children = up.children()
        assert sorted(children) == ["api", "jobs", "worker"]

        async with httpx.AsyncClient(base_url=printed["ACP_API_URL"], timeout=60) as http:
            proposal = {
                "tool_slug": "TIME__get_current_time", "arguments": {"timezone": "UTC"}, "external_id": str(uuid4()),
            }  # fmt: skip
            agent, owner, operator = (
                {"Authorization": f"Bearer {printed[name]}"}
                for name in ("ACP_API_TOKEN", "ACP_OWNER_JWT", "ACP_OPERATOR_JWT")
            )
            proposed = await http.post("/v1/envelopes", json=proposal, headers=agent)
            assert proposed.status_code == 201
            path = f"/v1/envelopes/{proposed.json()['envelope']['id']}"
            assert (await http.get(path, headers=owner)).status_code == 200
            assert (await http.get(path, headers=operator, params={"tenant_id": ACME})).status_code == 200
            for name in ("ACP_WORKER_URL", "ACP_JOBS_URL"):
                assert (await http.get(f"{printed[name]}/healthz")).status_code == 200
        for name in ("ACP_OPERATOR_JWT", "ACP_OWNER_JWT"):
            assert await sign_in(printed["ACP_CONSOLE_URL"], printed[name]) == 200

        up.process.send_signal(signal.SIGTERM)
        code, lines, log = await up.ended()
        assert code == 0
        assert not [line for line in lines if "Traceback" in line]
        assert {entry["part"] for entry in log} == {"api", "worker", "jobs"}
        assert {"api.stopped", "worker.stopped", "jobs.stopped"} <= {entry["event"] for entry in log}
        assert not [pid for pid in children.values() if is_running(pid)]
        assert not embedded.stop(tmp_path), "PostgreSQL still ran"
    embedded.destroy(tmp_path)


async def test_a_second_start_finds_the_first_and_the_next_one_prints_the_same_api_token(
    seeded_url: str, tmp_path: Path
) -> None:
    async with an_up_over(seeded_url, tmp_path) as first:
        printed = await first.wait_until_ready()
        async with an_up_over(seeded_url, tmp_path) as second, asyncio.timeout(WITHIN):
            stdout, _ = await second.process.communicate()
            assert second.process.returncode == 0
        assert stdout.decode() == f"runs already at {printed['ACP_API_URL']} (process {first.process.pid})\n"
        first.process.send_signal(signal.SIGINT)
        assert (await first.ended())[0] == 0

    async with an_up_over(seeded_url, tmp_path) as next_one:
        assert (await next_one.wait_until_ready())["ACP_API_TOKEN"] == printed["ACP_API_TOKEN"]


async def test_a_part_that_is_killed_ends_the_others_and_is_named(seeded_url: str, tmp_path: Path) -> None:
    async with an_up_over(seeded_url, tmp_path) as up:
        await up.wait_until_ready()
        children = up.children()
        os.kill(children["worker"], signal.SIGKILL)
        code, lines, _ = await up.ended()
    assert (code, lines[-1]) == (1, "error: worker was killed by SIGKILL")
    assert not [pid for pid in children.values() if is_running(pid)]


async def test_a_part_that_cannot_start_ends_the_others_with_its_reason(seeded_url: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        async with an_up_over(seeded_url, tmp_path, "--port", port) as up:
            code, lines, _ = await up.ended()
    assert code == 1
    assert lines[-1].startswith("error: api ended with exit code 1: ")
    assert f"--port {port}: cannot listen" in lines[-1]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
async def test_no_part_outlives_a_killed_parent_and_the_next_start_works(seeded_url: str, tmp_path: Path) -> None:
    async with an_up_over(seeded_url, tmp_path) as up:
        await up.wait_until_ready()
        handles = [os.pidfd_open(pid) for pid in up.children().values()]
        up.process.kill()
        for handle in handles:  # becomes readable when the process has ended
            assert await asyncio.to_thread(select.select, [handle], [], [], WITHIN) == ([handle], [], [])
            os.close(handle)
    async with an_up_over(seeded_url, tmp_path) as again:
        assert "ACP_API_URL" in await again.wait_until_ready()


async def test_without_a_tenant_a_database_of_your_own_gets_no_demo_tenant_and_no_api_token(
    database_url: str, tmp_path: Path
) -> None:
    async with an_up(tmp_path, *FREE_PORTS, DATABASE_URL=database_url) as up:
        assert up.process.stdout is not None
        async with asyncio.timeout(WITHIN):
            lines = [(await up.process.stdout.readline()).decode().partition("=")[0] for _ in range(6)]
        assert lines == [
            "ACP_API_URL", "ACP_MCP_URL", "ACP_CONSOLE_URL", "ACP_WORKER_URL", "ACP_JOBS_URL", "ACP_OPERATOR_JWT",
        ]  # fmt: skip
        up.process.send_signal(signal.SIGTERM)
        assert (await up.ended())[0] == 0


async def test_an_unknown_tenant_is_refused_before_anything_starts(database_url: str, tmp_path: Path) -> None:
    async with an_up_over(database_url, tmp_path) as up:
        code, lines, log = await up.ended()
    assert (code, log) == (1, [])
    assert lines[-1].startswith("error: ")
    assert "tenant" in lines[-1]
