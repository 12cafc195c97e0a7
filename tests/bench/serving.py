"""The API as a process of its own, and the tokens that it accepts."""

import asyncio
import os
import re
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from control_plane.settings import LOCAL_URL
from services.database.rest.keys import Keys
from tests.bench.processes import ROOT

OURS = ("control_plane", "serve", "--port", "0")
UNLIMITED = {"ACP_API_REQUESTS_PER_MINUTE": "1000000000", "ACP_API_TOKEN_REQUESTS_PER_MINUTE": "1000000000"}
"""Limits that no question reaches. Requests are counted all the same."""
LISTENS = re.compile(rb"http://127\.0\.0\.1:(\d+)")


@asynccontextmanager
async def serving(url: str, folder: str, module: tuple[str, ...] = OURS) -> AsyncIterator[tuple[int, int]]:
    """The pid and the port of a server over this database. It writes its address to stderr when it listens."""
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *module, cwd=ROOT,
        env={**os.environ, **UNLIMITED, "DATABASE_URL": url, "ACP_DATA_DIR": folder},
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert server.stderr is not None
    try:
        async with asyncio.timeout(60):
            while (found := LISTENS.search(await server.stderr.readline())) is None:
                if server.stderr.at_eof():
                    raise RuntimeError(f"{module[0]} has ended")
        draining = asyncio.create_task(server.stderr.read())
        yield server.pid, int(found[1])
        draining.cancel()
    finally:
        if server.returncode is None:
            server.terminate()
        await server.wait()


def user_token(keys: Keys, tenant: UUID, **claims: object) -> str:
    """The JWT of a user of this tenant."""
    now = int(time.time())
    return keys.sign({
        "iss": f"{LOCAL_URL}/auth/v1", "aud": "authenticated", "sub": "bench", "role": "authenticated", "iat": now,
        "exp": now + 3600, "tenant_id": str(tenant), **claims,
    })  # fmt: skip


class Connection:
    """A kept HTTP connection that sends prepared requests."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def send(self, request: bytes) -> tuple[int, bytes]:
        """The status and the body of the answer."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        return int(head.split(b" ", 2)[1]), await self._reader.readexactly(int(length[1]) if length else 0)


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Connection]:
    """A connection to the server on this port."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Connection(reader, writer)
    finally:
        writer.transport.abort()


def http_request(method: str, path: str, token: str, body: bytes = b"") -> bytes:
    """The bytes of a request."""
    return (
        f"{method} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body
