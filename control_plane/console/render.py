"""Render a template for a request."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from starlette.responses import HTMLResponse, Response

from control_plane import apps
from control_plane.console import show
from control_plane.console.navigation import navigation
from control_plane.console.paths import ROOT
from control_plane.console.static_files import static_url

TEMPLATES = Path(__file__).with_name("templates")
THEMES = ("light", "dark")


def render(
    request: Request, template: str, *, status_code: int = 200, headers: Mapping[str, str] | None = None, **values: Any
) -> HTMLResponse:
    """The page or fragment. Templates know `viewer` (the Principal, None if nobody is signed in) and `csrf_token`."""
    viewer = getattr(request.state, "principal", None)
    session = getattr(request.state, "session", None) if viewer is not None else None
    theme = request.cookies.get("acp_theme")
    html = environment().get_template(template).render(
        request=request,
        viewer=viewer,
        csrf_token=None if session is None else session.csrf_token,
        session_name=None if session is None else session.public_name,
        position=getattr(request.state, "position", None),
        position_at=getattr(request.state, "position_at", 0),
        theme=theme if theme in THEMES else "auto",
        navigation=navigation(viewer),
        **values,
    )  # fmt: skip
    return HTMLResponse(html, status_code, headers=dict(headers or {}))


def changed(message: str, *, to: str | None = None) -> Response:
    """The answer to a change: the page shows the message, and then loads another page or reloads its own parts."""
    toast = {"acp:toast": {"text": message, "isKept": to is not None}}
    headers = {"HX-Trigger": show.header_json(toast if to else {**toast, "acp:refresh": {}})}
    return Response(status_code=204, headers={**headers, **({"HX-Redirect": to} if to else {})})


@cache
def environment() -> Environment:
    """The template environment. Values are escaped, and an undefined name is an error."""
    loader = ChoiceLoader([FileSystemLoader(TEMPLATES), PrefixLoader(_of_applications())])
    made = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        auto_reload=False,
    )  # fmt: skip
    made.globals.update(
        static=static_url,
        ROOT=ROOT,
        url_with=_url_with,
        diff_lines=show.diff_lines,
        diff_text_lines=show.diff_text_lines,
    )
    made.filters.update(
        shown=show.visible, shown_lines=show.visible_lines, pretty=show.pretty_json,
        utc=show.utc_text, iso=show.iso_text, short_id=show.short_id,
        thousands=show.thousands, words=show.words, seconds=show.seconds_text, every=show.every_text,
        one_line=show.one_line, span=show.span_text,
    )  # fmt: skip
    return made


def _of_applications() -> dict[str, FileSystemLoader]:
    return {application.name: FileSystemLoader(application.folder / "templates") for application in apps.APPLICATIONS}


@pass_context
def _url_with(context: Context, **changes: Any) -> str:
    """The URL of this page with other query parameters; None removes one. A new filter begins at the first page."""
    request: Request = context["request"]
    kept_parameters = [
        (name, value)
        for name, value in request.query_params.multi_items()
        if value and name not in changes and name != "after"
    ]
    query = urlencode([*kept_parameters, *((name, str(value)) for name, value in changes.items() if value is not None)])
    return f"{request.url.path}?{query}" if query else request.url.path
