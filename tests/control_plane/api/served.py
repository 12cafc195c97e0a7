"""The API on a socket, for what a client sees only over a real connection."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
import uvicorn
from fastapi import FastAPI

from services.process.web_server import Server
from tests.worker.world import eventually


@dataclass(frozen=True)
class Event:
    """One server-sent event; without a name it is a comment."""

    id: str | None
    name: str | None
    data: Any
    comment: str | None


class PromptServer(Server):
    """Stops within milliseconds: uvicorn itself looks ten times a second whether to stop and whether all is closed."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.stopping = asyncio.Event()

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self.stopping.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        with suppress(TimeoutError):
            async with asyncio.timeout(self.config.timeout_graceful_shutdown):
                await eventually(lambda: not self.server_state.connections and not self.server_state.tasks)
        for task in list(self.server_state.tasks):
            task.cancel()


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """The URL of this app, as `serve` runs it."""
    config = uvicorn.Config(
        app, lifespan="off", access_log=False, log_config=None, ws="none", timeout_graceful_shutdown=2
    )
    server = PromptServer(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        running = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            app.state.feed.close()
            server.stopping.set()
            await running


class Stream:
    """An open stream of events."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def next(self) -> Event:
        """The next block. Raises StopAsyncIteration at the end of the stream."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(60):
            while line := await anext(self._lines):
                name, _, value = line.partition(": ")
                fields[name] = value
        data = orjson.loads(fields["data"]) if "data" in fields else None
        return Event(fields.get("id"), fields.get("event"), data, fields.get(""))

    async def until_end(self) -> None:
        """Read until the server ends the stream."""
        async with asyncio.timeout(60):
            async for _ in self._lines:
                pass

    async def named(self, count: int) -> list[Event]:
        """So many events, without comments."""
        events: list[Event] = []
        while len(events) < count:
            event = await self.next()
            events += [event] if event.name else []
        return events


@asynccontextmanager
async def streaming(
    url: str, token: str | None, *, path: str = "/v1/events", last: str | None = None, **params: Any
) -> AsyncIterator[Stream]:
    """`GET` this path as this caller. Gives the stream after its first comment."""
    headers = {"Authorization": f"Bearer {token}", **({} if last is None else {"Last-Event-ID": last})}
    async with (
        httpx.AsyncClient(base_url=url, timeout=60) as client,
        client.stream("GET", path, headers=headers, params=params) as response,
    ):
        assert response.status_code == 200, await response.aread()
        yield Stream(response)
