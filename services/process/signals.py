"""Handle SIGTERM, SIGINT and SIGHUP from the first line of a command to its last.

The kernel drops signals to PID 1 (the command of a container) that have no handler. Commands therefore install the
handlers before they import anything slow, and this module imports nothing slow. The effect of a signal depends on the
phase of the command:

while modules load     the process exits immediately, because nothing is open yet
in synchronous code    `Stopped` is raised at the current line, and open resources are closed as it propagates
in an event loop       the task of the command is cancelled, which closes open resources too
within `stop_with`     the signal calls the `stop` function of a long-running command
after `ignore`         the signal is ignored, because the command has finished
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_NUMBERS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Stopped(KeyboardInterrupt):
    """Raised when a signal asks the command to end. Libraries treat it like Ctrl-C."""


class _State:
    runs_until_signal = False
    """True for a command such as `worker start`: a signal is its normal end, with exit code 0."""
    received: int | None = None
    """The number of the first signal that arrived."""
    loading = True
    cancel: Callable[[], object] | None = None
    stop: Callable[[], object] | None = None
    may_raise = True


_state = _State()


def install_handlers(*long_running: tuple[str, ...]) -> None:
    """Install the handlers. `long_running` lists the commands that run until a signal, as command-line words."""
    _state.runs_until_signal = any(tuple(sys.argv[1 : 1 + len(words)]) == words for words in long_running)
    for number in _NUMBERS:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup ignores SIGHUP
            signal.signal(number, _handle)


def finish_loading() -> None:
    """End the loading phase: from now on the command may have open resources."""
    _state.loading = False


def exit_code() -> int | None:
    """The exit code of a command that a signal ended; None if no signal has arrived."""
    if _state.received is None:
        return None
    return 0 if _state.runs_until_signal else 128 + _state.received


def raise_if_stopped() -> None:
    """Raise Stopped if a signal has arrived."""
    if _state.received is not None:
        raise Stopped


@contextmanager
def cancel_with(cancel: Callable[[], object]) -> Iterator[None]:
    """Within the block, each signal calls `cancel`, which must be safe to call in a signal handler.

    Raises Stopped if a signal arrived before the block.
    """
    _state.cancel, _state.may_raise = cancel, False
    try:
        raise_if_stopped()
        yield
    finally:
        _state.cancel, _state.may_raise = None, True


@contextmanager
def blocking() -> Iterator[None]:
    """Mark synchronous code inside an event loop: the first signal raises Stopped there.

    Cancelling the task would take effect only after the synchronous code returns. Raises Stopped if a signal arrived
    before the block.
    """
    before, _state.may_raise = _state.may_raise, True
    try:
        raise_if_stopped()
        yield
    finally:
        _state.may_raise = before


@contextmanager
def stop_with(stop: Callable[[], object]) -> Iterator[None]:
    """Within the block, each signal calls `stop`, which must be safe to call in a signal handler.

    Raises Stopped if a signal arrived before the block.
    """
    _state.stop = stop
    try:
        raise_if_stopped()
        yield
    finally:
        _state.stop = None


def ignore() -> None:
    """Ignore further signals: the command has finished, and only the interpreter still has to exit."""
    for number in _NUMBERS:
        if signal.getsignal(number) is _handle:
            signal.signal(number, signal.SIG_IGN)


def _handle(number: int, _frame: FrameType | None) -> None:
    first, _state.received = _state.received is None, _state.received or number
    if _state.loading:
        os._exit(exit_code() or 0)
    elif _state.stop is not None:
        _state.stop()
    elif _state.cancel is not None and not (first and _state.may_raise):
        _state.cancel()
    else:
        raise Stopped
