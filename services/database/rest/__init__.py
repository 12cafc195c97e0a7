"""The Data API of a Supabase project on this machine: PostgREST behind a gateway that acts like Supabase's."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from services.database.embedded import to_stderr
from services.database.rest.keys import Keys, load_or_create_keys
from services.database.rest.postgrest import running_postgrest
from services.distribution import LOCAL_REST_EXTRA, require
from services.errors import NotReady

HOST = "127.0.0.1"
MAX_CONNECTIONS = 32
IDLE_FOR = 20
"""Seconds after which the gateway closes an idle connection to PostgREST. PostgREST itself closes it after 30 seconds,
and a request that is sent at that moment would fail."""


@dataclass(frozen=True)
class RestStack:
    """A running local Data API."""

    url: str
    """The value for SUPABASE_URL; clients append `/rest/v1`."""
    keys: Keys = field(repr=False)
    socket: Path
    """The Unix socket of PostgREST, behind the gateway."""
    pid: int
    """The process id of PostgREST."""


@asynccontextmanager
async def rest_stack(
    authenticator_url: str, folder: Path, *, port: int = 0, say: Callable[[str], None] = to_stderr
) -> AsyncIterator[RestStack]:
    """Serve a database until the block or this process ends. Port 0 picks a free port.

    `folder` holds `postgrest.log` and the keys, which stay the same from run to run.

    Raises NotReady when PostgREST or the web server of the gateway is not installed, when PostgREST does not start or
    ends early, or when the port is in use.
    """
    require(LOCAL_REST_EXTRA)
    from services.database.rest.gateway import gateway, serve  # noqa: PLC0415  # needs an optional dependency

    keys = load_or_create_keys(folder)
    listener = _listen(port)
    try:
        url = f"http://{HOST}:{listener.getsockname()[1]}"
        async with running_postgrest(authenticator_url, keys.jwk_set(), folder / "postgrest.log") as postgrest:
            limits = httpx.Limits(max_connections=MAX_CONNECTIONS, keepalive_expiry=IDLE_FOR)
            async with (
                httpx.AsyncHTTPTransport(uds=str(postgrest.socket), limits=limits) as upstream,
                asyncio.TaskGroup() as tasks,
            ):
                watch = tasks.create_task(postgrest.watch())
                async with serve(gateway(upstream, keys), listener):
                    say(f"serving the data API on {url}")
                    yield RestStack(url, keys, postgrest.socket, postgrest.process.pid)
                watch.cancel()
    finally:
        listener.close()


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port))
    except OSError as exc:
        raise NotReady(
            f"{HOST}:{port}: {os.strerror(exc.errno or 0)}: stop the program that uses the port, or choose another"
        ) from exc
