"""Connections, runs, failures and settings over HTTP."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from control_plane.apps.autopilot.store import connections, runs, settings
from tests.control_plane.api.conftest import Api, api
from tests.control_plane.apps.autopilot.api_server import ApiServer
from tests.control_plane.apps.autopilot.helpdesk import OLGA, Helpdesk
from tests.control_plane.apps.autopilot.made_up_tickets import made_up_tickets
from tests.control_plane.apps.autopilot.servicenow_server import ServiceNowServer
from tests.control_plane.apps.autopilot.sync import SETTINGS_VARIABLE, Syncs

__all__ = ["api"]
PATH = "/v1/autopilot/connections"


@pytest.fixture
async def syncs(api: Api, database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Syncs]:
    """The tenant of the API, and a ticket system with 120 tickets."""
    async with ServiceNowServer(made_up_tickets(120)) as server:
        desk = Helpdesk(api.access, database_url, api.tenant)
        desk.run("update autopilot.ingestion_runs set status = 'failed' where status in ('pending', 'running')")
        api.app.state.job_context = replace(api.app.state.job_context, allowed_hosts=(server.host,))
        yield Syncs(desk, server, monkeypatch)


async def add(api: Api, **fields: Any) -> dict[str, Any]:
    body = {"name": "Help desk", "connection_type": "servicenow", **fields}
    answer = await api.as_user().post(PATH, json=body)
    assert answer.status_code == 201, answer.text
    return {**answer.json(), "etag": answer.headers["etag"], "at": answer.headers["location"]}


async def test_an_owner_adds_changes_and_deletes_a_connection(api: Api) -> None:
    added = await add(api, options={"url": "https://acme.example"}, sync_every_minutes=15)
    owner, member = api.as_user(), api.as_user("member")
    assert (await member.get(added["at"])).json()["options"] == {"url": "https://acme.example"}
    for headers, status in (({}, 428), ({"If-Match": '"old"'}, 412), ({"If-Match": added["etag"]}, 200)):
        changed = await owner.patch(added["at"], json={"name": "Desk", "sync_every_minutes": 0}, headers=headers)
        assert changed.status_code == status
    assert (changed.json()["name"], changed.json()["sync_every_minutes"]) == ("Desk", None)
    assert [each["name"] for each in (await member.get(PATH)).json()["items"]] == ["Desk"]
    assert (await member.delete(added["at"])).status_code == 403
    assert (await owner.delete(added["at"])).status_code == 204
    assert (await owner.get(added["at"])).status_code == 404


async def test_a_change_between_the_check_and_the_write_is_not_overwritten(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = await add(api)
    functions = Helpdesk(api.access, "", api.tenant).functions
    read_connection, read_settings = connections.read_connection, settings.read_settings

    async def rename_after_read(*arguments: Any) -> Any:
        found = await read_connection(*arguments)
        await connections.change_connection(functions, api.tenant, found.id, name="Theirs", actor=OLGA)
        return found

    async def save_after_read(*arguments: Any) -> Any:
        found = await read_settings(*arguments)
        await settings.save_settings(functions, api.tenant, {"run_hours": found.run_hours + 1}, actor=OLGA)
        return found

    owner, path = api.as_user(), "/v1/autopilot/settings"
    read = {"If-Match": (await owner.get(path)).headers["etag"]}
    monkeypatch.setattr(connections, "read_connection", rename_after_read)
    monkeypatch.setattr(settings, "read_settings", save_after_read)
    ours = await owner.patch(added["at"], json={"name": "Ours"}, headers={"If-Match": added["etag"]})
    saved = await owner.patch(path, json={"needed_tickets": 7}, headers=read)
    monkeypatch.undo()
    assert (ours.status_code, saved.status_code) == (412, 412)
    assert (await owner.get(added["at"])).json()["name"] == "Theirs"
    assert (await owner.get(path)).json()["needed_tickets"] != 7


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"options": {"password": "x"}}, "options.password: looks like a secret"),
        ({"connection_type": "zendesk"}, "connection_type"),
        ({"sync_every_minutes": 0}, "sync_every_minutes"),
        ({"name": "a\0b"}, "name"),
    ],
)
async def test_a_wrong_connection_is_refused_by_its_field(api: Api, body: dict[str, Any], problem: str) -> None:
    answer = await api.as_user().post(PATH, json={"name": "Desk", "connection_type": "jira", **body})
    assert (answer.status_code, problem in answer.json()["detail"]) == (422, True)


async def test_another_tenant_finds_nothing(api: Api, syncs: Syncs) -> None:
    added = await add(api)
    run = await runs.start_sync(syncs.desk.functions, api.tenant, added["id"], actor=OLGA)
    theirs = api.as_user(tenant=api.other_tenant)
    for method, path in (
        ("GET", added["at"]), ("DELETE", added["at"]), ("POST", f"{added['at']}/sync"),
        ("POST", f"{added['at']}/verify"), ("GET", f"/v1/autopilot/runs/{run.id}"),
        ("POST", f"/v1/autopilot/runs/{run.id}/cancel"), ("GET", f"/v1/autopilot/failures/{uuid4()}"),
        ("POST", f"/v1/autopilot/failures/{uuid4()}/redrive"), ("POST", f"/v1/autopilot/failures/{uuid4()}/dismiss"),
    ):  # fmt: skip
        assert (await theirs.request(method, path)).status_code == 404, path
    assert (await theirs.get(PATH)).json()["items"] == []
    assert (await theirs.get("/v1/autopilot/runs")).json()["items"] == []


async def test_a_sync_is_started_once_followed_and_cancelled(api: Api, syncs: Syncs) -> None:
    added = await add(api, options={"url": syncs.server.url})
    reviewer = api.as_user("reviewer")
    started = await reviewer.post(f"{added['at']}/sync")
    run = started.json()
    assert (started.status_code, run["status"], started.headers["location"]) == (
        201, "pending", f"/v1/autopilot/runs/{run['id']}",
    )  # fmt: skip
    again = await reviewer.post(f"{added['at']}/sync")
    assert (again.status_code, run["id"] in again.json()["detail"]) == (409, True)
    assert (await api.as_user("member").post(f"{added['at']}/sync")).status_code == 403
    assert (await reviewer.get(added["at"])).json()["open_run_id"] == run["id"]
    assert (await reviewer.post(f"/v1/autopilot/runs/{run['id']}/cancel")).json()["status"] == "cancelled"
    assert (await reviewer.post(f"/v1/autopilot/runs/{run['id']}/cancel")).status_code == 409


async def test_runs_come_in_pages(api: Api, syncs: Syncs) -> None:
    added = await add(api)
    ids = []
    for _ in range(3):
        run = await runs.start_sync(syncs.desk.functions, api.tenant, added["id"], actor=OLGA)
        await runs.cancel_run(syncs.desk.functions, api.tenant, run.id, actor=OLGA)
        ids.append(str(run.id))
    query: dict[str, Any] = {"limit": 2, "connection_id": added["id"]}
    first = (await api.as_user("member").get("/v1/autopilot/runs", params=query)).json()
    last = (await api.as_user("member").get("/v1/autopilot/runs", params={**query, "after": first["next"]})).json()
    assert [each["id"] for page in (first, last) for each in page["items"]] == ids[::-1]
    assert last["next"] is None


async def test_a_login_is_verified_without_a_sync(api: Api, syncs: Syncs) -> None:
    added = await add(api, options={"url": syncs.server.url})
    path, reviewer = f"{added['at']}/verify", api.as_user("reviewer")
    assert (await api.as_user("member").post(path)).status_code == 403
    assert (await reviewer.post(path)).json()["code"] == "authentication_failed"  # there is no login
    syncs.sign_in(added["id"], user=ApiServer.USER, password="wrong")  # noqa: S106  # of the mock
    refused = (await reviewer.post(path)).json()
    assert (refused["is_valid"], refused["code"], "wrong" in refused["problem"]) == (
        False, "authentication_failed", False,
    )  # fmt: skip
    syncs.sign_in(added["id"], user=ApiServer.USER, password=ApiServer.PASSWORD)
    assert (await reviewer.post(path)).json() == {"is_valid": True, "code": None, "problem": None}


async def test_failures_are_listed_redriven_and_dismissed(api: Api, syncs: Syncs) -> None:
    assert isinstance(syncs.server, ServiceNowServer)
    for record in list(syncs.server.records.values())[:2]:
        syncs.server.put({**record, "sys_created_on": "yesterday"})
    added = await add(api, options={"url": syncs.server.url})
    syncs.sign_in(added["id"], user=ApiServer.USER, password=ApiServer.PASSWORD)
    run = await syncs.sync(added["id"])
    assert (run.records_processed, run.records_failed) == (120, 2)
    reviewer, path = api.as_user("reviewer"), "/v1/autopilot/failures"
    query: dict[str, Any] = {"run_id": str(run.id), "state": "open", "limit": 1}
    page = (await reviewer.get(path, params=query)).json()
    rest = (await reviewer.get(path, params={**query, "after": page["next"]})).json()
    [first], [second] = page["items"], rest["items"]
    assert {first["code"], second["code"], rest["next"]} == {"date_invalid", None}
    assert (await reviewer.post(f"{path}/{first['id']}/redrive")).json()["redrive_requested_at"] is not None
    assert (await reviewer.post(f"{path}/{second['id']}/dismiss")).json()["dismissed_at"] is not None
    assert (await reviewer.post(f"{path}/{second['id']}/redrive")).status_code == 409
    assert (await reviewer.get(path, params=query)).json()["items"] == []
    assert (await reviewer.get(f"{path}/{first['id']}")).json()["source"] == added["id"]


async def test_settings_and_words_are_changed_by_owners(api: Api) -> None:
    owner, member, path = api.as_user(), api.as_user("member"), "/v1/autopilot/settings"
    read = {"If-Match": (await member.get(path)).headers["etag"]}
    assert (await member.patch(path, json={"run_hours": 2}, headers=read)).status_code == 403
    for headers, status in (({}, 428), ({"If-Match": '"old"'}, 412), (read, 200), (read, 412)):
        answer = await owner.patch(path, json={"run_hours": 2, "cost_per_hour": "45.50"}, headers=headers)
        assert answer.status_code == status
    again = {"If-Match": (await member.get(path)).headers["etag"]}
    changed = (await owner.patch(path, json={"minutes_per_ticket": 20}, headers=again)).json()
    assert (changed["run_hours"], changed["cost_per_hour"]) == (2, "45.5")
    assert (await member.get(path)).json() == changed
    word = {"connection_type": "jira", "field": "status", "word": "In Review", "value": "pending"}
    assert (await owner.post(f"{path}/words", json=word)).status_code == 204
    assert (await owner.post(f"{path}/words", json={**word, "value": "asleep"})).status_code == 422
    shown = (await member.get(f"{path}/words")).json()["items"]
    assert shown == [{**word, "word": "in review"}]


async def test_wrong_logins_in_the_settings_are_told_to_operators_only(
    api: Api, syncs: Syncs, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = await add(api, options={"url": syncs.server.url})
    monkeypatch.setenv(SETTINGS_VARIABLE, json.dumps({"desk": {"password": "hush-hush"}}))
    answer = await api.as_user().post(f"{added['at']}/verify")
    assert (answer.status_code, "hush" in answer.text) == (500, False)
