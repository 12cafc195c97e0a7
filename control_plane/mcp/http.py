"""MCP over streamable HTTP, on the API under `/mcp`.

No request depends on an earlier one: each has its token, and any replica can answer it.
"""

from typing import Any

from fastapi import FastAPI
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.types import JSONRPCResponse
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Message, Receive, Scope, Send

from control_plane.api.bodies import MAX_BYTES, parse_body
from control_plane.api.identity import Principal
from control_plane.api.problems import Problem
from control_plane.api.request_limiter import RequestLimiter
from control_plane.mcp.messages import refuse_message
from control_plane.mcp.server import Context, build_server
from services.api_tokens import TokenScope
from services.envelope import Door
from services.errors import NotAuthenticated
from services.follow_audit_log import AuditFeed

PATH = "/mcp"
TOO_MANY = 429
METADATA = f"/.well-known/oauth-protected-resource{PATH}"


def mount(app: FastAPI, *, catalog_tools: bool = False, authorization_server: str | None = None) -> None:
    """Answer MCP requests on this app. `authorization_server` issues the JWTs of users; clients may sign in there."""

    async def describe(request: Request) -> JSONResponse:
        """The resource metadata of RFC 9728."""
        return JSONResponse(
            {
                "resource": _url(request, PATH),
                "resource_name": "Agent Control Plane",
                **({} if authorization_server is None else {"authorization_servers": [authorization_server]}),
                "scopes_supported": sorted(TokenScope),
                "bearer_methods_supported": ["header"],
            }
        )

    app.add_route(PATH, HttpDoor(app.state.feed, catalog_tools))  # type: ignore[arg-type]  # an instance is an ASGI app
    app.add_route(METADATA, describe)


class HttpDoor:
    """Identifies the caller of each request, and passes the request to the MCP server."""

    def __init__(self, feed: AuditFeed, catalog_tools: bool) -> None:
        self._server = build_server(_identify, feed=feed, catalog_tools=catalog_tools)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            limiter: RequestLimiter = request.app.state.limiter
            request.state.principal = await limiter.admit(request, Door.MCP)
        except (Problem, NotAuthenticated) as exc:
            if isinstance(exc, Problem) and exc.status == TOO_MANY:
                raise
            challenge = f'Bearer error="invalid_token", resource_metadata="{_url(request, METADATA)}"'
            raise Problem(401, str(exc), headers={"WWW-Authenticate": challenge}) from exc
        body = await request.body()  # read the body before the SDK does: the SDK would not answer BodyTooLarge with 413
        if request.method == "POST" and (refusal := await parse_body(refuse_message, body)) is not None:
            status = 200 if isinstance(refusal, JSONRPCResponse) else 400
            await JSONResponse(refusal.model_dump(mode="json", by_alias=True), status)(scope, receive, send)
            return
        manager = StreamableHTTPSessionManager(self._server, stateless=True, max_request_body_size=MAX_BYTES)
        async with manager.run():
            await manager.handle_request(scope, _receive_again(body, receive), send)


def _receive_again(body: bytes, receive: Receive) -> Receive:
    """An ASGI `receive` that first returns the body that was already read, then later messages."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_next() -> Message:
        return messages.pop() if messages else await receive()

    return receive_next


async def _identify(context: Context) -> Principal:
    principal: Any = context.request.state.principal if context.request is not None else None
    if not isinstance(principal, Principal):
        raise NotAuthenticated("token: is missing")
    return principal


def _url(request: Request, path: str) -> str:
    return f"{str(request.base_url).rstrip('/')}{path}"
