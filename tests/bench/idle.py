"""What does a worker cost that has nothing to do? Share of a core, and memory."""

import asyncio
import os
import sys
from pathlib import Path

from tests.bench.processes import ROOT
from tests.bench.runner import Figure, Lab

WATCHED = 20
"""Seconds."""
CORE, MEMORY = 1.0, 120.0


async def measure(lab: Lab) -> list[Figure]:
    """The figures of `python -m worker.outbox start`, five seconds after its start."""
    with lab.database() as url:
        worker = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "worker.outbox", "start", "--health-port", "0", cwd=ROOT,
            env={**os.environ, "DATABASE_URL": url}, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            await asyncio.sleep(5)
            before = _cpu_seconds(worker.pid)
            await asyncio.sleep(WATCHED)
            percent = (_cpu_seconds(worker.pid) - before) / WATCHED * 100
            memory = resident_mb(worker.pid)
        finally:
            worker.terminate()
            await worker.wait()
    return [
        Figure.of("idle/core", "%", [percent], "1 %", [CORE], at_most=1),
        Figure.of("idle/memory", "MB", [memory], "120 MB", [MEMORY], at_most=1),
    ]


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    """The memory of this process now."""
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024
