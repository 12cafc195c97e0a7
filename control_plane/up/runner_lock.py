"""Allow one `up` per data folder: a lock that the kernel releases when the process ends, and a file with its URL."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from services.database.embedded.server import try_lock
from services.errors import SettingsError


@dataclass(frozen=True)
class RunnerLock:
    """The lock of a data folder, held by this process."""

    note: Path

    def record(self, url: str | None) -> None:
        """Store the URL of the API, for a process that tries to start a second one; None while the API starts."""
        fresh = self.note.with_suffix(".new")
        fresh.write_text(json.dumps({"pid": os.getpid(), "url": url}))
        fresh.replace(self.note)


@contextmanager
def hold_runner_lock(data_dir: Path) -> Iterator[RunnerLock | None]:
    """Hold the lock of this folder until the block ends; None if another process holds it."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = try_lock(data_dir / "up.lock")
    except OSError as exc:
        raise SettingsError(
            f"ACP_DATA_DIR: cannot write to {data_dir} ({exc.strerror}): set it to a folder that you own"
        ) from exc
    if lock is None:
        yield None
        return
    runner_lock = RunnerLock(data_dir / "up.json")
    try:
        runner_lock.record(None)
        yield runner_lock
    finally:
        with suppress(FileNotFoundError):
            runner_lock.note.unlink()
        os.close(lock)


def describe_runner(data_dir: Path) -> str:
    """One line about the process that holds the lock."""
    try:
        note = json.loads((data_dir / "up.json").read_text())
    except (OSError, ValueError):
        note = {}
    where = f"at {note['url']}" if note.get("url") else "and is starting"
    return f"runs already {where} (process {note.get('pid', 'unknown')})"
