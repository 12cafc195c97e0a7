"""How long does `python -m worker.outbox status` take, beyond starting Python itself? Seconds."""

import os
import statistics
import subprocess
import sys
import time

from tests.bench.processes import ROOT
from tests.bench.runner import Figure, Lab

TIMES = 7
BAR = 0.5


async def measure(lab: Lab) -> list[Figure]:
    """Medians of turns."""
    with lab.database() as url:
        commands = {"status": ("-m", "worker.outbox", "status"), "python": ("-c", "pass")}
        spans: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(TIMES):
            for name, words in commands.items():
                started = time.perf_counter()
                subprocess.run(  # noqa: ASYNC221  # nothing else runs
                    [sys.executable, *words], cwd=ROOT, env={**os.environ, "DATABASE_URL": url}, check=True,
                    stdout=subprocess.DEVNULL,
                )  # fmt: skip
                spans[name].append(time.perf_counter() - started)
    over = statistics.median(spans["status"]) - statistics.median(spans["python"])
    return [Figure.of("startup", "s", [over], "0.5 s", [BAR], at_most=1)]
