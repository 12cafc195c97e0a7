"""What stands before PostgREST in a Supabase project: it strips `/rest/v1` and turns an API key into a JWT."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Generator

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from services.database.rest.keys import Keys

PREFIX = b"/rest/v1"
PER_CONNECTION = {b"connection", b"keep-alive", b"transfer-encoding", b"upgrade", b"te", b"trailer", b"expect"}
"""Headers that speak of one hop."""
NOT_PASSED_ON = PER_CONNECTION | {b"authorization"}
STOP_WITHIN = 2
NO_KEY = JSONResponse(
    {"message": "No API key found in request", "hint": "No `apikey` request header or url param was found."}, 401
)
WRONG_KEY = JSONResponse(
    {"message": "Invalid API key", "hint": "Double check your Supabase `anon` or `service_role` API key."}, 401
)
AWAY = JSONResponse({"message": "An invalid response was received from the upstream server"}, 502)


def gateway(upstream: httpx.AsyncBaseTransport, keys: Keys) -> Starlette:
    """The app in front of `upstream`, which is PostgREST."""
    jwks = keys.public_jwks()

    async def published(_request: Request) -> JSONResponse:
        return JSONResponse(jwks)

    return Starlette(
        routes=[
            Route("/rest/v1/{path:path}", Forward(upstream, keys)),
            Route("/auth/v1/.well-known/jwks.json", published),
        ]
    )


class Forward:
    """Passes requests on and answers back, as they come."""

    def __init__(self, upstream: httpx.AsyncBaseTransport, keys: Keys) -> None:
        self._upstream = upstream
        self._jwt_of = keys.jwt_of()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        request = Request(scope, receive)
        preflight = request.method == "OPTIONS"  # a browser sends no key with it
        apikey = request.headers.get("apikey")
        if apikey is None and not preflight:
            await NO_KEY(scope, receive, send)
            return
        if apikey not in self._jwt_of and not preflight:
            await WRONG_KEY(scope, receive, send)
            return
        try:
            answer = await self._upstream.handle_async_request(self._passed_on(request))
        except httpx.TransportError:
            await AWAY(scope, receive, send)
            return
        await _give_back(answer, send)

    def _passed_on(self, request: Request) -> httpx.Request:
        headers = [(name, value) for name, value in request.headers.raw if name not in NOT_PASSED_ON]
        if bearer := self._bearer(request):
            headers.append((b"authorization", bearer.encode("latin-1")))
        has_body = "content-length" in request.headers or "transfer-encoding" in request.headers
        target: bytes = request.scope["raw_path"].removeprefix(PREFIX)
        if query := request.scope["query_string"]:
            target += b"?" + query
        return httpx.Request(
            request.method,
            httpx.URL("http://postgrest").copy_with(raw_path=target),
            headers=headers,
            content=request.stream() if has_body else None,
        )

    def _bearer(self, request: Request) -> str:
        """A user's own JWT, or else the one that the API key stands for."""
        apikey = request.headers.get("apikey", "")
        given = request.headers.get("authorization", "")
        if not given or given.startswith("Bearer sb_"):
            return f"Bearer {self._jwt_of[apikey]}" if apikey in self._jwt_of else ""
        return given


async def _give_back(answer: httpx.Response, send: Send) -> None:
    try:
        headers = [(name.lower(), value) for name, value in answer.headers.raw if name.lower() not in PER_CONNECTION]
        await send({"type": "http.response.start", "status": answer.status_code, "headers": headers})
        async for chunk in answer.aiter_raw():
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body"})
    finally:
        await answer.aclose()


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Signals belong to the program, not to a server in it."""
        yield


@contextlib.asynccontextmanager
async def serve(app: ASGIApp, listening: socket.socket) -> AsyncIterator[None]:
    """Answer on this socket until the block ends; what is under way then may finish."""
    server = _Server(
        uvicorn.Config(
            app, lifespan="off", access_log=False, log_config=None, ws="none", timeout_graceful_shutdown=STOP_WITHIN,
            server_header=False, date_header=False,
        )
    )  # fmt: skip
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(server.serve(sockets=[listening]))
        try:
            yield
        finally:
            server.should_exit = True
