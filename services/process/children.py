"""Start third-party programs as child processes that end when this process ends."""

import os
import sys

EXEC_SCRIPT = """
import ctypes, os, signal, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    if os.getppid() != int(sys.argv[1]):
        sys.exit("the parent process has ended")
os.closerange(3, 65536)
os.execv(sys.argv[2], sys.argv[2:])
"""
"""Runs in the child process: asks the kernel to kill it when the parent ends (PR_SET_PDEATHSIG), then executes the
program.

The script closes every file descriptor except stdin, stdout and stderr. uvloop leaks copies of its pipe ends to child
processes. A leaked copy would keep a pipe open after the parent has closed it.

A new interpreter runs the script because code between fork and exec is not safe in a program with threads. The kernel
kills the child when the thread that forked ends: here the thread of the event loop.
"""


def child_command(program: str, *arguments: str) -> list[str]:
    """The command line that runs `program` (a path) so that it ends when this process ends.

    Only on Linux does it also end when this process is killed.
    """
    return [sys.executable, "-I", "-S", "-c", EXEC_SCRIPT, str(os.getpid()), program, *arguments]
