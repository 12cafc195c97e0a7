"""The gateway in front of PostgREST, as in a Supabase project: it strips `/rest/v1` and replaces API keys by JWTs."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from services.database.rest.keys import Keys
from services.process.web_server import Server

PREFIX = b"/rest/v1"
HOP_BY_HOP = {b"connection", b"keep-alive", b"transfer-encoding", b"upgrade", b"te", b"trailer", b"expect"}
"""Headers for a single connection, which a proxy must not forward."""
NOT_FORWARDED = HOP_BY_HOP | {b"authorization"}
STOP_WITHIN = 2
"""Seconds that open requests have to finish when the gateway stops."""
NO_KEY = JSONResponse(
    {"message": "No API key found in request", "hint": "No `apikey` request header or url param was found."}, 401
)
WRONG_KEY = JSONResponse(
    {"message": "Invalid API key", "hint": "Double check your Supabase `anon` or `service_role` API key."}, 401
)
BAD_GATEWAY = JSONResponse({"message": "An invalid response was received from the upstream server"}, 502)


def gateway(upstream: httpx.AsyncBaseTransport, keys: Keys) -> Starlette:
    """The ASGI app that forwards requests to `upstream` (PostgREST)."""
    jwks = keys.public_jwks()

    async def send_jwks(_request: Request) -> JSONResponse:
        return JSONResponse(jwks)

    return Starlette(
        routes=[
            Route("/rest/v1/{path:path}", Forward(upstream, keys)),
            Route("/auth/v1/.well-known/jwks.json", send_jwks),
        ]
    )


class Forward:
    """Streams requests to PostgREST and its responses back to the client."""

    def __init__(self, upstream: httpx.AsyncBaseTransport, keys: Keys) -> None:
        self._upstream = upstream
        self._jwt_of = keys.jwt_of()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        request = Request(scope, receive)
        is_preflight = request.method == "OPTIONS"  # browsers send no API key with a preflight request
        apikey = request.headers.get("apikey")
        if apikey is None and not is_preflight:
            await NO_KEY(scope, receive, send)
            return
        if apikey not in self._jwt_of and not is_preflight:
            await WRONG_KEY(scope, receive, send)
            return
        try:
            response = await self._upstream.handle_async_request(self._upstream_request(request))
        except httpx.TransportError:
            await BAD_GATEWAY(scope, receive, send)
            return
        await _send_response(response, send)

    def _upstream_request(self, request: Request) -> httpx.Request:
        headers = [(name, value) for name, value in request.headers.raw if name not in NOT_FORWARDED]
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
        """The Authorization header for PostgREST: the user's JWT, or else the JWT for the API key."""
        apikey = request.headers.get("apikey", "")
        authorization = request.headers.get("authorization", "")
        if not authorization or authorization.startswith("Bearer sb_"):
            return f"Bearer {self._jwt_of[apikey]}" if apikey in self._jwt_of else ""
        return authorization


async def _send_response(response: httpx.Response, send: Send) -> None:
    try:
        headers = [(name.lower(), value) for name, value in response.headers.raw if name.lower() not in HOP_BY_HOP]
        await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
        async for chunk in response.aiter_raw():
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body"})
    finally:
        await response.aclose()


@contextlib.asynccontextmanager
async def serve(app: ASGIApp, listener: socket.socket) -> AsyncIterator[None]:
    """Serve an app on a listening socket until the block ends. Open requests have `STOP_WITHIN` seconds to finish."""
    server = Server(
        uvicorn.Config(
            app, lifespan="off", access_log=False, log_config=None, ws="none", timeout_graceful_shutdown=STOP_WITHIN,
            server_header=False, date_header=False,
        )
    )  # fmt: skip
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(server.serve(sockets=[listener]))
        try:
            yield
        finally:
            server.should_exit = True
            # A cancelled uvicorn does not close its sockets. The event loop would then never watch another socket with
            # the same descriptor number.
            for accepting in server.servers:
                accepting.close()
