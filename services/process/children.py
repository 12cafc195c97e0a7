"""Programs of others that we start, and that never outlive us."""

import os
import sys

BECOME = """
import ctypes, os, signal, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    if os.getppid() != int(sys.argv[1]):
        sys.exit("the owner is gone")
os.closerange(3, 65536)
os.execv(sys.argv[2], sys.argv[2:])
"""
"""Asks the kernel to kill this process when its parent ends, however it ends (PR_SET_PDEATHSIG); becomes the program.

It lets go of all but stdin, stdout and stderr: uvloop leaves it second ends of its pipes, by which one that closes its
own would seem to keep them open.

A fresh interpreter does it, since code between fork and exec is not safe in a program with threads. The kernel means
the thread that forked: the one whose event loop runs.
"""


def command(program: str, *arguments: str) -> list[str]:
    """What to start instead of the program, which is given by its path."""
    return [sys.executable, "-I", "-S", "-c", BECOME, str(os.getpid()), program, *arguments]
