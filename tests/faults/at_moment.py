"""Run a module as `python -m` does, and send this process a signal at the n-th moment of its life.

Moments are the audit events (PEP 578) of the main thread, counted once the program handles the signal: imports, opened
files, sockets and children, thousands of them, and the same ones in the next run. With n = 0 nothing is sent, and the
process says how many there were when it writes UNTIL to stderr, or at its end if UNTIL is empty. The first moment also
says which slow modules were loaded by then.

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
    """Every audit event comes here."""
    global passed  # noqa: PLW0603  # a hook cannot be taken away, and keeps no state of its own
    if threading.current_thread() is not main or signal.getsignal(number) is unhandled:
        return
    passed += 1
    if passed == 1:
        tell(event="handled", loaded=[name for name in SLOW if name in sys.modules])
    if passed == wanted:
        os.kill(os.getpid(), number)


def tell(**line: object) -> None:
    """As the program's own log does."""
    sys.stderr.write(f"{json.dumps(line)}\n")


def write(text: str) -> int:
    """To stderr; before a text with UNTIL comes the number of moments so far."""
    if until and until in text:
        to_stderr(f"{json.dumps({'event': 'moments', 'passed': passed})}\n")
    return to_stderr(text)


to_stderr = sys.stderr.write
sys.stderr.write = write  # type: ignore[method-assign]  # loggers take the method from the stream, a new stream they would not
sys.addaudithook(at_event)
try:
    runpy.run_module(module, run_name="__main__", alter_sys=True)
finally:
    if wanted == 0:
        tell(event="moments", passed=passed)
