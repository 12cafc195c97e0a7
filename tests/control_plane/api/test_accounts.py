"""Connected accounts over HTTP."""

from datetime import UTC, datetime, timedelta

from tests.control_plane.api.conftest import Api


async def test_an_owner_links_an_account_and_revokes_it(api: Api) -> None:
    owner = api.as_user()
    linked = await owner.post("/v1/accounts", json={"provider": "slack", "scopes": ["SLACK.CHAT:WRITE"]})
    path = linked.headers["location"]

    revoked = await owner.post(f"{path}/status", json={"status": "revoked"})

    assert (linked.status_code, linked.json()["status"]) == (201, "connected")
    assert revoked.json() == {**linked.json(), "status": "revoked"}
    assert (await owner.post(f"{path}/status", json={"status": "connected"})).status_code == 409
    listed = (await owner.get("/v1/accounts")).json()["items"]
    assert [(account["id"], account["status"]) for account in listed] == [(linked.json()["id"], "revoked")]


async def test_only_owners_change_an_account(api: Api) -> None:
    path = (await api.as_user().post("/v1/accounts", json={"provider": "slack"})).headers["location"]
    callers = [api.as_user("reviewer"), api.as_user("member"), await api.as_agent()]
    answers = [await caller.post(f"{path}/status", json={"status": "revoked"}) for caller in callers]
    assert [answer.status_code for answer in answers] == [403] * 3


async def test_an_operators_check_stores_the_health(api: Api) -> None:
    past = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    linked = await api.as_user().post("/v1/accounts", json={"provider": "slack", "expires_at": past})

    checked = await api.as_operator().post(f"{linked.headers['location']}/check", params={"tenant_id": str(api.tenant)})

    assert (checked.status_code, checked.json()["status"]) == (200, "expired")
    assert "connect it again" in checked.json()["problem"]


async def test_another_tenants_account_is_not_found(api: Api) -> None:
    path = (await api.as_user().post("/v1/accounts", json={"provider": "slack"})).headers["location"]
    stranger = api.as_user(tenant=api.other_tenant)

    answers = [await stranger.get(path), await stranger.post(f"{path}/status", json={"status": "revoked"})]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert (await stranger.get("/v1/accounts")).json() == {"items": []}
