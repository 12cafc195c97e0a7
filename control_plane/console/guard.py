"""What every request to the console passes before its route: origin, session, and the headers of its answer."""

from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from control_plane.api.problems import Problem, answer_error
from control_plane.api.request_limiter import RequestLimiter
from control_plane.console.errors import show_problem
from control_plane.console.paths import ROOT, SIGN_IN
from control_plane.console.session import read_session
from services.envelope import Door
from services.errors import ControlPlaneError

PUBLIC_PATHS = (SIGN_IN, f"{ROOT}/static/")
"""Paths for which nobody has to be signed in."""
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
        " worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class Guard:
    """Lets a request through whose session is valid, and puts it and the principal into `request.state`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            return  # the console has no web sockets
        request = Request(scope)

        async def send_answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        try:
            if request.method not in {"GET", "HEAD"}:
                check_origin(request)
            if not request.url.path.startswith(PUBLIC_PATHS):
                await _know_viewer(request)
        except (Problem, ControlPlaneError) as exc:
            await show_problem(request, answer_error(request, exc))(scope, receive, send_answer)
            return
        await self._app(scope, receive, send_answer)


def check_origin(request: Request) -> None:
    """Raises Problem 403 for a change that a page of another site sends. Browsers name the site in these headers."""
    fetch_site = request.headers.get("sec-fetch-site")
    if fetch_site is not None:
        is_own = fetch_site == "same-origin"
    else:  # a browser sends it to https and to localhost only
        is_own = urlsplit(request.headers.get("origin", "")).netloc == request.headers.get("host", "")
    if not is_own:
        raise Problem(403, "origin: the request does not come from a page of this console")


async def _know_viewer(request: Request) -> None:
    session = read_session(request)
    limiter: RequestLimiter = request.app.state.limiter
    request.state.session = session
    request.state.principal = await limiter.admit(request, Door.CONSOLE, token=session.token)
