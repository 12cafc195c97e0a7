"""Processes and connections that use the embedded server."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.database.connect import connect
from services.errors import NotReady

ROOT = Path(__file__).parents[3]
USER = """
import sys
from pathlib import Path
from services.database import embedded
with embedded.running(Path(sys.argv[1])) as cluster:
    print(cluster.url, flush=True)
    sys.stdin.read()
"""


class Lines(list[str]):
    """Collects the lines that `say` gets."""

    def __call__(self, line: str) -> None:
        self.append(line)

    def count_of(self, word: str) -> int:
        return sum(word in line for line in self)


@contextmanager
def another_process(data_dir: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that uses the cluster until its stdin is closed."""
    with subprocess.Popen(
        [sys.executable, "-c", USER, str(data_dir)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        yield process


def first_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def answers(url: str) -> bool:
    try:
        connect(url).close()
    except NotReady:
        return False
    return True
