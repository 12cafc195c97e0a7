"""No outcome contains a secret of this installation, in whatever form the tool answered it."""

import json
import os
from base64 import b64encode, urlsafe_b64encode
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import SecretStr

from control_plane.secret_values import secret_values
from control_plane.settings import Settings, read_settings
from services.tools import Conflict, Failed, Outcome, Success, ToolCall, Unknown
from services.tools.amqp import AmqpBroker
from services.tools.dispatch import Tools
from services.tools.known_secrets import KnownSecrets
from services.tools.mcp import McpServer
from services.tools.redact import REDACTED
from services.untrusted import excerpt
from tests.tools.builders import a_call, a_tool

SECRETS = st.text(min_size=8, max_size=40)
TEXTS = st.text(max_size=30)
WRITTEN = [
    lambda secret: secret,
    lambda secret: json.dumps({"TOKEN": secret}),
    lambda secret: json.dumps({"TOKEN": secret}, ensure_ascii=False),
    lambda secret: json.dumps([json.dumps({"TOKEN": secret}, ensure_ascii=False)], ensure_ascii=False),
    lambda secret: f"https://x.example/?token={quote(secret, safe='')}",
    lambda secret: f"https://x.example/{quote(secret)}",
    lambda secret: "https://x.example/?token=" + quote(secret, safe="!'()*"),
    lambda secret: f"token={quote_plus(secret)}",
    lambda secret: b64encode(secret.encode()).decode(),
    lambda secret: "Basic " + b64encode(f"me:{secret}".encode()).decode(),
    lambda secret: urlsafe_b64encode(f"?{secret}, and more".encode()).decode().rstrip("="),
]
HOW = [
    "as it is", "json", "utf-8 json", "json in json", "address", "path", "javascript", "form", "base64", "login",
    "base64 in addresses",
]  # fmt: skip


@pytest.mark.parametrize("write", WRITTEN, ids=HOW)
@given(secret=SECRETS, before=TEXTS, after=TEXTS)
def test_a_secret_is_found_at_any_position(write: Any, secret: str, before: str, after: str) -> None:
    assume(secret not in REDACTED and not any("\ud800" <= letter <= "\udfff" for letter in secret))
    known = KnownSecrets([secret])
    text = before + write(secret) + after
    for document in (text, {"deep": [{"text": text}]}, {text: 1}):
        hidden = known.hide(document)
        assert write(secret) not in json.dumps(hidden, ensure_ascii=False).replace(REDACTED, "")
        assert REDACTED in json.dumps(hidden)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), st.lists))
def test_a_text_without_a_secret_is_unchanged(document: Any) -> None:
    assert KnownSecrets(["s3cret-token"]).hide(document) == document
    assert KnownSecrets(["short"]).hide("a short text") == "a short text"


@pytest.mark.parametrize("cut_at", range(1, 40))
def test_a_cut_line_does_not_end_with_the_beginning_of_a_secret(cut_at: int) -> None:
    line = ("the tool said: no such user s3cret-token-of-ours, sorry"[: 28 + cut_at]) + "…"
    hidden = KnownSecrets(["s3cret-token-of-ours"]).hide_in_line(line)
    assert "s3cret" not in hidden
    assert hidden.endswith("…")


class Answers:
    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome

    async def execute(self, _: ToolCall) -> Outcome:
        return self.outcome


@pytest.mark.parametrize(
    "outcome",
    [
        Success(result=[{"type": "text", "text": '{"TOKEN": "s3cret-token"}'}]),
        Success(result={"s3cret-token": 1}),
        Failed(error="the tool said: s3cret-token is wrong", retryable=True),
        Conflict(error="s3cret-token"),
        Unknown(error="s3cret-token"),
    ],
)
async def test_no_outcome_holds_a_known_secret(outcome: Outcome) -> None:
    async with Tools(known_secrets=["s3cret-token"], concurrency=1) as tools:
        tools._providers["http"] = Answers(outcome)  # noqa: SLF001  # any provider will do
        redacted_outcome = await tools.execute(a_call(a_tool()))
    assert type(redacted_outcome) is type(outcome)
    assert "s3cret" not in str(redacted_outcome)
    assert REDACTED in str(redacted_outcome)


async def test_a_result_that_redaction_makes_longer_stays_under_the_limit() -> None:
    full = {"tokens": ["s3cret-t"] * 5900}
    async with Tools(known_secrets=["s3cret-t"], concurrency=1) as tools:
        tools._providers["http"] = Answers(Success(result=full))  # noqa: SLF001  # as above
        redacted_outcome = await tools.execute(a_call(a_tool()))
    assert isinstance(redacted_outcome, Success)
    assert redacted_outcome.result["truncated"] is True


def test_every_secret_of_the_settings_and_the_environment_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://app:hush%21hush@db.example/app")
    monkeypatch.setenv("ACP_COMPOSIO_API_KEY", "ak_of_a_project")
    settings = read_settings(
        mcp_servers={
            "files": McpServer(command="files", env={"GITHUB_TOKEN": SecretStr("ghp_of_the_server")}),
            "remote": McpServer(
                url="https://mcp.example", headers={"Authorization": SecretStr("Bearer of-the-header")}
            ),
        },
        webhook_secrets={"crm": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
        amqp_brokers={"events": AmqpBroker(url=SecretStr("amqp://acp:of-the-broker@broker.example"))},
    )
    environment = {
        "PATH": "/usr/local/bin", "HOME": "/home/acp", "PWD": "/srv/control-plane", "LANG": "en_US.UTF-8",
        "NPM_TOKEN": "npm_of_the_host", "CACHE": "redis://:of-the-cache@cache.example", "GH_PAT": "pat_of_the_host",
    }  # fmt: skip
    known = secret_values(settings, environment)
    assert known >= {
        "hush!hush", "ak_of_a_project", "ghp_of_the_server", "of-the-header", "Bearer of-the-header",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "of-the-broker", "npm_of_the_host", "of-the-cache", "pat_of_the_host",
    }  # fmt: skip
    assert not known & {*environment.values()} - {"npm_of_the_host", "pat_of_the_host"}


def test_every_secret_setting_is_known() -> None:
    """Including settings that are added later."""
    secret = [name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)]
    values: dict[str, Any] = {name: {"x": SecretStr(f"value-of-{name}")} for name in secret}
    settings = Settings.model_construct(**values)
    assert secret_values(settings, {}) >= {f"value-of-{name}" for name in secret}
    assert "composio_api_key" in secret


def test_a_variable_that_is_not_utf_8_is_known_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_TOKEN", "s3cret\udcff-token")  # as Python reads a byte that is not UTF-8
    known = KnownSecrets(secret_values(Settings.model_construct(), os.environ))
    assert known.hide(["token=s3cret\udcff-token"]) == [f"token={REDACTED}"]


def test_an_excerpt_of_an_error_hides_it_too() -> None:
    line = excerpt("x" * 190 + "s3cret-token", [])
    assert "s3cr" not in KnownSecrets(["s3cret-token"]).hide_in_line(line)
