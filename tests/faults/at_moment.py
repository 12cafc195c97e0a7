"""Run a module as `python -m` does, and send this process a signal at the n-th moment of its life.

Moments are the audit events (PEP 578) of the main thread, counted from the time at which the program handles the
signal: imports, opened files, sockets and child processes. There are thousands, and they are the same in each run. With
n = 0 no signal is sent, and the process reports their number when it writes UNTIL to stderr, or at its end if UNTIL is
empty. The first moment also reports which slow modules are loaded.

`python -m tests.faults.at_moment N SIGNAL UNTIL MODULE WORDS…`
"""

import json
import os
import runpy
import signal
import sys
import threading

SLOW = ("asyncio", "typer", "pydantic", "rich", "asyncpg", "psycopg", "structlog")

wanted, number, until, module = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
sys.argv[:] = sys.argv[4:]
unhandled = signal.getsignal(number)
main = threading.main_thread()
passed = 0


def at_event(_event: str, _arguments: object) -> None:
    """Called for every audit event."""
    global passed  # noqa: PLW0603  # a hook cannot be removed, and has no state of its own
    if threading.current_thread() is not main or signal.getsignal(number) is unhandled:
        return
    passed += 1
    if passed == 1:
        tell(event="handled", loaded=[name for name in SLOW if name in sys.modules])
    if passed == wanted:
        os.kill(os.getpid(), number)


def tell(**line: object) -> None:
    """Write a line in the format of the log."""
    sys.stderr.write(f"{json.dumps(line)}\n")


def write(text: str) -> int:
    """Writes to stderr, and before a text with UNTIL the number of moments so far."""
    if until and until in text:
        to_stderr(f"{json.dumps({'event': 'moments', 'passed': passed})}\n")
    return to_stderr(text)


to_stderr = sys.stderr.write
sys.stderr.write = write  # type: ignore[method-assign]  # loggers use the method of the existing stream, and would not use a new stream
sys.addaudithook(at_event)
try:
    runpy.run_module(module, run_name="__main__", alter_sys=True)
finally:
    if wanted == 0:
        tell(event="moments", passed=passed)
