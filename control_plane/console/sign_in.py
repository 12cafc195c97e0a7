"""`/console/sign-in` and `/console/sign-out`."""

import secrets
from collections.abc import Awaitable, Callable
from typing import Annotated

import structlog
from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from control_plane.api.problems import Problem
from control_plane.api.request_limiter import RequestLimiter
from control_plane.console.paths import SIGN_IN, own_path
from control_plane.console.render import render
from control_plane.console.session import (
    Session,
    delete_cookie,
    end_session,
    new_session,
    read_refresh_token,
    set_cookie,
    set_session,
)
from control_plane.console.supabase_auth import SupabaseAuth
from services.envelope import Door
from services.errors import NotAllowed, NotAuthenticated, NotReady

router = APIRouter(prefix="/sign-in")
signed_in = APIRouter()
NONCE_COOKIE = "acp_sign_in"
WRONG_TOKEN = 401
NOT_AVAILABLE = 503

log = structlog.get_logger("console")


@router.get("")
async def show_sign_in(request: Request, next: str | None = None, expired: bool = False) -> Response:  # noqa: A002
    """The sign-in form. Its nonce is also in a cookie, so that no other site can sign a browser in as somebody else."""
    return _render_form(
        request, own_path(next), problem="Your session has expired. Sign in again." if expired else None
    )


@router.post("")
async def sign_in(
    request: Request,
    token: Annotated[str, Form(max_length=20_000)] = "",
    nonce: Annotated[str, Form(max_length=100)] = "",
    next: Annotated[str, Form(max_length=4000)] = "",  # noqa: A002
) -> Response:
    """Begin a session with a person's JWT."""
    copied = "".join(token.split())  # a copied token may contain line breaks

    async def read_session_tokens() -> tuple[str, str | None]:
        return copied, None

    return await _begin_session(request, nonce, own_path(next), read_session_tokens)


@router.post("/password")
async def sign_in_with_password(
    request: Request,
    email: Annotated[str, Form(max_length=320)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    nonce: Annotated[str, Form(max_length=100)] = "",
    next: Annotated[str, Form(max_length=4000)] = "",  # noqa: A002
) -> Response:
    """Begin a session of Supabase Auth, which is renewed until the person signs out."""
    auth: SupabaseAuth | None = request.app.state.supabase_auth
    if auth is None:
        raise Problem(
            404, "sign-in: e-mail and password are not set up; set SUPABASE_PUBLISHABLE_KEY, or sign in with a token"
        )

    async def read_session_tokens() -> tuple[str, str | None]:
        tokens = await auth.sign_in(email.strip(), password)
        return tokens.access, tokens.refresh

    return await _begin_session(request, nonce, own_path(next), read_session_tokens)


async def _begin_session(
    request: Request, nonce: str, next_path: str, read_session_tokens: Callable[[], Awaitable[tuple[str, str | None]]]
) -> Response:
    """Check the form and the limits, then set the cookies. If something is wrong, show the form again with the
    problem."""
    cookie_nonce = request.cookies.get(NONCE_COOKIE, "")
    if not cookie_nonce or not secrets.compare_digest(cookie_nonce.encode(), nonce.encode()):
        return _render_form(request, next_path, problem="The form was too old. Try again.", status=403)
    limiter: RequestLimiter = request.app.state.limiter
    address = limiter.failure_key(request)
    try:
        limiter.check_failures(address)
        try:
            token, refresh_token = await read_session_tokens()
        except NotAuthenticated:
            limiter.note_failure(address)
            raise
        session = new_session(token)
        await limiter.admit(request, Door.CONSOLE, token=session.token)
    except (NotAuthenticated, NotAllowed) as exc:
        return _render_form(request, next_path, problem=str(exc), status=WRONG_TOKEN)
    except NotReady as exc:
        log.warning("console.not_ready", reason=str(exc))
        return _render_form(
            request, next_path, problem="Signing in is not possible at the moment. Try again.", status=NOT_AVAILABLE
        )
    except Problem as exc:
        return _render_form(request, next_path, problem=exc.detail, status=exc.status)
    response = RedirectResponse(next_path, 303)
    set_session(request, response, session, refresh_token=refresh_token)
    delete_cookie(request, response, NONCE_COOKIE)
    return response


@signed_in.get("/signed-in")
async def show_signed_in(request: Request) -> Response:
    """The page after a sign-in in a second window, opened because the session of a page had expired. The old page takes
    its new token from this page."""
    return render(request, "signed_in.html")


@signed_in.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session in this browser. The sign-in page then tells the other tabs."""
    auth: SupabaseAuth | None = request.app.state.supabase_auth
    session: Session = request.state.session
    if auth is not None and read_refresh_token(request) is not None:
        try:
            await auth.sign_out(session.token)
        except NotReady as exc:  # the browser deletes its tokens anyway
            log.warning("console.not_signed_out", reason=str(exc))
    response = RedirectResponse(f"{SIGN_IN}?signed_out=1", 303)
    end_session(request, response)
    return response


def _render_form(request: Request, next_path: str, *, problem: str | None = None, status: int = 200) -> Response:
    nonce = secrets.token_urlsafe(16)
    response = render(
        request, "sign_in.html", has_passwords=request.app.state.supabase_auth is not None, next_path=next_path,
        nonce=nonce, problem=problem, status_code=status,
    )  # fmt: skip
    set_cookie(request, response, NONCE_COOKIE, nonce)
    return response
