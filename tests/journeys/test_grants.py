"""A reviewer allows some calls in advance; the worker records each use, and asks again once the grant is revoked."""

from typing import Any

from services.envelope import Status
from services.verify_audit_log import verify_audit_log
from tests.clusters import hush
from tests.control_plane.api.conftest import Api, a_proposal
from tests.worker.world import World

GRANT = {
    "tools": "SLACK__chat.post", "arguments": [{"argument": "amount", "below": 100}], "expires_in": 3600,
    "reason": "spring sale",
}  # fmt: skip


async def test_a_granted_call_runs_at_once_and_after_the_revocation_a_person_is_asked(
    api: Api, database_url: str
) -> None:
    world = World(api.access.operator, database_url)
    owner, reviewer, agent = api.as_user("owner"), api.as_user("reviewer", sub="rosa"), await api.as_agent()
    etag = (await owner.get("/v1/guardrails")).headers["etag"]
    rules = {"trust_threshold": 0.8, "approval_rules": {"require": [{"tools": "SLACK__*"}]}}
    await owner.patch("/v1/guardrails", json=rules, headers={"If-Match": etag})
    grant = (await reviewer.post("/v1/grants", json=GRANT)).json()

    async def propose(amount: float) -> Any:
        body = a_proposal(arguments={"text": "refund", "amount": amount})
        envelope = (await agent.post("/v1/envelopes", json=body)).json()["envelope"]["id"]
        world.tenant_of[envelope] = api.tenant
        return envelope

    async with world.working():
        small, large = await propose(99), await propose(100)
        done = await agent.get(f"/v1/envelopes/{small}", params={"wait": 60})
        await world.become(Status.AWAITING_APPROVAL, large)
        stored = {verdict["guardrail"]: verdict["reason"] for verdict in done.json()["verdicts"]}
        again = await propose(98)
        await world.become(Status.SUCCESS, again)
        revoked = await reviewer.delete(f"/v1/grants/{grant['id']}", params={"reason": "sale is over"})
        late = await propose(97)
        await world.become(Status.AWAITING_APPROVAL, late)

    assert done.json()["status"] == "success"
    assert f"grant {grant['id']}, issued by rosa, replaces it" in stored["trust"]
    assert [call.arguments["amount"] for call in world.stage.calls] == [99, 98]
    assert revoked.json()["use_count"] == 2
    assert [event for event in world.events_of(small) if event != "envelope.held"] == [
        "envelope.proposed", "envelope.granted", "envelope.success",
    ]  # fmt: skip
    [findings] = await verify_audit_log(api.access.operator, api.tenant, {}, say=hush)
    assert findings.problems == ()


async def test_an_explanation_names_the_grant_to_people_and_not_to_the_agent(api: Api) -> None:
    owner, agent = api.as_user("owner", sub="olga"), await api.as_agent()
    etag = (await owner.get("/v1/guardrails")).headers["etag"]
    await owner.patch("/v1/guardrails", json={"trust_threshold": 0.8}, headers={"If-Match": etag})
    grant = (await owner.post("/v1/grants", json=GRANT)).json()
    proposal = a_proposal(arguments={"text": "refund", "amount": 5})

    tried = await agent.post("/v1/envelopes/dry-run", json=proposal)
    proposed = await agent.post("/v1/envelopes", json=proposal)
    path = f"/v1/envelopes/{proposed.json()['envelope']['id']}/explanation"
    by_agent, by_member = await agent.get(path), await api.as_user("member").get(path)

    assert tried.json()["decision"] == "needs_approval"
    assert {v["guardrail"]: v["decision"] for v in proposed.json()["verdicts"]}["trust"] == "needs_approval"
    assert grant["id"] not in by_agent.text
    assert f"grant {grant['id']}, issued by olga, replaces it" in by_member.text
