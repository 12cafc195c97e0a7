"""What SIGTERM, SIGINT and SIGHUP do, from the first line of a command to its last.

The kernel drops a signal to PID 1, as a container's command is, unless there is a handler: so it is set before
anything that takes time, and this module imports nothing that does. What a signal does depends on how far the command
has come:

while modules load     the process ends at once: there is nothing to close
in synchronous code    `Stopped` is raised where the code stands, and what was opened is closed on its way up
in an event loop       the command's task is cancelled, with the same effect
within `stop_with`     a program that serves stops in its own way
after `ignore`         nothing: all is done
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_NUMBERS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Stopped(KeyboardInterrupt):
    """A signal asked the command to end; libraries treat it like Ctrl-C."""


class _State:
    serves = False
    """Whether the command runs until a signal, which is then its good end."""
    received: int | None = None
    loading = True
    cancel: Callable[[], object] | None = None
    stop: Callable[[], object] | None = None
    may_raise = True


_state = _State()


def catch(*serving: tuple[str, ...]) -> None:
    """Set the handlers. `serving` are the commands that run until a signal, as they stand on the command line."""
    _state.serves = any(tuple(sys.argv[1 : 1 + len(words)]) == words for words in serving)
    for number in _NUMBERS:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup
            signal.signal(number, _received)


def loaded() -> None:
    """From here on there may be something to close."""
    _state.loading = False


def exit_code() -> int | None:
    """The exit code of a command that a signal ended; None while none came."""
    if _state.received is None:
        return None
    return 0 if _state.serves else 128 + _state.received


def check() -> None:
    """Raise Stopped if a signal has come."""
    if _state.received is not None:
        raise Stopped


@contextmanager
def cancel_with(cancel: Callable[[], object]) -> Iterator[None]:
    """Within the block, signals call `cancel`, which must be safe in a handler. Raises Stopped if one has come."""
    _state.cancel, _state.may_raise = cancel, False
    try:
        check()
        yield
    finally:
        _state.cancel, _state.may_raise = None, True


@contextmanager
def blocking() -> Iterator[None]:
    """Synchronous code inside an event loop, which could not see a cancellation: there the first signal raises."""
    before, _state.may_raise = _state.may_raise, True
    try:
        check()
        yield
    finally:
        _state.may_raise = before


@contextmanager
def stop_with(stop: Callable[[], object]) -> Iterator[None]:
    """Within the block, each signal calls `stop`, which must be safe in a handler. Raises Stopped if one has come."""
    _state.stop = stop
    try:
        check()
        yield
    finally:
        _state.stop = None


def ignore() -> None:
    """The command has ended, and only the interpreter has still to."""
    for number in _NUMBERS:
        if signal.getsignal(number) is _received:
            signal.signal(number, signal.SIG_IGN)


def _received(number: int, _frame: FrameType | None) -> None:
    first, _state.received = _state.received is None, _state.received or number
    if _state.loading:
        os._exit(exit_code() or 0)
    elif _state.stop is not None:
        _state.stop()
    elif _state.cancel is not None and not (first and _state.may_raise):
        _state.cancel()
    else:
        raise Stopped
