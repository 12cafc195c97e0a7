"""Tenants over HTTP."""

from uuid import uuid4

from tests.control_plane.api.conftest import Api, a_proposal


async def test_an_operator_adds_a_tenant_and_lists_all(api: Api) -> None:
    maria = api.as_operator()

    added = await maria.post("/v1/tenants", json={"name": "Cobalt", "lanes": 3})

    assert (added.status_code, added.json()["plan"], added.json()["lanes"]) == (201, "standard", 3)
    assert (await maria.get(added.headers["location"])).json() == added.json()
    listed = [tenant["id"] for tenant in (await maria.get("/v1/tenants")).json()["items"]]
    assert set(listed) == {added.json()["id"], str(api.tenant), str(api.other_tenant)}


async def test_a_user_sees_their_own_tenant_alone(api: Api) -> None:
    owner = api.as_user()

    listed = await owner.get("/v1/tenants")
    foreign = [
        await owner.get(f"/v1/tenants/{api.other_tenant}"),
        await owner.get(f"/v1/tenants/{api.other_tenant}/queue"),
        await owner.post(f"/v1/tenants/{api.other_tenant}/pause"),
        await owner.post(f"/v1/tenants/{api.other_tenant}/resume"),
        await owner.get(f"/v1/tenants/{uuid4()}"),
    ]

    assert [tenant["id"] for tenant in listed.json()["items"]] == [str(api.tenant)]
    assert [answer.status_code for answer in foreign] == [404] * 5


async def test_a_pause_keeps_its_reason_and_ends_with_resume(api: Api) -> None:
    owner = api.as_user()
    path = f"/v1/tenants/{api.tenant}"

    paused = await owner.post(f"{path}/pause", json={"reason": "odd orders"})
    resumed = await owner.post(f"{path}/resume")

    assert (paused.json()["paused_reason"], paused.json()["paused_at"] is None) == ("odd orders", False)
    assert resumed.json()["paused_at"] is None


async def test_the_queue_counts_what_waits(api: Api) -> None:
    owner = api.as_user()
    await owner.post("/v1/envelopes", json=a_proposal())

    queue = (await owner.get(f"/v1/tenants/{api.tenant}/queue")).json()

    assert (queue["depth"], queue["in_flight"], queue["dlq"]) == ({"pending": 1}, 0, 0)
