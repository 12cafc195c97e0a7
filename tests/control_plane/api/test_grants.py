"""Grants over HTTP: who may issue, see and revoke them, and what is refused."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.outbox import Disposition, GrantedCall
from tests.contract.builders import WORKER, close, put_one, take_one
from tests.control_plane.api.conftest import Api

DAY = 86_400
BODY: dict[str, Any] = {
    "tools": "SLACK__chat.post", "arguments": [{"argument": "amount", "below": 100}], "expires_in": DAY,
}  # fmt: skip


async def test_owners_reviewers_and_operators_issue_and_revoke_and_members_see(api: Api) -> None:
    operator = api.as_operator(sub="maria")
    issued = [
        await api.as_user("owner", sub="olga").post("/v1/grants", json=BODY),
        await api.as_user("reviewer", sub="rita").post("/v1/grants", json=BODY),
        await operator.post("/v1/grants", json=BODY, params={"tenant_id": str(api.tenant)}),
    ]
    assert [answer.status_code for answer in issued] == [201] * 3
    assert [answer.json()["issued_by"] for answer in issued] == ["olga", "rita", "maria"]
    assert issued[0].json()["arguments"] == BODY["arguments"]

    member = api.as_user("member")
    listed = (await member.get("/v1/grants")).json()["items"]
    assert {grant["id"] for grant in listed} == {answer.json()["id"] for answer in issued}
    first = f"/v1/grants/{issued[0].json()['id']}"
    refused, revoked = await member.delete(first), await api.as_user("reviewer", sub="rita").delete(first)
    again = await api.as_user("owner", sub="olga").delete(first)
    assert (refused.status_code, revoked.status_code, again.status_code) == (403, 200, 200)
    assert (revoked.json()["revoked_by"], again.json()["revoked_by"]) == ("rita", "rita")
    assert (await member.get(first)).json() == again.json()
    assert len((await member.get("/v1/grants")).json()["items"]) == 2
    assert len((await member.get("/v1/grants", params={"ended": True})).json()["items"]) == 3


async def test_an_agent_cannot_make_see_or_end_a_grant(api: Api) -> None:
    agent, member = await api.as_agent(), api.as_user("member")
    grant = (await api.as_user("owner").post("/v1/grants", json=BODY)).json()
    answers = [
        await agent.post("/v1/grants", json=BODY), await member.post("/v1/grants", json=BODY),
        await agent.get("/v1/grants"), await agent.get(f"/v1/grants/{grant['id']}"),
        await agent.delete(f"/v1/grants/{grant['id']}"),
    ]  # fmt: skip
    assert [answer.status_code for answer in answers] == [403] * 5
    assert "grant" not in (await agent.get("/v1/guardrails")).text
    terms = [row for row in (await agent.get("/v1/audit")).json()["items"] if row["category"] == "grant.issued"]
    assert "amount" not in str(terms)


async def test_a_stranger_finds_no_grant_of_another_tenant(api: Api) -> None:
    grant = (await api.as_user("owner").post("/v1/grants", json=BODY)).json()
    stranger = api.as_user("owner", tenant=api.other_tenant)
    assert (await stranger.get("/v1/grants")).json() == {"items": []}
    for path in (f"/v1/grants/{grant['id']}", f"/v1/grants/{uuid4()}"):
        assert [(await stranger.get(path)).status_code, (await stranger.delete(path)).status_code] == [404] * 2
    named = await stranger.post("/v1/grants", json=BODY, params={"tenant_id": str(api.tenant)})
    assert named.status_code == 404
    assert [item["id"] for item in (await api.as_user().get("/v1/grants")).json()["items"]] == [grant["id"]]


@pytest.mark.parametrize(("wrong", "status", "problem"), [
    ({"expires_in": 7 * DAY + 1}, 400, "expires_in: must be more than 0 and at most 7 days"),
    ({"expires_in": 0}, 422, "expires_in"), ({"expires_in": 10**30}, 422, "expires_in"),
    ({"tools": "SLACK__chat.pots"}, 404, "tools: no tool"), ({"tools": "*"}, 422, "tools: is not a tool"),
    ({"account_id": str(uuid4())}, 404, "account_id: no account"),
    ({"arguments": [{"argument": "amount", "under": 1}]}, 422, "arguments[0].under: is not known"),
    ({"arguments": [{"argument": "a", "equals": {"b": 1}}]}, 422, "arguments[0].equals"),
    ({"surprise": 1}, 422, "surprise"),
])  # fmt: skip
async def test_a_grant_that_cannot_be_is_refused_with_the_field_and_the_remedy(
    api: Api, wrong: dict[str, Any], status: int, problem: str
) -> None:
    owner = api.as_user("owner")
    refused = await owner.post("/v1/grants", json={**BODY, **wrong})
    assert (refused.status_code, problem in refused.json()["detail"]) == (status, True), refused.text
    assert (await owner.get("/v1/grants")).json() == {"items": []}


async def test_the_uses_of_a_grant_are_paged_and_agents_and_strangers_see_none(api: Api) -> None:
    owner, other = api.as_user("owner"), api.as_user("owner", tenant=api.other_tenant)
    grant = (await owner.post("/v1/grants", json=BODY)).json()["id"]
    outbox = api.access.operator.outbox
    used: list[tuple[str, str, str]] = []
    for number in range(3):
        await put_one(outbox, api.tenant, external_id=f"call-{number}")
        claimed = await take_one(outbox)
        call = GrantedCall(claimed=claimed, grant_id=UUID(grant), digest="d1")
        assert (await outbox.use_grants(WORKER, [call])).may_go == {claimed.envelope.key}
        used.insert(0, (str(claimed.envelope.id), "SLACK__chat.post", f"call-{number}"))
        await close(outbox, claimed, Disposition.SUCCESS)

    path = f"/v1/grants/{grant}/uses"
    first = (await owner.get(path, params={"limit": 2})).json()
    second = (await api.as_user("member").get(path, params={"limit": 2, "after": first["next"]})).json()
    listed = [(use["envelope_id"], use["tool_slug"], use["external_id"]) for use in first["items"] + second["items"]]
    assert (listed, second["next"]) == (used, None)
    assert (await other.get(path)).json() == {"items": [], "next": None}
    assert (await other.get(path, params={"after": first["next"]})).status_code == 400
    assert (await (await api.as_agent()).get(path)).status_code == 403


async def test_seven_days_are_allowed(api: Api) -> None:
    assert (await api.as_user("owner").post("/v1/grants", json={**BODY, "expires_in": 7 * DAY})).status_code == 201
