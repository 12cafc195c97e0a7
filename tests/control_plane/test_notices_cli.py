"""Notices, Slack users and inbound webhooks from the command line: added, listed, changed, deleted."""

import json
from uuid import uuid4

import pytest

from services.errors import ControlPlaneError, NotFound
from tests.control_plane.test_cli import ACME, Terminal, terminal

__all__ = ["terminal"]

KEY = "k" * 40
SERVERS = json.dumps({"notices": {"host": "smtp.acme.test", "from": "a@acme.test", "recipient_domains": ["acme.test"]}})
APPS = json.dumps({"acme": {"tenant_id": ACME, "bot_token": "xoxb-1", "signing_secret": "s"}})


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACP_WEBHOOK_KEY", KEY)
    monkeypatch.setenv("ACP_SMTP_SERVERS", SERVERS)
    monkeypatch.setenv("ACP_SLACK_APPS", APPS)


def test_notices_of_both_kinds_are_added_listed_tested_and_deleted(terminal: Terminal) -> None:
    terminal("notices", "email", "ann@acme.test,bob@acme.test", "approval.*", "--tenant", ACME)
    terminal("notices", "slack", "acme", "C1", "approval.requested", "--tenant", ACME)
    mail, slack = terminal.json("notices", "list", "--tenant", ACME)
    assert (mail["kind"], mail["target"], mail["event_types"]) == (
        "email",
        "ann@acme.test,bob@acme.test",
        ["approval.*"],
    )
    assert (slack["kind"], slack["via"], slack["target"]) == ("slack", "acme", "C1")
    assert "enqueued: envelope" in terminal("notices", "test", mail["id"], "--tenant", ACME)
    with pytest.raises(ControlPlaneError, match="got an e-mail in the last minute"):
        terminal("notices", "test", mail["id"], "--tenant", ACME)
    assert terminal("notices", "enable", slack["id"], "--tenant", ACME) == f"enabled {slack['id']}\n"
    with pytest.raises(NotFound):
        terminal("webhooks", "delete", slack["id"], "--tenant", ACME)
    for notice in (mail, slack):
        assert terminal("notices", "delete", notice["id"], "--tenant", ACME) == f"deleted {notice['id']}\n"
    assert terminal("notices", "list", "--tenant", ACME) == "no notices\n"


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["email", "ann", "approval.*"], "addresses: 'ann' is not an address"),
        (["email", "ann@evil.test", "approval.*"], "addresses: 'ann@evil.test' is in none of the domains"),
        (["email", "ann@acme.test", "approval"], "event_types: 'approval' is not one of"),
        (["slack", "zebra", "C1", "approval.*"], "app: is no Slack app of this tenant"),
        (["slack", "acme", "general", "approval.*"], "channel: must be the id of a Slack channel"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_field(terminal: Terminal, words: list[str], problem: str) -> None:
    with pytest.raises(ControlPlaneError) as refused:
        terminal("notices", *words, "--tenant", ACME)
    assert problem in str(refused.value)


def test_a_slack_user_is_named_and_removed(terminal: Terminal) -> None:
    assert terminal("slack-users", "set", "acme", "U1", "maria-sub", "--tenant", ACME) == "U1 is maria-sub\n"
    [user] = terminal.json("slack-users", "list", "--tenant", ACME)
    assert (user["app"], user["slack_user_id"], user["user_id"]) == ("acme", "U1", "maria-sub")
    with pytest.raises(ControlPlaneError, match="app: is no Slack app of this tenant"):
        terminal("slack-users", "set", "zebra", "U1", "maria-sub", "--tenant", ACME)
    assert terminal("slack-users", "remove", "acme", "U1", "--tenant", ACME) == "removed U1\n"
    with pytest.raises(NotFound):
        terminal("slack-users", "remove", "acme", "U1", "--tenant", ACME)
    assert terminal("slack-users", "list", "--tenant", ACME) == "no users\n"


def test_an_inbound_webhook_shows_its_secret_once_and_gets_a_new_one(terminal: Terminal) -> None:
    created = terminal.json("inbound-webhooks", "create", "tickets", "--tenant", ACME)
    webhook = created["webhook"]["id"]
    assert created["path"] == f"/signed/webhooks/{ACME}/{webhook}"
    assert created["secret"].startswith("whsec_")
    listed = terminal("inbound-webhooks", "list", "--tenant", ACME)
    assert ("tickets" in listed, created["path"] in listed, "whsec_" in listed) == (True, True, False)
    rotated = terminal("inbound-webhooks", "rotate-secret", webhook, "--tenant", ACME)
    assert (created["secret"] in rotated, "whsec_" in rotated) == (False, True)
    assert terminal("inbound-webhooks", "delete", webhook, "--tenant", ACME) == f"deleted {webhook}\n"
    with pytest.raises(NotFound):
        terminal("inbound-webhooks", "delete", str(uuid4()), "--tenant", ACME)
    assert terminal("inbound-webhooks", "list", "--tenant", ACME) == "no inbound webhooks\n"
