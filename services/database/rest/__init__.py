"""A Supabase project's data API on this machine: a real PostgREST, and a gateway that does what Supabase's does."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from services.database.embedded import to_stderr
from services.database.rest.keys import Keys, keys_in
from services.database.rest.postgrest import running_postgrest
from services.distribution import require
from services.errors import NotReady

HOST = "127.0.0.1"
PORT = 54321
"""Where Supabase's own local stack listens too."""
CONNECTIONS = 32
IDLE_FOR = 20
"""Seconds; PostgREST hangs up after 30, and a request must not cross with that."""


@dataclass(frozen=True)
class RestStack:
    """What a client has to know of the running stack."""

    url: str
    """As SUPABASE_URL: clients append `/rest/v1`."""
    keys: Keys = field(repr=False)
    socket: Path
    """Where PostgREST itself listens, behind the gateway."""
    pid: int
    """PostgREST's process."""


@asynccontextmanager
async def rest_stack(
    authenticator_url: str, folder: Path, *, port: int = 0, say: Callable[[str], None] = to_stderr
) -> AsyncIterator[RestStack]:
    """Serve this database until the block ends, or this process does. Port 0 picks a free one.

    The folder keeps the keys, so that they stay the same, and `postgrest.log`.

    Raises NotReady when PostgREST or the gateway's web server is not installed, when PostgREST does not start or ends
    early, and when the port is taken.
    """
    require("local-rest")
    from services.database.rest.gateway import gateway, serve  # noqa: PLC0415  # not in every installation

    keys = keys_in(folder)
    listening = _listen(port)
    try:
        url = f"http://{HOST}:{listening.getsockname()[1]}"
        async with running_postgrest(authenticator_url, keys.jwk_set(), folder / "postgrest.log") as postgrest:
            limits = httpx.Limits(max_connections=CONNECTIONS, keepalive_expiry=IDLE_FOR)
            async with (
                httpx.AsyncHTTPTransport(uds=str(postgrest.socket), limits=limits) as upstream,
                asyncio.TaskGroup() as tasks,
            ):
                watching = tasks.create_task(postgrest.watch())
                async with serve(gateway(upstream, keys), listening):
                    say(f"serving the data API on {url}")
                    yield RestStack(url, keys, postgrest.socket, postgrest.process.pid)
                watching.cancel()
    finally:
        listening.close()


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port))
    except OSError as exc:
        raise NotReady(
            f"{HOST}:{port}: {os.strerror(exc.errno or 0)}: stop what listens there, or choose another port"
        ) from exc
