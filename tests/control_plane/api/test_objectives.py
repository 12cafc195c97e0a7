"""Objectives over HTTP."""

from uuid import uuid4

import pytest

from tests.control_plane.api.conftest import Api, a_proposal

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


async def test_progress_shows_what_agents_did_for_each_objective(api: Api) -> None:
    owner, agent = api.as_user(), await api.as_agent()
    served = (await owner.post("/v1/objectives", json=NEW)).json()
    idle = (await owner.post("/v1/objectives", json={**NEW, "title": "Zero complaints"})).json()

    proposed = await agent.post("/v1/envelopes", json=a_proposal(objective_id=served["id"]))

    assert (proposed.status_code, proposed.json()["envelope"]["objective_id"]) == (201, served["id"])
    expected = [
        {
            "objective_id": served["id"], "title": NEW["title"], "metric": NEW["metric"], "counts": {"pending": 1},
            "last_activity_at": proposed.json()["envelope"]["updated_at"],
        },
        {
            "objective_id": idle["id"], "title": "Zero complaints", "metric": NEW["metric"], "counts": {},
            "last_activity_at": None,
        },
    ]  # fmt: skip
    operator = api.as_operator()
    for caller in (owner, api.as_user("reviewer"), api.as_user("member"), agent, operator):
        params = {"tenant_id": str(api.tenant)} if caller is operator else {}
        assert (await caller.get("/v1/objectives/progress", params=params)).json() == {"items": expected}
        one = await caller.get(f"/v1/objectives/{served['id']}/progress", params=params)
        assert one.json() == expected[0]
    stranger = api.as_user(tenant=api.other_tenant)
    assert (await stranger.get("/v1/objectives/progress")).json() == {"items": []}
    assert (await stranger.get(f"/v1/objectives/{served['id']}/progress")).status_code == 404


@pytest.mark.parametrize("path", ["/v1/envelopes", "/v1/envelopes/dry-run"])
async def test_a_proposal_names_no_objective_of_another_tenant(api: Api, path: str) -> None:
    theirs = (await api.as_user(tenant=api.other_tenant).post("/v1/objectives", json=NEW)).json()["id"]

    refused = await (await api.as_agent()).post(path, json=a_proposal(objective_id=theirs))

    assert (refused.status_code, refused.json()["detail"]) == (
        404,
        f"objective_id: no objective {theirs} in this tenant",
    )
