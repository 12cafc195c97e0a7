"""A raw HTTP server that can misbehave, and a bell: a port on which child processes report what they do."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self


@dataclass(frozen=True, slots=True)
class Request:
    """A received request, with header names in lower case."""

    line: str
    headers: Mapping[str, str]
    body: bytes


Behaviour = Callable[[asyncio.StreamWriter], Awaitable[bool]]
"""Writes an answer; True keeps the connection for another request."""


class HttpServer:
    """Answers by `behave`, records every request, and sets `arrived` at each."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.arrived = asyncio.Event()
        self.hung_up = asyncio.Event()
        """Set when a client closed its connection during an answer, or while the server was hanging."""
        self.connections = 0
        self.greets = True
        """False: every connection is closed before anything is read from it."""
        self.behave: Behaviour = answer(200, body=b"{}")
        self._server: asyncio.Server | None = None
        self._open: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @property
    def port(self) -> int:
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._open.values():
            writer.transport.abort()
        await asyncio.gather(*self._open)
        await self._server.wait_closed()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open[task] = writer
        self.connections += 1
        try:
            while self.greets:
                self.requests.append(await _read(reader))
                self.arrived.set()
                if self.behave is hang:
                    await reader.read()  # returns when the client hangs up
                    self.hung_up.set()
                    return
                if not await self.behave(writer):
                    return
        except asyncio.IncompleteReadError:
            pass
        except ConnectionError:
            self.hung_up.set()
        finally:
            del self._open[task]
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    line, *rest = head.strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (header.partition(":") for header in rest)}
    return Request(line, headers, await reader.readexactly(int(headers.get("content-length", "0"))))


def answer(status: int, *, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Behaviour:
    async def behave(writer: asyncio.StreamWriter) -> bool:
        lines = [f"HTTP/1.1 {status} Told", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        await writer.drain()
        return True

    return behave


async def hang(writer: asyncio.StreamWriter) -> bool:
    """Never answer. The server recognises this behaviour and waits until the client closes."""
    raise AssertionError(writer)


def break_off(status: int = 200, *, body: bytes = b'{"half":') -> Behaviour:
    """Announce a longer body than is sent, then close."""

    async def behave(writer: asyncio.StreamWriter) -> bool:
        writer.write(f"HTTP/1.1 {status} Told\r\nContent-Length: 1000\r\n\r\n".encode() + body)
        await writer.drain()
        return False

    return behave


async def close_silently(_: asyncio.StreamWriter) -> bool:
    return False


async def stream_ten_megabytes(writer: asyncio.StreamWriter) -> bool:
    writer.write(b"HTTP/1.1 200 Told\r\nContent-Length: 10485760\r\n\r\n")
    for _ in range(160):
        writer.write(b"x" * 65536)
        await writer.drain()
    return True


async def greet_in_plain_text(writer: asyncio.StreamWriter) -> bool:
    writer.write(b"220 smtp ready\r\n")
    await writer.drain()
    return False


@dataclass
class Bell:
    """A port on which child processes report events, one line per connection; `rung` waits for an event."""

    port: int = 0
    _lines: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    _server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def rung(self, word: str) -> int:
        """The process id of the child that rings `word` next; other words in between are skipped."""
        async with asyncio.timeout(60):
            while True:
                pid, _, received = (await self._lines.get()).partition(" ")
                if received == word:
                    return int(pid)

    def unheard(self) -> list[str]:
        """The words that no `rung` has taken."""
        words = []
        while not self._lines.empty():
            words.append(self._lines.get_nowait().partition(" ")[2])
        return words

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._lines.put_nowait((await reader.read()).decode())
        writer.close()
        await writer.wait_closed()
