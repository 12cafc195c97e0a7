"""Steps before the route of every request: identify the caller, and limit the body.

So a request without a valid token costs no memory for its body and no time to parse it.
"""

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from control_plane.api.bodies import MAX_BYTES, MAX_BYTES_BY_PATH
from control_plane.api.problems import BodyTooLarge, Problem, answer_error
from control_plane.api.request_limiter import RequestLimiter
from services.envelope import Door
from services.errors import ControlPlaneError

NEEDS_TOKEN = ("/v1/", "/internal/")
"""Every route under one of these paths. Identity is in the header, so the body is not read."""


class IdentifyCaller:
    """Put the caller into `request.state.principal`, or refuse the request without reading its body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] == "http" and scope["path"].startswith(NEEDS_TOKEN):
            request = Request(scope)
            try:
                limiter: RequestLimiter = request.app.state.limiter
                request.state.principal = await limiter.admit(request, Door.API)
            except (Problem, ControlPlaneError) as exc:
                await answer_error(request, exc)(scope, receive, send)
                return
        await self._app(scope, receive, send)


class LimitBody:
    """Raise BodyTooLarge if the body, or the length in its header Content-Length, is larger than the limit."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        max_bytes = MAX_BYTES_BY_PATH.get(scope["path"], MAX_BYTES)
        announced = dict(scope["headers"]).get(b"content-length", b"")
        size = 0

        async def receive_limited() -> Message:
            nonlocal size
            if announced.isdigit() and int(announced[:20]) > max_bytes:
                raise BodyTooLarge(max_bytes)
            message = await receive()
            size += len(message.get("body", b""))
            if size > max_bytes:
                raise BodyTooLarge(max_bytes)
            return message

        await self._app(scope, receive_limited, send)
