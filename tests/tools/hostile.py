"""An HTTP server with invalid answers: scripts say what it sends, and in which pieces."""

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

WAIT = object()
"""In a script: the rest is sent once the test sets the gate."""
CLOSE = object()
"""In a script: the server closes the connection."""
EARLY = object()
"""First in a script: the server answers before it has read the body."""
FOREVER = object()
"""Last in a script: the piece before it is repeated without end."""

Piece = bytes | object
Script = Callable[[bytes], Sequence[Piece]]
"""What the server sends for a request, given the body of its own answer."""

OK = b"HTTP/1.1 200 OK\r\n"


def sized(body: bytes, status: bytes = OK, more: bytes = b"") -> bytes:
    return status + more + b"Content-Length: %d\r\n\r\n" % len(body) + body


def chunked(body: bytes, status: bytes = OK, trailer: bytes = b"") -> bytes:
    chunks = b"%x\r\n%s\r\n0\r\n" % (len(body), body) if body else b"0\r\n"
    return status + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + trailer + b"\r\n"


def _without_body(status: int, framing: bytes) -> bytes:
    return b"HTTP/1.1 %d None\r\n%s\r\n" % (status, framing)


ANSWERS: dict[str, Callable[[bytes], bytes]] = {
    "sized": sized,
    "chunked": chunked,
    "chunked with a trailer": lambda b: chunked(b, trailer=b"Retry-After: 5\r\n"),
    "1.0 kept alive": lambda b: sized(b, b"HTTP/1.0 200 OK\r\n", b"Connection: keep-alive\r\n"),
    "after 100": lambda b: b"HTTP/1.1 100 Continue\r\n\r\n" + sized(b),
    "after 103": lambda b: b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\nContent-Length: 5\r\n\r\n" + sized(b),
    "refusal": lambda b: sized(b, b"HTTP/1.1 422 No\r\n"),
    "204": lambda _: _without_body(204, b""),
    "204 with a length": lambda b: _without_body(204, b"Content-Length: %d\r\n" % len(b)),
    "204 chunked": lambda _: _without_body(204, b"Transfer-Encoding: chunked\r\n"),
    "304": lambda _: _without_body(304, b""),
    "304 with a length": lambda b: _without_body(304, b"Content-Length: %d\r\n" % len(b)),
    "length 0": lambda _: sized(b""),
}
"""Valid answers after which the connection may be used again."""

SURPLUS: dict[str, Callable[[bytes], bytes]] = {
    "a second answer": sized,
    "a second answer, chunked": chunked,
    "two more answers": lambda b: sized(b) + sized(b),
    "a body": lambda b: b,
    "a chunk": lambda b: b"%x\r\n%s\r\n0\r\n\r\n" % (len(b), b),
    "half an answer": lambda b: sized(b)[: -len(b) // 2],
    "half a status line": lambda _: b"HTTP/1.1 2",
    "a head whose body is the next answer": lambda _: OK + b"Content-Length: 500\r\n\r\n",
    "a head without an end": lambda _: OK + b"X: ",
    "100 Continue": lambda _: b"HTTP/1.1 100 Continue\r\n\r\n",
    "an empty line": lambda _: b"\r\n",
    "a second answer that closes": lambda b: sized(b, more=b"Connection: close\r\n"),
    "a NUL": lambda _: b"\x00",
}
"""Bytes after an answer that belong to no request."""

BROKEN: dict[str, Script] = {
    "length too short": lambda b: [OK + b"Content-Length: %d\r\n\r\n" % (len(b) // 2), b],
    "length too long, then closes": lambda b: [OK + b"Content-Length: 500\r\n\r\n", b, CLOSE],
    "length too long, then the next answer": lambda b: [OK + b"Content-Length: 500\r\n\r\n", b],
    "length and chunks": lambda b: [chunked(b, OK + b"Content-Length: 3\r\n")],
    "chunks and length": lambda b: [OK + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n", chunked(b)],
    "two lengths": lambda b: [OK + b"Content-Length: 3\r\n" + sized(b, b"")],
    "two lengths in one": lambda b: [OK + b"Content-Length: %d, 3\r\n\r\n" % len(b), b],
    "a negative length": lambda b: [OK + b"Content-Length: -5\r\n\r\n", b],
    "a length with a sign": lambda b: [OK + b"Content-Length: +%d\r\n\r\n" % len(b), b],
    "a length beyond all": lambda b: [OK + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n", b],
    "a length that is none": lambda b: [OK + b"Content-Length: many\r\n\r\n", b],
    "a chunk size that is none": lambda b: [OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", b],
    "a chunk longer than its size": lambda b: [OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\n", b, b"\r\n0\r\n\r\n"],
    "until it closes": lambda b: [OK + b"\r\n", b, CLOSE],
    "until it closes, twice": lambda b: [OK + b"\r\n", b, sized(b), CLOSE],
    "1.0": lambda b: [sized(b, b"HTTP/1.0 200 OK\r\n"), sized(b), CLOSE],
    "says it closes, and goes on": lambda b: [sized(b, more=b"Connection: close\r\n"), sized(b)],
    "closes unannounced": lambda b: [sized(b), CLOSE],
    "101": lambda b: [b"HTTP/1.1 101 Switch\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", sized(b)],
    "packed by transfer": lambda b: [OK + b"Transfer-Encoding: gzip\r\n\r\n", b, CLOSE],
    "bare line feeds": lambda b: [sized(b).replace(b"\r\n", b"\n")],
    "folded header": lambda b: [sized(b, more=b"X: a\r\n b\r\n")],
    "status of four digits": lambda b: [sized(b, b"HTTP/1.1 2000 OK\r\n")],
    "status 099": lambda b: [sized(b, b"HTTP/1.1 099 OK\r\n")],
    "version 2": lambda b: [sized(b, b"HTTP/2.0 200 OK\r\n")],
    "not HTTP": lambda _: [b"220 smtp ready\r\n"],
    "nothing, then closes": lambda _: [CLOSE],
    "an answer before the body was read": lambda b: [EARLY, sized(b)],
    "two answers before the body was read": lambda b: [EARLY, sized(b), sized(b)],
    "endless headers": lambda _: [OK, b"X-Y: " + b"z" * 1000 + b"\r\n", FOREVER],
    "one endless header": lambda _: [OK + b"X: ", b"z" * 1000, FOREVER],
    "endless 100s": lambda _: [b"HTTP/1.1 100 Continue\r\n\r\n" * 50, FOREVER],
    "endless body": lambda b: [OK + b"\r\n" + b, b"z" * 65536, FOREVER],
    "endless chunks": lambda _: [OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 5000, FOREVER],
    "an endless extension": lambda _: [OK + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x" * 65536, FOREVER],
    "endless trailers": lambda b: [chunked(b)[:-2], b"X-Y: " + b"z" * 60000 + b"\r\n", FOREVER],
    "half a head, for ever": lambda _: [OK + b"X: "],
    "half a body, for ever": lambda b: [sized(b)[: -len(b) // 2]],
}  # fmt: skip
"""Answers that are invalid themselves, or after which the connection ends."""


@dataclass
class HostileServer:
    """Answers requests of the tenants in `victims` with `{"for": id}`, all others by `script`."""

    victims: frozenset[str] = frozenset()
    script: Script = field(default=lambda body: [sized(body)])
    bytewise: bool = False
    """Send each byte in a write of its own."""
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    sent: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    """The id of each request whose script has been sent completely."""
    requests: list[str] = field(default_factory=list)
    open: int = 0
    connections: int = 0
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    all_closed: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0

    async def __aenter__(self) -> Self:
        self._tasks: set[asyncio.Task[None]] = set()
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0, limit=2**20)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        self.open += 1
        self.connected.set()
        self.all_closed.clear()
        try:
            while await self._answer(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
            self.open -= 1
            if not self.open:
                self.all_closed.set()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head.splitlines())
        }
        identity = headers["webhook-id"]
        self.requests.append(identity)
        body = json.dumps({"for": identity}).encode()
        script = self.script(body)
        length = int(headers["content-length"])
        try:
            if script[0] is not EARLY:
                request = json.loads(await reader.readexactly(length))
                if request["data"]["tenant_id"] in self.victims:
                    script = [sized(body)]
            keep_open = await self._play(script, writer)
            if script[0] is EARLY:
                await reader.readexactly(length)
            return keep_open
        finally:
            self.sent.put_nowait(identity)

    async def _play(self, script: Sequence[Piece], writer: asyncio.StreamWriter) -> bool:
        last = b""
        for piece in script:
            if piece is WAIT:
                await self.gate.wait()
            elif piece is CLOSE:
                return False
            elif isinstance(piece, bytes):
                last = piece
                await self._send(writer, piece)
            while piece is FOREVER:
                writer.write(last)
                await writer.drain()
        return True

    async def _send(self, writer: asyncio.StreamWriter, piece: bytes) -> None:
        for part in [piece[n : n + 1] for n in range(len(piece))] if self.bytewise else [piece]:
            writer.write(part)
            await writer.drain()
            if self.bytewise:
                await asyncio.sleep(0)
