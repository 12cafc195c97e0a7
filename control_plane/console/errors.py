"""Errors of the console: people get an error page, scripts get a problem document."""

import json
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import JSONResponse
from starlette.responses import RedirectResponse, Response

from control_plane.console.paths import SIGN_IN
from control_plane.console.render import render

NOT_SIGNED_IN = 401
SCRIPT_HEADERS = ("hx-request", "x-live")
KEPT_HEADERS = ("retry-after", "allow")


def show_problem(request: Request, problem: JSONResponse) -> Response:
    """The response to an error: JSON for the scripts of our pages, a page or redirect for a person."""
    is_script = any(name in request.headers for name in SCRIPT_HEADERS)
    if is_script or "text/html" not in request.headers.get("accept", ""):
        return problem
    if problem.status_code == NOT_SIGNED_IN:
        return RedirectResponse(sign_in_url(request) if request.method == "GET" else f"{SIGN_IN}?expired=1", 303)
    document = json.loads(bytes(problem.body))
    kept_headers = {name: problem.headers[name] for name in KEPT_HEADERS if name in problem.headers}
    return render(request, "error.html", problem=document, status_code=problem.status_code, headers=kept_headers)


def sign_in_url(request: Request) -> str:
    """The URL of the sign-in page, which leads back to the requested page."""
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    had_session = any(name.endswith("acp_session") for name in request.cookies)
    return f"{SIGN_IN}?next={quote(here, safe='/')}" + ("&expired=1" if had_session else "")
