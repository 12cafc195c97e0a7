"""Our worker as a process of its own: `python -m tests.bench.our_worker …`.

The full path of `python -m worker.outbox start`, guardrails, metrics, log lines and audit rows included. With `--real`,
calls go through the providers of the settings; otherwise to a tool that does nothing. The worker ends when it has
settled `--stop-after` envelopes, and prints its figures as one JSON line.
"""

import argparse
import asyncio
import json
import os
import sys
import time
from uuid import uuid4

from control_plane.settings import read_settings
from services.backends import Backends
from services.backends.database.transport.supabase import Poll
from services.backends.open import open_backends
from services.process import garbage
from services.process.health import serve_health
from services.process.logs import configure_logging
from services.tools import Outcome, Success, ToolCall
from worker.loop import Worker
from worker.outbox import worker_options


class NoTool:
    """Succeeds at once, and notes when each call began."""

    def __init__(self, *, note: bool) -> None:
        self._note = note
        self.began: dict[str, float] = {}

    async def execute(self, call: ToolCall) -> Outcome:
        """Return success."""
        if self._note:
            self.began[str(call.envelope_id)] = time.time()
        return Success(result={"ok": True})


async def run(given: argparse.Namespace) -> dict[str, object]:
    """Work until enough is settled."""
    settings = read_settings(concurrency=given.concurrency)
    options = worker_options(settings)
    no_tool = NoTool(note=given.note)
    async with (
        open_backends(settings.chosen_database()) as opened,
        settings.tools(concurrency=settings.concurrency) as tools,
    ):
        if given.warm and (problem := await tools.health(*given.warm.split(":"))):
            raise RuntimeError(problem)
        backends = without_listen(opened) if given.no_listen else opened
        worker = Worker(
            backends=backends, tools=tools if given.real else no_tool, options=options, worker_id=str(uuid4())
        )
        with serve_health(worker.health, worker.metrics.registry, 0):
            garbage.exclude_loaded()
            sys.stdout.write("ready\n")
            sys.stdout.flush()
            started, began = time.perf_counter(), os.times()
            marks: list[tuple[float, int]] = []
            async with asyncio.TaskGroup() as group:
                work = group.create_task(worker.run())
                while (settled := sum(worker.settled.values())) < given.stop_after:
                    await asyncio.sleep(0.01)
                    marks.append((time.perf_counter() - started, settled))
                seconds = time.perf_counter() - started
                worker.stop()
                await work
    spent = os.times()
    tenth = given.stop_after / 10
    reached = [next(at for at, count in [*marks, (seconds, settled)] if count >= tenth * n) for n in range(1, 11)]
    return {
        "seconds": seconds,
        "settled": sum(worker.settled.values()),
        "outcomes": worker.settled,
        "cpu": spent.user + spent.system - began.user - began.system,
        "deciles": [tenth / max(1e-9, at - before) for before, at in zip([0.0, *reached], reached, strict=False)],
        "began": no_tool.began,
    }


def without_listen(backends: Backends) -> Backends:
    """The same, over a connection that cannot LISTEN: a transaction pooler, say."""
    backends.outbox._wake = Poll()  # type: ignore[attr-defined]  # noqa: SLF001  # users have no setting for this
    return backends


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--stop-after", type=int, required=True)
    parser.add_argument("--concurrency", type=int, default=1000)
    parser.add_argument("--real", action="store_true", help="call through the providers that the settings name")
    parser.add_argument("--warm", help="PROVIDER:SOURCE to reach beforehand")
    parser.add_argument("--note", action="store_true", help="tell when each call began")
    parser.add_argument("--no-listen", action="store_true")
    given = parser.parse_args()
    configure_logging()
    import uvloop  # noqa: PLC0415  # as services.process.terminal does

    sys.stdout.write(json.dumps(uvloop.run(run(given))) + "\n")


if __name__ == "__main__":
    main()
