"""The audit log over HTTP."""

import json
from itertools import pairwise
from uuid import uuid4

from tests.control_plane.api.conftest import Api, a_proposal


async def some_rows(api: Api, count: int = 5) -> None:
    for _ in range(count):
        await api.as_user().post("/v1/envelopes", json=a_proposal())


async def test_pages_go_back_to_the_first_row(api: Api) -> None:
    await some_rows(api)
    owner, seqs, before = api.as_user(), [], None
    while True:
        page = (await owner.get("/v1/audit", params={"limit": 2, **({"before": before} if before else {})})).json()
        seqs += [row["seq"] for row in page["items"]]
        await some_rows(api, 1)
        if (before := page["next"]) is None:
            break

    assert seqs == list(range(seqs[0], 0, -1))


async def test_an_export_has_every_row_and_its_lines_verify(api: Api) -> None:
    await some_rows(api)

    exported = await api.as_user("member").get("/v1/audit/export", params={"after": 1})

    assert exported.headers["content-type"] == "application/x-ndjson"
    rows = [json.loads(line) for line in exported.text.splitlines()]
    assert [row["seq"] for row in rows] == list(range(2, len(rows) + 2))
    assert all(row["previous_hash"] == before["hash"] for before, row in pairwise(rows))


async def test_a_tenant_verifies_its_own_chain_against_an_anchor(api: Api) -> None:
    await some_rows(api)
    owner = api.as_user()
    [anchor] = (await owner.get("/v1/audit/anchors")).json()["items"]
    await some_rows(api)

    intact = (await owner.post("/v1/audit/verify", json={"anchors": [anchor]})).json()
    other = (await owner.post("/v1/audit/verify", json={"anchors": [{**anchor, "hash": "0" * 64}]})).json()

    assert (intact["intact"], intact["tenants"][0]["anchored"]) == (True, anchor["seq"])
    assert (other["intact"], other["tenants"][0]["problems"][0]["kind"]) == (False, "anchor")


async def test_an_operator_verifies_all_tenants(api: Api) -> None:
    await some_rows(api)
    verified = (await api.as_operator().post("/v1/audit/verify")).json()
    assert verified["intact"]
    assert {tenant["tenant_id"] for tenant in verified["tenants"]} == {str(api.tenant), str(api.other_tenant)}


async def test_another_tenants_rows_are_not_found(api: Api) -> None:
    await some_rows(api)
    stranger, params = api.as_user(tenant=api.other_tenant), {"tenant_id": str(api.tenant)}

    answers = [
        await stranger.get("/v1/audit", params=params),
        await stranger.get("/v1/audit/export", params=params),
        await stranger.get("/v1/audit/anchors", params=params),
        await stranger.post("/v1/audit/verify", params=params),
        await api.as_operator().get("/v1/audit/export", params={"tenant_id": str(uuid4())}),
    ]

    assert [answer.status_code for answer in answers] == [404] * 5
    assert {row["tenant_id"] for row in (await stranger.get("/v1/audit")).json()["items"]} == {str(api.other_tenant)}
    assert [tenant["tenant_id"] for tenant in (await stranger.post("/v1/audit/verify")).json()["tenants"]] == [
        str(api.other_tenant)
    ]


async def test_rows_are_found_by_category_actor_time_and_envelope(api: Api) -> None:
    owner = api.as_user(sub="olga")
    first = (await owner.post("/v1/envelopes", json=a_proposal())).json()["envelope"]
    await owner.post("/v1/envelopes", json=a_proposal())
    await owner.post(f"/v1/envelopes/{first['id']}/cancel")

    async def found(path: str = "/v1/audit", **params: str | int) -> list[str]:
        answer = (await owner.get(path, params={"limit": 10, **params})).json()
        assert answer["next"] is None
        return [row["category"] for row in answer["items"]]

    assert await found(category="envelope.") == ["envelope.cancelled", "envelope.proposed", "envelope.proposed"]
    assert await found(category="envelope.cancelled", actor="user:olga") == ["envelope.cancelled"]
    assert await found(actor="rita") == []
    assert await found(until="2020-01-01T00:00:00Z") == []
    assert await found(f"/v1/audit/envelopes/{first['id']}") == ["envelope.proposed", "envelope.cancelled"]
    stranger = api.as_user(tenant=api.other_tenant)
    assert (await stranger.get(f"/v1/audit/envelopes/{first['id']}")).json()["items"] == []
