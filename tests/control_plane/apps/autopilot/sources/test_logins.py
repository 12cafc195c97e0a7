"""A login belongs to one connection of one tenant, and no message shows its secrets."""

import json
from typing import Any
from uuid import UUID

import pytest

from control_plane.apps.autopilot.connections import ConnectionType
from control_plane.apps.autopilot.sources import SourceCode, SourceError
from control_plane.apps.autopilot.sources.logins import read_logins, resolver
from control_plane.apps.autopilot.sources.registry import SOURCES, open_source, parse_settings
from services.errors import SettingsError
from services.tools.outgoing import AllowedHosts
from tests.control_plane.apps.autopilot.sources.conftest import CONNECTION, TENANT

DESK = {
    "tenant_id": str(TENANT), "connection_id": str(CONNECTION), "connection_type": "jira", "host": "acme.example",
    "user": "reader", "password": "correct-horse",
}  # fmt: skip
OTHER = UUID(int=9)


def test_logins_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACP_AUTOPILOT_LOGINS", json.dumps({"desk": DESK}))
    logins = read_logins()
    assert "correct-horse" not in repr(logins)
    resolve = resolver(logins)
    assert resolve(TENANT, CONNECTION, "jira") == logins["desk"]
    assert resolve(OTHER, CONNECTION, "jira") is None
    assert resolve(TENANT, OTHER, "jira") is None
    assert resolve(TENANT, CONNECTION, "servicenow") is None


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"host": None}, "ACP_AUTOPILOT_LOGINS.DESK: host is required"),
        ({"token": "correct-horse"}, "exactly one of"),
        ({"password": None}, "exactly one of"),
        ({"tenant_id": "x"}, "ACP_AUTOPILOT_LOGINS.DESK.TENANT_ID: must be a UUID"),
        ({"passwort": "correct-horse"}, "ACP_AUTOPILOT_LOGINS.DESK.PASSWORT"),
    ],
)
def test_an_invalid_login_is_named_without_its_secret(
    change: dict[str, Any], problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACP_AUTOPILOT_LOGINS", json.dumps({"desk": {**DESK, **change}}))
    with pytest.raises(SettingsError) as caught:
        read_logins()
    assert problem in str(caught.value)
    assert "correct-horse" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_logins_that_are_no_json_are_an_error_without_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACP_AUTOPILOT_LOGINS", "{correct-horse")
    with pytest.raises(SettingsError, match=r"^ACP_AUTOPILOT_LOGINS: is not valid JSON$"):
        read_logins()


async def test_a_connection_without_a_login_is_refused() -> None:
    opened = open_source(
        "jira", {"url": "https://acme.example"}, tenant_id=TENANT, connection_id=CONNECTION, resolve=resolver({}),
        allowed_hosts=AllowedHosts(),
    )  # fmt: skip
    with pytest.raises(SourceError) as caught:
        await opened.__aenter__()
    assert caught.value.code == SourceCode.AUTHENTICATION_FAILED


@pytest.mark.parametrize(
    ("kind", "settings", "problem"),
    [
        ("zendesk", {}, "connection_type: must be one of csv, jira, servicenow"),
        ("servicenow", {}, "settings.url: is required"),
        ("servicenow", {"url": "x", "table": "incident/../x"}, "settings.table"),
        ("servicenow", {"url": "x", "query": "a=1^NQb=2"}, "settings.query: must have no ^NQ"),
        ("servicenow", {"url": "x", "fields": ["a,b"]}, "settings.fields.0"),
        ("jira", {"url": "x", "jql": "a = 1 Order  By b"}, "settings.jql: must have no ORDER BY"),
        ("jira", {"url": "x", "page_size": 0}, "settings.page_size: must be at least 1"),
    ],
)
def test_invalid_settings_are_named(kind: str, settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse_settings(kind, settings)
    assert caught.value.code == SourceCode.SETTINGS_INVALID
    assert problem in caught.value.detail


def test_every_type_of_connection_has_a_connector() -> None:
    assert set(SOURCES) == {kind.value for kind in ConnectionType}
