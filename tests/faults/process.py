"""Real workers: `python -m worker.outbox start` as child processes."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from tests.faults.receiver import SECRETS
from tests.fetch import fetch
from tests.worker.world import WITHIN, Progress

ROOT = Path(__file__).parents[2]

SETTINGS = {
    "ACP_WEBHOOK_SECRETS": SECRETS,
    "ACP_HEALTH_PORT": "0",
    "ACP_ALLOWED_HOSTS": '["127.0.0.1"]',
    "ACP_POLL_EVERY": "0.1",
    "ACP_RETRY": json.dumps({"low": {"max_attempts": 5, "base": 0.001, "cap": 0.001}}),
    "NO_PROXY": "*",
}


class WorkerProcess:
    """One worker, and every line it logs."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._progress = Progress()
        self.lines: list[dict[str, Any]] = []
        self.noise: list[str] = []
        """The lines of its output that are not JSON, such as a traceback."""

    async def listen(self) -> None:
        """Read its log to the end."""
        assert self._process.stderr is not None
        async for raw in self._process.stderr:
            try:
                self.lines.append(json.loads(raw))
            except json.JSONDecodeError:
                self.noise.append(raw.decode())
            await self._progress.report()

    async def logged(self, event: str) -> dict[str, Any]:
        """Wait for the first line with this event."""
        await self._progress.until(lambda: self.events(event) != [])
        return self.events(event)[0]

    def events(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == event]

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    async def ended(self) -> int:
        """Wait for its exit code."""
        async with asyncio.timeout(WITHIN):
            return await self._process.wait()

    async def get(self, path: str) -> tuple[int, str]:
        """A page of its health port."""
        port = (await self.logged("worker.started"))["health_port"]
        return await asyncio.to_thread(fetch, port, path)

    async def metric(self, name: str, **labels: str) -> float:
        """The sum of a metric's samples with at least these labels."""
        _, text = await self.get("/metrics")
        return sum(
            sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    def kill(self) -> None:
        """Kill the process, even if it is stopped by SIGSTOP."""
        if self._process.returncode is None:
            self._process.kill()


@asynccontextmanager
async def a_worker(url: str, *words: str, **settings: object) -> AsyncIterator[WorkerProcess]:
    """`start` with these words as a child; killed at the end if it still runs."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ACP_", "OTEL_", "DATABASE_URL", "SUPABASE_", "HTTP_PROXY", "http_proxy"))
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "worker.outbox", "start", *words,
        cwd=ROOT,
        env={**clean, **SETTINGS, "DATABASE_URL": url, **{name: str(value) for name, value in settings.items()}},
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    worker = WorkerProcess(process)
    listening = asyncio.create_task(worker.listen())
    try:
        yield worker
        assert worker.noise == []
    finally:
        worker.kill()
        await process.wait()
        await listening


async def work_once(url: str, **settings: object) -> WorkerProcess:
    """Run `start --once` until it ends successfully."""
    async with a_worker(url, "--once", **settings) as worker:
        assert await worker.ended() == 0
    return worker
