"""Tenants over HTTP."""

from datetime import datetime, timedelta
from uuid import uuid4

from services.clock import utc_now
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


async def test_only_an_owner_lets_a_pause_end_earlier(api: Api) -> None:
    owner, reviewer, path = api.as_user(), api.as_user("reviewer"), f"/v1/tenants/{api.tenant}/pause"
    later, earlier = utc_now() + timedelta(hours=2), utc_now() + timedelta(hours=1)

    paused = await reviewer.post(path, json={"ends_at": later.isoformat()})
    shortened = await reviewer.post(path, json={"ends_at": earlier.isoformat()})
    answers = [
        await owner.post(path, json={"ends_at": earlier.isoformat()}),
        await reviewer.post(path, json={"ends_at": later.isoformat()}),
        await reviewer.post(path),
    ]
    past = await owner.post(path, json={"ends_at": "2001-01-01T00:00:00Z"})

    assert (paused.status_code, shortened.status_code, past.status_code) == (200, 403, 422)
    ends = [datetime.fromisoformat(end) if (end := answer.json()["pause_ends_at"]) else None for answer in answers]
    assert ends == [earlier, later, None]


async def test_the_queue_counts_what_waits(api: Api) -> None:
    owner = api.as_user()
    await owner.post("/v1/envelopes", json=a_proposal())

    queue = (await owner.get(f"/v1/tenants/{api.tenant}/queue")).json()

    assert (queue["depth"], queue["in_flight"], queue["dlq"]) == ({"pending": 1}, 0, 0)
