"""The demo as a new user runs it: in a process of its own, twice in a row."""

import os
import subprocess
import sys
from pathlib import Path

ENDINGS = ("success by MCP", "success by webhook", "held by quiet hours", "awaiting approval", "retried, then success",
           "dead letter")  # fmt: skip


def test_the_demo_shows_every_outcome_and_can_run_twice(database_url: str, tmp_path: Path) -> None:
    environment = {**os.environ, "DATABASE_URL": database_url, "ACP_DATA_DIR": str(tmp_path)}
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-m", "control_plane", "demo", "--yes"],
            env=environment, capture_output=True, text=True, timeout=90, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        lines = {line.split("│")[1].strip(): line for line in done.stdout.splitlines() if line.count("│") == 4}
        assert {ending: any(c.isdigit() for c in lines[ending]) for ending in ENDINGS} == dict.fromkeys(ENDINGS, True)
        assert "Traceback" not in done.stderr
