"""`/console/sign-in` and `/console/sign-out`."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from control_plane.api.problems import Problem
from control_plane.api.request_limiter import RequestLimiter
from control_plane.console.paths import SIGN_IN, own_path
from control_plane.console.render import render
from control_plane.console.session import delete_cookie, end_session, new_session, set_cookie, set_session
from services.envelope import Door
from services.errors import NotAllowed, NotAuthenticated

router = APIRouter(prefix="/sign-in")
signed_in = APIRouter()
NONCE_COOKIE = "acp_sign_in"
WRONG_TOKEN = 401


@router.get("")
async def show_sign_in(request: Request, next: str | None = None, expired: bool = False) -> Response:  # noqa: A002
    """The form. Its nonce is also in a cookie, so that no other site can sign a browser in as somebody else."""
    return _form(request, own_path(next), problem="Your session has expired. Sign in again." if expired else None)


@router.post("")
async def sign_in(
    request: Request,
    token: Annotated[str, Form(max_length=20_000)] = "",
    nonce: Annotated[str, Form(max_length=100)] = "",
    next: Annotated[str, Form(max_length=4000)] = "",  # noqa: A002
) -> Response:
    """Begin a session with a person's JWT."""
    kept = request.cookies.get(NONCE_COOKIE, "")
    if not kept or not secrets.compare_digest(kept.encode(), nonce.encode()):
        return _form(request, own_path(next), problem="The form was too old. Try again.", status=403)
    limiter: RequestLimiter = request.app.state.limiter
    try:
        session = new_session("".join(token.split()))  # a copied token may be broken into lines
        await limiter.admit(request, Door.CONSOLE, token=session.token)
    except (NotAuthenticated, NotAllowed) as exc:
        return _form(request, own_path(next), problem=str(exc), status=WRONG_TOKEN)
    except Problem as exc:
        return _form(request, own_path(next), problem=exc.detail, status=exc.status)
    response = RedirectResponse(own_path(next), 303)
    set_session(request, response, session)
    delete_cookie(request, response, NONCE_COOKIE)
    return response


@signed_in.get("/signed-in")
async def show_signed_in(request: Request) -> Response:
    """Where a person arrives who signed in again beside a page with an expired session; that page takes its new token
    from this one."""
    return render(request, "signed_in.html")


@signed_in.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session in this browser. The sign-in page then tells the other tabs."""
    response = RedirectResponse(f"{SIGN_IN}?signed_out=1", 303)
    end_session(request, response)
    return response


def _form(request: Request, next_path: str, *, problem: str | None = None, status: int = 200) -> Response:
    nonce = secrets.token_urlsafe(16)
    response = render(request, "sign_in.html", next_path=next_path, nonce=nonce, problem=problem, status_code=status)
    set_cookie(request, response, NONCE_COOKIE, nonce)
    return response
