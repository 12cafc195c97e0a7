"""Objectives over HTTP."""

from uuid import uuid4

from tests.control_plane.api.conftest import Api

NEW = {"title": "Answer within a day", "metric": "first_reply_hours", "target": "below 24"}


async def test_an_owner_adds_an_objective_and_changes_one_field(api: Api) -> None:
    owner = api.as_user()
    added = await owner.post("/v1/objectives", json=NEW)
    path = added.headers["location"]

    changed = await owner.patch(path, json={"target": "below 8"}, headers={"If-Match": added.headers["etag"]})

    assert added.status_code == 201
    assert changed.json() == {**added.json(), "target": "below 8"}
    read = await owner.get(path)
    assert (read.json(), read.headers["etag"]) == (changed.json(), changed.headers["etag"])
    assert (await owner.get("/v1/objectives")).json() == {"items": [changed.json()]}


async def test_a_change_needs_the_etag_of_what_was_read(api: Api) -> None:
    owner = api.as_user()
    added = await owner.post("/v1/objectives", json=NEW)
    path, old = added.headers["location"], {"If-Match": added.headers["etag"]}
    await owner.patch(path, json={"target": "below 8"}, headers=old)

    without = await owner.patch(path, json={"target": "below 2"})
    stale = await owner.patch(path, json={"target": "below 2"}, headers=old)

    assert (without.status_code, stale.status_code) == (428, 412)
    assert (await owner.get(path)).json()["target"] == "below 8"


async def test_a_malformed_objective_names_every_field(api: Api) -> None:
    refused = await api.as_user().post("/v1/objectives", json={"title": "", "targets": "x"})
    assert {error["field"] for error in refused.json()["errors"]} == {"title", "metric", "targets"}
    blank = await api.as_user().post("/v1/objectives", json={**NEW, "title": " "})
    assert (blank.status_code, blank.json()["errors"][0]["field"]) == (422, "title")


async def test_another_tenants_objective_is_not_found(api: Api) -> None:
    added = await api.as_user().post("/v1/objectives", json=NEW)
    stranger = api.as_user(tenant=api.other_tenant)
    path = added.headers["location"]

    answers = [
        await stranger.get(path),
        await stranger.patch(path, json={"title": "mine"}, headers={"If-Match": added.headers["etag"]}),
        await stranger.get(path, params={"tenant_id": str(api.tenant)}),
        await api.as_operator().get("/v1/objectives", params={"tenant_id": str(uuid4())}),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
