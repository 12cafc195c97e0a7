"""A local HTTP server for mocks of the APIs of hosted ticket systems, with faults that can be switched on."""

import asyncio
import json
import sys
from abc import ABC, abstractmethod
from base64 import b64decode
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class Call:
    """A received request, with header names in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: a document as JSON, or a raw body."""

    status: int = 200
    document: Any = None
    raw: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


Fault = Callable[[Call], Reply | None]
"""Runs instead of one request for a page. The request is answered as usual if it returns None."""
NEVER = Reply(status=0)
"""The answer that never comes."""


def fails_with(status: int, **headers: str) -> Fault:
    """One answer with this status, such as `fails_with(429, retry_after="7")`."""
    found = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: Reply(status, {"error": {"message": f"failed with {status}"}}, headers=found)


def never_answers(_: Call) -> Reply | None:
    return NEVER


def web_page(text: str) -> Fault:
    return lambda _: Reply(raw=f"<!doctype html><html>{text}</html>".encode(), headers={"content-type": "text/html"})


class ApiServer(ABC):
    """Answers requests by `answer`. `faults` are for the next requests for a page, one each; None is no fault."""

    USER, PASSWORD = "reader", "correct-horse"
    CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN = "client-1", "client-secret-1", "refresh-token-1"

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.faults: deque[Fault | None] = deque()
        self.tokens: set[str] = set()
        """The access tokens that are valid now."""
        self._given_tokens = 0
        self._server: asyncio.Server | None = None
        self._writers: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @abstractmethod
    def answer(self, call: Call) -> Reply:
        """The answer of the mocked API."""

    @abstractmethod
    def is_page(self, call: Call) -> bool:
        """Whether the request asks for a page of tickets."""

    @property
    def port(self) -> int:
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    @property
    def pages_asked(self) -> list[Call]:
        return [call for call in self.calls if self.is_page(call)]

    async def start(self, port: int = 0) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", port)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._writers.values():
            writer.transport.abort()
        await asyncio.gather(*self._writers)
        await self._server.wait_closed()

    def expire_tokens(self, _: Call | None = None) -> None:
        """Make all access tokens invalid; also a fault, after which the request has no valid login."""
        self.tokens.clear()

    def accepts(self, call: Call) -> bool:
        """Whether the request has a valid login."""
        kind, _, value = call.headers.get("authorization", "").partition(" ")
        if kind == "Basic":
            return b64decode(value).decode() == f"{self.USER}:{self.PASSWORD}"
        return kind == "Bearer" and value in self.tokens

    def give_token(self, call: Call) -> Reply:
        """The answer of the token endpoint to an OAuth client."""
        form = call.form
        is_refresh = form["grant_type"] == "refresh_token" and form["refresh_token"] == self.REFRESH_TOKEN
        is_client = (form["client_id"], form["client_secret"]) == (self.CLIENT_ID, self.CLIENT_SECRET)
        if not is_client or not (is_refresh or form["grant_type"] == "client_credentials"):
            return Reply(401, {"error": "invalid_client"})
        self._given_tokens += 1
        token = f"access-token-{self._given_tokens}"
        self.tokens.add(token)
        return Reply(document={"access_token": token, "token_type": "Bearer", "expires_in": 1800})

    def _reply(self, call: Call) -> Reply:
        if self.is_page(call) and self.faults:
            fault = self.faults.popleft()
            reply = fault(call) if fault is not None else None
            if reply is not None:
                return reply
        return self.answer(call)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._writers[task] = writer
        try:
            while True:
                call = await _read(reader)
                self.calls.append(call)
                reply = self._reply(call)
                if reply is NEVER:
                    await reader.read()  # returns when the client hangs up
                    return
                writer.write(_bytes(reply))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            del self._writers[task]
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


async def _read(reader: asyncio.StreamReader) -> Call:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    line, *rest = head.strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (header.partition(":") for header in rest)}
    method, target, _ = line.split(" ")
    parts = urlsplit(target)
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Call(method, parts.path, dict(parse_qsl(parts.query)), headers, body)


def _bytes(reply: Reply) -> bytes:
    body = json.dumps(reply.document).encode() if reply.raw is None else reply.raw
    headers = {"content-type": "application/json;charset=UTF-8", **reply.headers, "content-length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {reply.status} Reply\r\n{head}\r\n".encode() + body


def serve(server: ApiServer) -> None:
    """Run a mock until Ctrl-C, on the port in the arguments of the command."""

    async def run() -> None:
        await server.start(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
        print(f"{server.url}, user {server.USER}, password {server.PASSWORD}", flush=True)
        await asyncio.Event().wait()

    with suppress(KeyboardInterrupt):
        asyncio.run(run())
