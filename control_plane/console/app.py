"""Build the console and put it on the API's app."""

from fastapi import Depends, FastAPI, Request
from starlette.responses import RedirectResponse

from control_plane.api.problems import add_handlers
from control_plane.apps import offered
from control_plane.console import live, sign_in
from control_plane.console.errors import show_problem
from control_plane.console.guard import Guard
from control_plane.console.navigation import navigation
from control_plane.console.pages import PAGES
from control_plane.console.paths import ROOT
from control_plane.console.session import check_csrf
from control_plane.console.static_files import serve_static
from control_plane.console.supabase_auth import SupabaseAuth


def mount(app: FastAPI, *, supabase_auth: SupabaseAuth | None = None, trace_url: str | None = None) -> None:
    """Serve the console under `/console`, with the state of this app.

    With `supabase_auth`, people may also sign in with e-mail and password. `trace_url` is the URL of a trace, with
    `{trace_id}`.
    """
    app.state.supabase_auth = supabase_auth
    app.state.trace_url = trace_url
    console = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    console.state = app.state
    add_handlers(console, show=show_problem)
    console.add_api_route("/static/{digest}/{name:path}", serve_static, methods=["GET"])
    console.include_router(sign_in.router)
    console.include_router(sign_in.signed_in, dependencies=[Depends(check_csrf)])
    console.include_router(live.router)
    for page in (*PAGES, *offered("pages", "PAGES")):
        console.include_router(page.router, dependencies=[Depends(check_csrf)])
    console.add_api_route("/", _first_page, methods=["GET"])
    app.add_route(ROOT, _first_page, include_in_schema=False)
    app.mount(ROOT, Guard(console))


def _first_page(request: Request) -> RedirectResponse:
    """Redirect to the first page that this person may see."""
    groups = navigation(getattr(request.state, "principal", None))
    return RedirectResponse(groups[0][0].url if groups else f"{ROOT}/", 303)
