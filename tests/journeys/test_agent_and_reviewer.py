"""An agent proposes over HTTP, a reviewer decides, a worker executes once, and the audit log has each step."""

from services.envelope import Status
from services.verify_audit_log import verify_audit_log
from tests.clusters import hush
from tests.control_plane.api.conftest import Api, a_proposal
from tests.worker.world import World


async def test_a_call_that_needs_a_person_runs_once_after_they_approved_it(api: Api, database_url: str) -> None:
    world = World(api.access.operator, database_url)
    owner, reviewer, agent = api.as_user("owner"), api.as_user("reviewer", sub="rosa"), await api.as_agent()
    etag = (await owner.get("/v1/guardrails")).headers["etag"]
    await owner.patch("/v1/guardrails", json={"trust_threshold": 0.8}, headers={"If-Match": etag})

    proposed = await agent.post("/v1/envelopes", json=a_proposal(trust_context={"score": 0.3}))
    envelope = proposed.json()["envelope"]["id"]
    assert {v["guardrail"]: v["decision"] for v in proposed.json()["verdicts"]}["trust"] == "needs_approval"

    async with world.working():
        world.tenant_of[envelope] = api.tenant
        await world.become(Status.AWAITING_APPROVAL, envelope)
        [waiting] = (await reviewer.get("/v1/approvals")).json()["items"]
        refused = await agent.post(f"/v1/approvals/{envelope}/approve", json={"digest": waiting["digest"]})
        approved = await reviewer.post(f"/v1/approvals/{envelope}/approve", json={"digest": waiting["digest"]})
        late = await owner.post(f"/v1/approvals/{envelope}/approve", json={"digest": waiting["digest"]})
        done = await agent.get(f"/v1/envelopes/{envelope}", params={"wait": 60})

    assert (refused.status_code, approved.status_code, late.status_code) == (403, 200, 409)
    assert "rosa" in late.json()["detail"]
    assert (done.json()["status"], done.json()["result"]) == ("success", {"ok": True})
    assert [call.arguments for call in world.stage.calls] == [{"text": "hello"}]
    events = [event for event in world.events_of(envelope) if event != "envelope.held"]
    assert events == ["envelope.proposed", "envelope.awaiting_approval", "envelope.approved", "envelope.success"]
    [findings] = await verify_audit_log(api.access.operator, api.tenant, {}, say=hush)
    assert findings.problems == ()
