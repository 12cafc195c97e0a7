"""A person's session: their JWT in a cookie that no script can read. The server keeps nothing, so a restart ends no
session."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from control_plane.api.identity import Principal
from control_plane.api.problems import Problem
from control_plane.console.paths import ROOT
from services.api_tokens import PREFIX
from services.errors import NotAllowed, NotAuthenticated

MAX_BYTES = 3800
"""Browsers keep 4096 bytes of a cookie; its name and the secret take some of them."""
SESSION_COOKIE = "acp_session"
REFRESH_COOKIE = "acp_refresh"
CSRF_FIELD = "csrf"
CSRF_HEADER = "x-csrf-token"


@dataclass(frozen=True, slots=True)
class Session:
    """The content of the session cookie."""

    token: str = field(repr=False)
    """The JWT. It is verified at every request."""
    secret: str = field(repr=False)
    """A random text, new at every sign-in. It does not change when the JWT is renewed, so that open forms stay
    valid."""

    @property
    def csrf_token(self) -> str:
        """The token that every change sends besides the cookie. Another site can make a browser send the cookie, but
        not this token."""
        return self._derive_from_secret("csrf")

    @property
    def public_name(self) -> str:
        """A name that differs for each session of a browser and reveals no secret."""
        return self._derive_from_secret("name")[:16]

    def _derive_from_secret(self, purpose: str) -> str:
        return hmac.new(self.secret.encode(), purpose.encode(), hashlib.sha256).hexdigest()[:43]


def new_session(token: str) -> Session:
    """The session of a person who signs in with this token. Raises NotAllowed for tokens that are not for people."""
    if token.startswith(PREFIX):
        raise NotAllowed("token: is the API token of an agent; people sign in with their own JWT")
    if len(token) > MAX_BYTES:
        raise NotAllowed(
            f"token: has {len(token):,} characters, and a cookie holds {MAX_BYTES:,}: leave out claims that are not"
            " needed, such as user_metadata"
        )
    return Session(token, secrets.token_urlsafe(16))


def cookie_name(request: Request, name: str = SESSION_COOKIE) -> str:
    """The name of the cookie. On https its prefix makes browsers accept it only from this host, not from another host
    of the same domain."""
    return f"__Host-{name}" if request.url.scheme == "https" else name


def read_session(request: Request) -> Session:
    """The session of a request; its token is not verified yet. Raises NotAuthenticated without one."""
    token, _, secret = request.cookies.get(cookie_name(request), "").partition("~")
    if not token or not secret or token.startswith(PREFIX):  # refuse an API token: pages do not check its scopes
        raise NotAuthenticated("session: you are not signed in; sign in")
    return Session(token, secret)


def read_refresh_token(request: Request) -> str | None:
    """The refresh token of a session of Supabase Auth. None if the person signed in with a JWT."""
    return request.cookies.get(cookie_name(request, REFRESH_COOKIE)) or None


def set_session(request: Request, response: Response, session: Session, *, refresh_token: str | None = None) -> None:
    """Keep the session in the browser until the browser is closed. SameSite is lax, so that a link in a mail finds the
    session."""
    set_cookie(request, response, cookie_name(request), f"{session.token}~{session.secret}")
    if refresh_token is None:
        delete_cookie(request, response, cookie_name(request, REFRESH_COOKIE))
    else:
        set_cookie(request, response, cookie_name(request, REFRESH_COOKIE), refresh_token)


def end_session(request: Request, response: Response) -> None:
    """Make the browser forget the session."""
    delete_cookie(request, response, cookie_name(request))
    delete_cookie(request, response, cookie_name(request, REFRESH_COOKIE))


def set_cookie(request: Request, response: Response, name: str, value: str) -> None:
    """Set a cookie that only the server can read."""
    is_secure = request.url.scheme == "https"
    response.set_cookie(name, value, path=_cookie_path(is_secure), secure=is_secure, httponly=True, samesite="lax")


def delete_cookie(request: Request, response: Response, name: str) -> None:
    """Make the browser forget a cookie of `set_cookie`."""
    is_secure = request.url.scheme == "https"
    response.delete_cookie(name, path=_cookie_path(is_secure), secure=is_secure, httponly=True, samesite="lax")


def _cookie_path(is_secure: bool) -> str:
    return "/" if is_secure else ROOT  # cookies with the prefix __Host- must have the path /


def is_csrf_token(sent: object, session: Session) -> bool:
    """Whether a change came from a page of this session."""
    return isinstance(sent, str) and hmac.compare_digest(sent.encode(), session.csrf_token.encode())


async def check_csrf(request: Request) -> None:
    """A dependency of every page. Raises Problem 403 for a change without the token of its session."""
    if request.method in {"GET", "HEAD"}:
        return
    session: Session = request.state.session
    sent: object = request.headers.get(CSRF_HEADER)
    if sent is None:
        sent = (await request.form()).get(CSRF_FIELD)
    if not is_csrf_token(sent, session):
        raise Problem(403, "csrf: the form does not belong to your session; load the page again")


async def _viewer(request: Request) -> Principal:
    principal: Principal = request.state.principal
    return principal


async def _operator(request: Request) -> Principal:
    principal = await _viewer(request)
    if principal.tenant_id is not None:
        raise NotAllowed("this page is for operators")
    return principal


Viewer = Annotated[Principal, Depends(_viewer)]
"""The person who is signed in: an operator, or a user of a tenant."""
PersonViewer = Viewer
"""A viewer who is a person. That is every viewer, because agents cannot sign in."""
OperatorViewer = Annotated[Principal, Depends(_operator)]
