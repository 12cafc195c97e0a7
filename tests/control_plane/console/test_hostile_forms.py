"""Forms that no page sends: refused or ignored, and never an error of the server."""

from collections.abc import AsyncIterator

import pytest
from fastapi.routing import APIRoute

from control_plane.apps import offered
from control_plane.console.pages import PAGES
from control_plane.console.session import Session
from services.backends import Access
from services.backends.open import memory_backends
from tests.control_plane.console.conftest import Console, console_over

NAMES = [
    "do", "replaces", "json", "hours", "envelopes", "days", "settings", "arguments", "tools", "account_id", "reason",
    "tool_slug", "risk", "score", "connected_account_id", "settings.rate_limits", "settings.quiet_hours.variant",
    "settings.approval_rules.require", "version",
]  # fmt: skip
TEXTS = ["-1", "nan", "\x00", "save:x", "[]", "9" * 5000]
FILTERS = {
    f"{route.path}": [parameter.alias for parameter in route.dependant.query_params]
    for page in [*PAGES, *offered("pages", "PAGES")]
    for route in page.router.routes
    if isinstance(route, APIRoute) and "GET" in (route.methods or ()) and "{" not in route.path
}
"""The query parameters of each page that is not about one thing."""
FORMS = ["guardrails/edit", "guardrails/replay", "guardrails/dry-run", "guardrails/rollback", "grants/new"]


@pytest.fixture
async def console() -> AsyncIterator[Console]:
    async with memory_backends() as backends:
        access = Access(operator=backends, as_tenant=lambda *_caller: backends)
        async with console_over(access) as opened:
            yield opened


def forms() -> list[dict[str, str]]:
    """Each field with each text; and where a text belongs, a list or something inside."""
    named = [{name: text} for name in NAMES for text in TEXTS]
    named += [{f"{name}{suffix}": "x"} for name in NAMES for suffix in ("[]", ".0")]
    forms = [{"do": "shadow" if "hours" in form or "envelopes" in form else "save", **form} for form in named]
    forms += [{"do": "add:arguments", f"arguments.{key}": "x"} for key in ("9" * 5000, "²", "-1")]
    return [*forms, *({"do": f"save:{number}"} for number in ("9" * 5000, "9" * 15, "²"))]


@pytest.mark.parametrize("path", FORMS)
async def test_no_form_is_an_error_of_the_server(console: Console, path: str) -> None:
    session = Session(console.token("owner"), "secret")
    headers = {
        "Cookie": f"acp_session={session.token}~{session.secret}", "X-CSRF-Token": session.csrf_token,
        "HX-Request": "true", "Origin": "http://api",
    }  # fmt: skip
    answers = [
        (form, (await console.api.http.post(f"/console/{path}", data=form, headers=headers)).status_code)
        for form in forms()
    ]
    assert [(form, status) for form, status in answers if status >= 500 or status in {401, 403}] == []


async def test_no_filter_is_an_error_of_the_server(postgres_console: Console) -> None:
    console = postgres_console
    session = Session(console.token("owner"), "secret")
    headers = {"Cookie": f"acp_session={session.token}~{session.secret}", "Accept": "text/html"}
    found = {}
    for path, names in FILTERS.items():
        for name in names:
            for text in ("", "\x00", "9" * 500):
                answer = await console.api.http.get(f"/console{path}", params={name: text}, headers=headers)
                if answer.status_code >= 500 or answer.status_code == 401:
                    found[path, name, text[:9]] = answer.status_code
    assert found == {}


async def test_an_empty_filter_is_no_condition(console: Console) -> None:
    session = Session(console.token("owner"), "secret")
    headers = {"Cookie": f"acp_session={session.token}~{session.secret}", "Accept": "text/html"}
    for path in ("approvals?agent=&tool_slug=&risk=", "audit?actor=&to_seq=&envelope_id=", "envelopes?words=&since="):
        answer = await console.api.http.get(f"/console/{path}", headers=headers)
        assert (path, answer.status_code) == (path, 200)


async def test_what_the_installation_lacks_is_one_line_with_a_remedy(console: Console) -> None:
    session = Session(console.token("owner"), "secret")
    headers = {
        "Cookie": f"acp_session={session.token}~{session.secret}", "X-CSRF-Token": session.csrf_token,
        "HX-Request": "true", "Origin": "http://api",
    }  # fmt: skip
    answer = await console.api.http.post("/console/subscriptions/email", data={"addresses": "a@b.c"}, headers=headers)
    assert (answer.status_code, answer.json()["detail"]) == (
        503,
        "notices: this installation sends no e-mail; ask its operator to add 'notices' to ACP_SMTP_SERVERS",
    )
    answer = await console.api.http.get(f"/console/tenants?name={'x' * 256}", headers={**headers, "X-Live": "1"})
    assert answer.json()["detail"] == "name: must have at most 255 characters"
