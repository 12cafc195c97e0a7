"""Checks before the route of every console request: its origin and session. Also sets the headers of the response."""

import time
from urllib.parse import urlsplit

import structlog
from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from control_plane.api.problems import Problem, answer_error
from control_plane.api.request_limiter import RequestLimiter
from control_plane.console.errors import show_problem
from control_plane.console.live import find_position
from control_plane.console.paths import ROOT, SIGN_IN
from control_plane.console.session import Session, read_refresh_token, read_session, set_session
from control_plane.console.supabase_auth import SupabaseAuth, ends_soon
from services.envelope import Door
from services.errors import ControlPlaneError, NotAuthenticated, NotReady

PUBLIC_PATHS = (SIGN_IN, f"{ROOT}/static/")
"""Paths that need no session."""
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

log = structlog.get_logger("console")


class Guard:
    """Lets requests with a valid session pass, and puts session and principal into `request.state`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            return  # the console has no web sockets
        request = Request(scope)

        async def send_answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(SECURITY_HEADERS)
                if "set-cookie" not in headers:  # a route such as sign-out has set its own cookies
                    for cookie in getattr(request.state, "renewed_cookies", ()):
                        headers.append("set-cookie", cookie)
            await send(message)

        try:
            if request.method not in {"GET", "HEAD"}:
                check_origin(request)
            if not request.url.path.startswith(PUBLIC_PATHS):
                await _know_viewer(request)
                await _note_position(request)
        except (Problem, ControlPlaneError) as exc:
            await show_problem(request, answer_error(request, exc))(scope, receive, send_answer)
            return
        await self._app(scope, receive, send_answer)


def check_origin(request: Request) -> None:
    """Raise Problem 403 if a page of another site sent this change. Browsers name the site in headers."""
    fetch_site = request.headers.get("sec-fetch-site")
    if fetch_site is not None:
        is_own = fetch_site == "same-origin"
    else:  # browsers send sec-fetch-site only over https and to localhost
        is_own = urlsplit(request.headers.get("origin", "")).netloc == request.headers.get("host", "")
    if not is_own:
        raise Problem(403, "origin: the request does not come from a page of this console")


async def _know_viewer(request: Request) -> None:
    session = await _renew(request, read_session(request))
    limiter: RequestLimiter = request.app.state.limiter
    request.state.session = session
    request.state.principal = await limiter.admit(request, Door.CONSOLE, token=session.token)


async def _note_position(request: Request) -> None:
    """If this request loads a page, store the position in the audit log after which its live stream will begin."""
    if request.method == "GET" and "text/html" in request.headers.get("accept", "") and "x-live" not in request.headers:
        request.state.position_at = round(time.time() * 1000)
        request.state.position = await find_position(request.app.state.feed, request.state.principal)


async def _renew(request: Request, session: Session) -> Session:
    """The session with a new token if the old token ends soon and Supabase Auth renews it; else the same session."""
    auth: SupabaseAuth | None = request.app.state.supabase_auth
    refresh_token = read_refresh_token(request)
    if auth is None or refresh_token is None or not ends_soon(session.token, time.time()):
        return session
    limiter: RequestLimiter = request.app.state.limiter
    address = limiter.failure_key(request)
    limiter.check_failures(address)
    try:
        tokens = await auth.renew(refresh_token)
    except NotAuthenticated:
        limiter.note_failure(address)
        return session
    except NotReady as exc:
        log.warning("console.not_renewed", reason=str(exc))
        return session
    renewed = Session(tokens.access, session.secret)
    answer = Response()
    set_session(request, answer, renewed, refresh_token=tokens.refresh)
    request.state.renewed_cookies = answer.headers.getlist("set-cookie")
    return renewed
