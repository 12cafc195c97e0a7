"""A page of the console that is only for tests: a live region with everything that an update could disturb."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
from fastapi import APIRouter, Request
from jinja2 import ChoiceLoader, DictLoader
from starlette.responses import Response

from control_plane.console import app
from control_plane.console.pages import PAGES
from control_plane.console.render import environment, render
from control_plane.console.session import Viewer
from services.errors import NotReady

TEMPLATE = """
{% extends "base.html" %}
{% block main %}
<section id="probe" data-live="envelope.">
  <output id="renders">{{ renders }}</output>
  {% for row in rows %}<p id="row-{{ row }}"><a href="#row-{{ row }}">{{ row }}</a></p>{% endfor %}
  <input name="note" value="" aria-label="Note">
  <textarea name="reason" aria-label="Reason"></textarea>
  <select name="code" aria-label="Code"><option value="a">A</option><option value="b">B</option></select>
  <input type="checkbox" id="chosen" aria-label="Chosen">
  <details id="more"><summary>More</summary>text {{ renders }}</details>
</section>
<section id="other" data-live="guardrail."><output id="other-renders">{{ renders }}</output></section>
{% endblock %}
"""


@dataclass
class Probe:
    """What the page shows."""

    rows: list[str] = field(default_factory=lambda: ["one", "two", "three"])
    renders: int = 0
    live_reads: int = 0
    is_away: bool = False
    """The database is."""


@contextmanager
def probe_page(monkeypatch: pytest.MonkeyPatch) -> Iterator[Probe]:
    """Consoles that are mounted inside of this block have the page `/console/probe`."""
    probe = Probe()
    router = APIRouter(prefix="/probe")

    @router.get("")
    async def show(request: Request, viewer: Viewer) -> Response:  # noqa: ARG001  # signed in
        if probe.is_away:
            raise NotReady("the database does not answer")
        probe.renders += 1
        probe.live_reads += "x-live" in request.headers
        return render(request, "probe.html", renders=probe.renders, rows=probe.rows)

    made = environment()
    before = made.loader
    assert before is not None
    made.loader = ChoiceLoader([before, DictLoader({"probe.html": TEMPLATE})])
    monkeypatch.setattr(app, "PAGES", (*PAGES, SimpleNamespace(router=router)))
    yield probe
    made.loader = before
