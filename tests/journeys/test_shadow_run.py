"""An owner tries other guardrails in a shadow run: nothing is enforced, and the run tells the differences."""

from services.envelope import Status
from tests.control_plane.api.conftest import Api, a_proposal
from tests.worker.world import World, eventually


async def test_a_candidate_judges_beside_the_guardrails_and_enforces_nothing(api: Api, database_url: str) -> None:
    world = World(api.access.operator, database_url)
    owner, member, agent = api.as_user("owner"), api.as_user("member"), await api.as_agent()
    etag = (await owner.get("/v1/guardrails")).headers["etag"]
    await owner.patch("/v1/guardrails", json={"trust_threshold": 0.5}, headers={"If-Match": etag})
    rule = {"tools": "SLACK__*", "arguments": [{"argument": "amount", "above": 100}]}
    body = {"candidate": {"trust_threshold": 0.9, "approval_rules": {"require": [rule]}}, "expires_in": 3600}
    run = (await owner.post("/v1/shadow-runs", json=body)).json()

    envelopes = []
    async with world.working():
        for score, amount in ((0.95, 5), (0.95, 500), (0.7, 5), (0.2, 5)):
            proposal = a_proposal(trust_context={"score": score}, arguments={"text": "refund", "amount": amount})
            envelope = (await agent.post("/v1/envelopes", json=proposal)).json()["envelope"]["id"]
            world.tenant_of[envelope] = api.tenant
            envelopes.append(envelope)
        await world.become(Status.SUCCESS, *envelopes[:3])
        await world.become(Status.AWAITING_APPROVAL, envelopes[3])

        async def all_judged() -> bool:
            [found] = (await member.get("/v1/shadow-runs")).json()["items"]
            return bool(found["envelopes"] == 4)

        await eventually(all_judged)

    [found] = (await member.get("/v1/shadow-runs")).json()["items"]
    assert found["summary"] == (
        "4 envelopes: would have asked 3, allowed 1, held 0 and denied 0; differs from the guardrails in use for 2"
    )
    differences = (await member.get(f"/v1/shadow-runs/{run['id']}/differences")).json()["items"]
    assert {each["envelope_id"] for each in differences} == set(envelopes[1:3])
    assert {(each["decision"], each["candidate_decision"]) for each in differences} == {("allow", "needs_approval")}
    assert len(world.stage.calls) == 3
    assert (await owner.delete(f"/v1/shadow-runs/{run['id']}")).status_code == 204


async def test_only_owners_start_and_stop_and_agents_and_strangers_see_nothing(api: Api) -> None:
    owner, reviewer, agent = api.as_user("owner"), api.as_user("reviewer"), await api.as_agent()
    stranger = api.as_user("owner", tenant=api.other_tenant)
    body = {"candidate": {"trust_threshold": 0.9}, "expires_in": 3600}
    refused = [await caller.post("/v1/shadow-runs", json=body) for caller in (reviewer, agent)]
    started = await owner.post("/v1/shadow-runs", json=body)
    again = await owner.post("/v1/shadow-runs", json=body)
    path = f"/v1/shadow-runs/{started.json()['id']}"
    hidden = [await agent.get("/v1/shadow-runs"), await agent.get(f"{path}/differences")]
    foreign = [await stranger.delete(path), await reviewer.delete(path)]
    invalid = await owner.post("/v1/shadow-runs", json={**body, "candidate": {"trust_threshold": 9}})
    by_operator = await api.as_operator().get("/v1/shadow-runs", params={"tenant_id": str(api.tenant)})

    assert [answer.status_code for answer in (*refused, started, again)] == [403, 403, 201, 409]
    assert [answer.status_code for answer in (*hidden, *foreign)] == [403, 403, 404, 403]
    assert (invalid.status_code, len(by_operator.json()["items"])) == (422, 1)
    assert (await stranger.get("/v1/shadow-runs")).json() == {"items": []}
