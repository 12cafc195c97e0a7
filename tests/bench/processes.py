"""Our worker and the peers run as processes of their own, with the same arguments."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
INSTALLED = ROOT / ".local" / "bench"
"""The folder into which `make bench` installs the peers."""
PATIENCE = 1800
"""Seconds."""


async def answer(
    *command: object, url: str, cwd: Path = ROOT, environment: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The JSON on the last line that a program writes to stdout. It is killed if the wait for it is cancelled."""
    given = {"DATABASE_URL": url} if url else {}
    program = await asyncio.create_subprocess_exec(
        *map(str, command), cwd=cwd, env={**os.environ, **given, **(environment or {})},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, limit=2**28,
    )  # fmt: skip
    try:
        async with asyncio.timeout(PATIENCE):
            out, err = await program.communicate()
    finally:
        if program.returncode is None:
            program.kill()
            await program.wait()
    if program.returncode != 0 or not out.strip():
        raise RuntimeError(f"{command}: {err.decode()[-2000:]}")
    told: dict[str, Any] = json.loads(out.splitlines()[-1])
    return told


async def our_worker(url: str, *flags: str, **environment: str) -> dict[str, Any]:
    """See `tests.bench.our_worker`."""
    return await answer(sys.executable, "-m", "tests.bench.our_worker", *flags, url=url, environment=environment)


@dataclass(frozen=True, slots=True)
class Peer:
    """Another queue, which does the same with a database of its own."""

    name: str
    _command: tuple[str | Path, ...] = field(repr=False)

    async def ask(self, url: str, verb: str, count: int) -> dict[str, Any]:
        """`fill`, `drain`, `batch`, `single` or `latency`, with so many jobs: see `tests/bench/peers/`."""
        return await answer(*self._command, verb, str(count), url=url, cwd=INSTALLED)


PYTHON = INSTALLED / "venv" / "bin" / "python"
GRAPHILE = Peer("graphile-worker", ("node", "graphile.mjs"))
PGBOSS = Peer("pg-boss", ("node", "pgboss.mjs"))
PGQUEUER = Peer("pgqueuer", (PYTHON, "peer.py", "pgqueuer"))
PROCRASTINATE = Peer("procrastinate", (PYTHON, "peer.py", "procrastinate"))
PEERS = (GRAPHILE, PGQUEUER, PGBOSS, PROCRASTINATE)
