"""How every command of ours ends: an exit code that means something, and one line instead of a traceback."""

import asyncio
import errno
import os
import sys
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn, TypeVar

import typer

from services.errors import ControlPlaneError
from services.process import signals

T = TypeVar("T")
INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it."""


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's coroutine to its end, or to a signal."""
    import uvloop  # noqa: PLC0415  # a command that fails early need not load it

    async def cancellable() -> T:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # a coroutine runs in one
        loop = asyncio.get_running_loop()
        with signals.cancel_with(lambda: loop.call_soon_threadsafe(task.cancel)):
            return await work

    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(cancellable())
    except asyncio.CancelledError:
        signals.check()
        raise
    finally:
        work.close()  # where it never began


def run(app: typer.Typer, *, say: Callable[[ControlPlaneError], str]) -> None:
    """Run a command line. What it could not do becomes one line on stderr, as `say` words it, and exit code 1."""
    signals.loaded()
    try:
        _run(app, say)
    except KeyboardInterrupt:
        _exit_interrupted()
    except SystemExit as exc:
        if exc.code == INTERRUPTED:  # what typer makes of KeyboardInterrupt
            _exit_interrupted()
        raise
    finally:
        signals.ignore()


def _exit_interrupted() -> NoReturn:
    code = signals.exit_code()
    sys.exit(INTERRUPTED if code is None else code)


def _run(app: typer.Typer, say: Callable[[ControlPlaneError], str]) -> None:
    _stand_open()
    given = {f"argument {n}": word for n, word in enumerate(sys.argv)} | {"USER": os.environ.get("USER", "")}
    for name, text in given.items():
        if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):  # as Python reads such bytes
            _fail(f"{name}: is not UTF-8; write it anew", 1)
    try:
        try:
            app()
        finally:
            sys.stdout.flush()  # here, where a full disk can be told of
    except ControlPlaneError as exc:
        _fail(say(exc), 1)
    except BaseExceptionGroup as group:
        known, rest = group.split(ControlPlaneError)
        if known is None or rest is not None:
            raise
        _fail(say(_first(known)), 1)
    except BrokenPipeError:  # `… | head`: whoever read us has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as exc:
        if exc.errno != errno.ENOSPC:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        _fail("stdout: there is no space left where it goes; what the command was to do is done", 1)


def _stand_open() -> None:
    """`… >&-` closes a stream, and the next file we open would take its number and get what we print."""
    for number, mode in ((0, os.O_RDONLY), (1, os.O_WRONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, mode)  # the lowest number that is free
    # None where one was closed
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  # for the whole process
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115


def printable(text: str) -> str:
    """Without control characters: a tool's answer must not move the reader's cursor."""
    return "".join(c if c.isprintable() else "·" for c in text)


def _first(group: BaseExceptionGroup[ControlPlaneError]) -> ControlPlaneError:
    first: ControlPlaneError | BaseExceptionGroup[ControlPlaneError] = group
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return first


def _fail(problem: str, code: int) -> None:
    sys.stderr.write(f"error: {' '.join(problem.split())}\n")
    sys.exit(code)
