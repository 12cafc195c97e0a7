"""A tool: a real HTTP endpoint that checks signatures and records every call."""

import asyncio
import json
from collections import Counter
from contextlib import suppress
from types import TracebackType
from typing import Self
from uuid import UUID

from standardwebhooks import Webhook

from tests.worker.world import Progress

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105  # the example from the Standard Webhooks text
SECRETS = json.dumps({"demo": SECRET})


class Receiver:
    """Answers 200 while `curtain` is set; otherwise calls after the first `free` ones wait for it."""

    def __init__(self) -> None:
        self.keys: list[UUID] = []
        """The Idempotency-Key of each call, in the order of arrival."""
        self.curtain = asyncio.Event()
        self.free = 0
        """The number of calls that are answered although the curtain is not set."""
        self._progress = Progress()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    @property
    def config(self) -> dict[str, str]:
        """The `config` of a tool that calls this receiver."""
        assert self._server is not None
        return {"url": f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/tool", "secret": "demo"}

    @property
    def counts(self) -> Counter[UUID]:
        """The number of calls by idempotency key."""
        return Counter(self.keys)

    async def called(self, times: int) -> None:
        """Wait for so many calls, counted from the start."""
        await self._progress.until(lambda: len(self.keys) >= times)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1000)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            while True:
                await self._answer(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the caller has closed the connection
        finally:
            self._open.discard(task)
            writer.close()
            with suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = head.strip().split("\r\n")[1:]
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers["content-length"]))
        Webhook(SECRET).verify(body, headers)
        self.keys.append(UUID(headers["idempotency-key"]))
        free = len(self.keys) <= self.free
        await self._progress.report()
        if not free:
            await self.curtain.wait()
        writer.write(b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n{"ok":true}')
        await writer.drain()
