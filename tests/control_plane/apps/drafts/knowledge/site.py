"""A web server on this machine, whose pages a test decides."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from services.tools.outgoing import AllowedHosts

LOCAL = AllowedHosts(("127.0.0.1",))


@dataclass
class Site:
    """Answers by path: status, headers, body. An ETag that the client has is answered with 304."""

    port: int = 0
    pages: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    before_answer: Callable[[str], Awaitable[object]] | None = None
    """Awaited with the path of each request before it is answered."""

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"http://127.0.0.1:{self.port}{path}"

    def put(self, path: str, body: str | bytes, *, status: int = 200, **headers: str) -> None:
        """Serve this at the path; underscores in names of headers stand for hyphens."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        data = body.encode() if isinstance(body, str) else body
        self.pages[path] = status, {"content-type": "text/html; charset=utf-8"} | given, data

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = head.split()[1]
        self.requests.append(path)
        if self.before_answer is not None:
            await self.before_answer(path)
        status, headers, body = self.pages.get(path, (404, {}, b""))
        if (etag := headers.get("etag")) and f"if-none-match: {etag}\r\n" in head:
            status, body = 304, b""
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        writer.write(f"HTTP/1.1 {status} X\r\n{lines}content-length: {len(body)}\r\nconnection: close\r\n\r\n".encode())
        writer.write(body)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def a_site() -> AsyncIterator[Site]:
    """A running site without pages."""
    site = Site()
    server = await asyncio.start_server(site.serve, "127.0.0.1", 0)
    async with server:
        site.port = server.sockets[0].getsockname()[1]
        yield site
