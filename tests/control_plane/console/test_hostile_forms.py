"""Forms that no page sends: refused or ignored, and never an error of the server."""

from collections.abc import AsyncIterator

import pytest

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
PATHS = ["guardrails/edit", "guardrails/replay", "guardrails/dry-run", "guardrails/rollback", "grants/new"]


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


@pytest.mark.parametrize("path", PATHS)
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
