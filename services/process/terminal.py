"""Run a command line: documented exit codes, and a one-line error instead of a traceback."""

import asyncio
import errno
import os
import sys
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, NoReturn, TypeVar

import typer

from services.distribution import PACKAGE_NAME, VERSION
from services.errors import ControlPlaneError
from services.process import signals

T = TypeVar("T")
INTERRUPTED_EXIT_CODE = 130
"""The exit code after Ctrl-C, by the convention of shells (128 + SIGINT)."""


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """Run the coroutine of a command until it returns or a signal cancels it. Raises Stopped after a signal."""
    import uvloop  # noqa: PLC0415  # slow to import, and a command that fails early does not need it

    async def cancellable() -> T:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # a running coroutine always has a task
        loop = asyncio.get_running_loop()
        with signals.cancel_with(lambda: loop.call_soon_threadsafe(task.cancel)):
            return await work

    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(cancellable())
    except asyncio.CancelledError:
        signals.raise_if_stopped()
        raise
    finally:
        work.close()  # without this, a coroutine that was never started causes a warning


def run(app: typer.Typer, *, say: Callable[[ControlPlaneError], str]) -> None:
    """Run a command line. A ControlPlaneError becomes one line on stderr, in the words of `say`, and exit code 1."""
    signals.finish_loading()
    try:
        _run(app, say)
    except KeyboardInterrupt:
        _exit_interrupted()
    except SystemExit as exc:
        if exc.code == INTERRUPTED_EXIT_CODE:  # typer exits with this code after a KeyboardInterrupt
            _exit_interrupted()
        raise
    finally:
        signals.ignore()


def _exit_interrupted() -> NoReturn:
    code = signals.exit_code()
    sys.exit(INTERRUPTED_EXIT_CODE if code is None else code)


def _run(app: typer.Typer, say: Callable[[ControlPlaneError], str]) -> None:
    _reopen_standard_streams()
    texts = {f"argument {n}": word for n, word in enumerate(sys.argv)} | {"USER": os.environ.get("USER", "")}
    for name, text in texts.items():
        # Python decodes each byte that is not UTF-8 into a lone surrogate.
        if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
            _fail(f"{name}: is not valid UTF-8; write it again", 1)
    try:
        try:
            app()
        finally:
            sys.stdout.flush()  # a full disk must raise here, where it becomes an error message
    except ControlPlaneError as exc:
        _fail(say(exc), 1)
    except BaseExceptionGroup as group:
        known, rest = group.split(ControlPlaneError)
        if known is None or rest is not None:
            raise
        _fail(say(_first_error(known)), 1)
    except BrokenPipeError:  # the reader closed the pipe, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as exc:
        if exc.errno != errno.ENOSPC:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        _fail("stdout: no space left on the device; the command has done its work, only its output is lost", 1)


def _reopen_standard_streams() -> None:
    """Open closed standard streams on /dev/null.

    A shell closes a stream with `>&-`. The next opened file would get its number, and printed text would go there.
    """
    for number, mode in ((0, os.O_RDONLY), (1, os.O_WRONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, mode)  # gets the lowest free number, which is the number of the closed stream
    # Python sets a stream that was closed at start to None.
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  # for the whole process
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115


def add_version(app: typer.Typer) -> None:
    """Add the option `--version` to a command line."""

    def show(requested: bool) -> None:
        if requested:
            print(f"{PACKAGE_NAME} {VERSION}")
            raise typer.Exit

    @app.callback()
    def before_any_command(
        version: Annotated[  # the callback `show` handles the option
            bool, typer.Option("--version", is_eager=True, callback=show, help="Show the version.")
        ] = False,
    ) -> None:
        pass


def printable(text: str) -> str:
    """The text with `·` for each control character, so that a tool's answer cannot move the terminal's cursor."""
    return "".join(c if c.isprintable() else "·" for c in text)


def _first_error(group: BaseExceptionGroup[ControlPlaneError]) -> ControlPlaneError:
    first: ControlPlaneError | BaseExceptionGroup[ControlPlaneError] = group
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return first


def _fail(problem: str, code: int) -> None:
    sys.stderr.write(f"error: {' '.join(problem.split())}\n")
    sys.exit(code)
