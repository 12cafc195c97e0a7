"""Run the parts as child processes that write one log, start together and end together."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from services.errors import NotReady
from services.process import signals
from services.process.children import child_command
from services.untrusted import one_line

START_WITHIN = 60
"""Seconds until every part must have started."""
CHUNK = 64 * 1024
MORE_TO_STOP = 15
"""Seconds that a part may take to stop, in addition to the worker's time for running calls."""

Started = Mapping[str, Mapping[str, Any]]
"""The log line with which each part reported its start, by the name of the part."""


@dataclass(frozen=True, slots=True)
class Part:
    """One program that `up` runs."""

    name: str
    words: tuple[str, ...]
    """The arguments of `python -m`."""
    started: str
    """The event in its log that shows that the part has started."""


@dataclass(eq=False)
class _Running:
    part: Part
    process: asyncio.subprocess.Process
    started: asyncio.Future[Mapping[str, Any]]
    last_line: str = field(default="", init=False)
    log: asyncio.Task[None] = field(init=False)

    async def forward_log(self) -> None:
        """Copy the output of the part to stderr, each line with the name of the part."""
        assert self.process.stdout is not None  # noqa: S101  # it is a pipe
        unfinished = b""
        while chunk := await self.process.stdout.read(CHUNK):
            *lines, unfinished = (unfinished + chunk).split(b"\n")
            for line in lines:
                self._forward(line.decode(errors="replace"))
        if unfinished:
            self._forward(unfinished.decode(errors="replace"))

    def _forward(self, line: str) -> None:
        if line.startswith('{"'):
            sys.stderr.write(f'{{"part":"{self.part.name}",{line[1:]}\n')
        else:
            sys.stderr.write(f"{self.part.name}: {line}\n")
        self.last_line = line or self.last_line
        if not self.started.done() and self.part.started in line:
            with suppress(ValueError):
                event = json.loads(line)
                if event.get("event") == self.part.started:
                    self.started.set_result(event)

    def terminate(self) -> None:
        with suppress(ProcessLookupError):
            self.process.terminate()

    async def describe_end(self) -> str:
        """Why the part ended, in one line."""
        await asyncio.wait({self.log}, timeout=1)  # the last output of the part may still be in the pipe
        code = self.process.returncode
        assert code is not None  # noqa: S101  # it has ended
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        reason = f": {one_line(self.last_line)}" if code > 0 and self.last_line else ""
        return f"{self.part.name} {how}{reason}"


async def run_parts(
    parts: Sequence[Part], environment: Mapping[str, str], *, drain_for: float, on_started: Callable[[Started], None]
) -> None:
    """Run the parts until SIGTERM or SIGINT. The signal is sent to each part, and a second signal too.

    `on_started` is called once, when all have started. Raises NotReady with the reason when a part ends by itself, does
    not start, or fails to stop. No part is left running.
    """
    stop = asyncio.Event()
    running: list[_Running] = []

    def handle_signal() -> None:
        if stop.is_set():
            for running_part in running:
                running_part.terminate()
        stop.set()

    loop = asyncio.get_running_loop()
    failure = None
    async with asyncio.TaskGroup() as group:
        with signals.stop_with(lambda: loop.call_soon_threadsafe(handle_signal)):
            try:
                for part in parts:
                    running += [await _start(part, environment, group)]
                failure = await _watch(running, stop, on_started)
            finally:
                late = await _end(running, within=drain_for + MORE_TO_STOP)
    if failure or late:
        raise NotReady(failure or f"{late}: did not stop in time and was killed")


async def _start(part: Part, environment: Mapping[str, str], group: asyncio.TaskGroup) -> _Running:
    process = await asyncio.create_subprocess_exec(
        *child_command(sys.executable, "-m", *part.words),
        env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        start_new_session=True,  # Ctrl-C must reach only this process, which then stops the parts
    )  # fmt: skip
    running = _Running(part, process, asyncio.get_running_loop().create_future())
    running.log = group.create_task(running.forward_log())
    return running


async def _watch(running: Sequence[_Running], stop: asyncio.Event, on_started: Callable[[Started], None]) -> str | None:
    """Wait for a signal or until a part ends. Returns the reason if a part ended by itself."""
    ends: set[asyncio.Future[Any]] = {asyncio.ensure_future(running_part.process.wait()) for running_part in running}
    stopping: asyncio.Future[Any] = asyncio.ensure_future(stop.wait())
    starting: asyncio.Future[Any] = asyncio.gather(*(running_part.started for running_part in running))
    try:
        async with asyncio.timeout(START_WITHIN):
            await asyncio.wait({*ends, stopping, starting}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            on_started({running_part.part.name: running_part.started.result() for running_part in running})
            await asyncio.wait({*ends, stopping}, return_when=asyncio.FIRST_COMPLETED)
    except TimeoutError:
        late = ", ".join(running_part.part.name for running_part in running if not running_part.started.done())
        return f"{late}: not started within {START_WITHIN} s"
    finally:
        for wait in (*ends, stopping, starting):
            wait.cancel()
        await asyncio.gather(*ends, stopping, starting, return_exceptions=True)
    if stop.is_set():
        return None
    return await next(
        running_part for running_part in running if running_part.process.returncode is not None
    ).describe_end()


async def _end(running: Sequence[_Running], *, within: float) -> str:
    """Stop the parts, and kill those that do not stop. Returns the names of the killed parts."""
    for running_part in running:
        running_part.terminate()
    try:
        async with asyncio.timeout(within):
            await asyncio.gather(*(running_part.process.wait() for running_part in running))
    except TimeoutError:
        pass
    finally:  # runs also if this task is cancelled
        alive = [running_part for running_part in running if running_part.process.returncode is None]
        for running_part in alive:
            with suppress(ProcessLookupError):
                running_part.process.kill()
    await asyncio.gather(*(running_part.process.wait() for running_part in running))
    return ", ".join(running_part.part.name for running_part in alive)
