"""A TCP proxy that can go silent: connections stay open, but no bytes pass any more."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self

from services.database.connect import connection_parts


class SilentProxy:
    """Forwards to the server of `url` until `silence`. After `heal` new connections work; old ones stay silent."""

    def __init__(self, url: str) -> None:
        parts = connection_parts(url)
        self._to = str(parts["host"]), int(parts["port"] or 5432)
        self.direct = url
        self._silent = False
        self._talking: set[asyncio.Task[None]] = set()
        self._open: set[asyncio.StreamWriter] = set()
        self.accepted = 0

    @property
    def url(self) -> str:
        """The URL of the same database through this proxy."""
        port = self._server.sockets[0].getsockname()[1]
        return self.direct.replace("@{}:{}/".format(*self._to), f"@127.0.0.1:{port}/")

    def silence(self) -> None:
        """Stop passing bytes without closing connections, like a firewall that drops a connection."""
        self._silent = True
        for task in self._talking:
            task.cancel()

    def heal(self) -> None:
        """Pass the bytes of new connections."""
        self._silent = False

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        self.silence()
        await asyncio.gather(*self._talking, return_exceptions=True)
        for writer in self._open:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        self._open.add(writer)
        from_server, to_server = await asyncio.open_connection(*self._to)
        self._open.add(to_server)
        if self._silent:
            return
        for source, sink in ((reader, to_server), (from_server, writer)):
            task = asyncio.create_task(_pump(source, sink))
            self._talking.add(task)
            task.add_done_callback(self._talking.discard)


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
        sink.close()
