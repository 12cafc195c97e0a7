"""Versions of guardrails and pauses over HTTP."""

import json

from tests.control_plane.api.conftest import Api, a_proposal


async def test_an_owner_goes_back_to_an_earlier_version_and_others_read_it(api: Api) -> None:
    owner = api.as_user("owner", sub="olga")
    for threshold in (0.5, 0.9):
        etag = (await owner.get("/v1/guardrails")).headers["etag"]
        body = {"trust_threshold": threshold}
        await owner.patch("/v1/guardrails", json=body, headers={"If-Match": etag})

    refused = await api.as_user("member").post("/v1/guardrails/rollback", json={"version": 1})
    unknown = await owner.post("/v1/guardrails/rollback", json={"version": 9})
    rolled_back = await owner.post("/v1/guardrails/rollback", json={"version": 1})

    assert (refused.status_code, unknown.status_code) == (403, 404)
    assert rolled_back.json()["trust_threshold"] == 0.5
    versions = (await api.as_user("member").get("/v1/guardrails/versions")).json()["items"]
    assert [(v["version"], v["document"]["trust_threshold"], v["actor"]["id"]) for v in versions] == [
        (3, 0.5, "olga"), (2, 0.9, "olga"), (1, 0.5, "olga"),
    ]  # fmt: skip


async def test_a_reviewer_pauses_a_tool_and_the_explanation_names_the_pause_and_its_end(api: Api) -> None:
    reviewer, member = api.as_user("reviewer", sub="rita"), api.as_user("member")
    body = {"kind": "tool", "target": "SLACK__chat.post", "reason": "posts twice", "ends_at": "2999-01-01T00:00:00Z"}

    refused = await member.post("/v1/pauses", json=body)
    misspelled = await reviewer.post("/v1/pauses", json={**body, "target": "SLACK__chat.pots"})
    started = await reviewer.post("/v1/pauses", json=body)

    assert (refused.status_code, misspelled.status_code, started.status_code) == (403, 404, 201)
    assert (started.json()["started_by"], started.json()["ends_at"]) == ("rita", "2999-01-01T00:00:00Z")
    proposed = (await (await api.as_agent()).post("/v1/envelopes", json=a_proposal())).json()
    explanation = (await member.get(f"/v1/envelopes/{proposed['envelope']['id']}/explanation")).json()
    assert "The tool SLACK__chat.post has been paused" in explanation["why"]
    assert "(posts twice)" in explanation["why"]
    assert explanation["next_run_at"] == "2999-01-01T00:00:00Z"

    ended = await reviewer.delete("/v1/pauses/tool/SLACK__chat.post")
    again = await reviewer.delete("/v1/pauses/tool/SLACK__chat.post")
    assert (ended.status_code, again.status_code) == (204, 404)
    assert (await member.get("/v1/pauses")).json() == {"items": []}


async def test_an_agent_tries_a_call_and_nothing_is_written(api: Api) -> None:
    agent = await api.as_agent()
    tried = await agent.post("/v1/envelopes/dry-run", json=a_proposal())
    refused = await agent.post("/v1/envelopes/dry-run", json=a_proposal(arguments={"text": 1}))
    assert (tried.status_code, tried.json()["decision"], refused.status_code) == (200, "allow", 422)
    assert (await api.as_user().get("/v1/envelopes")).json()["items"] == []


async def test_a_candidate_is_replayed_over_real_envelopes_as_a_stream(api: Api) -> None:
    agent, member = await api.as_agent(), api.as_user("member")
    for score in (0.2, 0.9):
        await agent.post("/v1/envelopes", json=a_proposal(trust_context={"score": score}))

    answer = await member.post("/v1/guardrails/replay", json={"candidate": {"trust_threshold": 0.5}, "days": 1})
    invalid = await member.post("/v1/guardrails/replay", json={"candidate": {"trust_threshold": 5}})
    refused = await agent.post("/v1/guardrails/replay", json={"candidate": {}})

    assert (invalid.status_code, refused.status_code) == (422, 403)
    assert answer.headers["content-type"].startswith("text/event-stream")
    [event] = answer.text.strip().split("\n\n")
    kind, _, data = event.partition("\n")
    report = json.loads(data.removeprefix("data: "))
    assert (kind, report["envelopes"], report["would_ask"]) == ("event: report", 2, 1)
    assert report["summary"].startswith("2 envelopes: would have asked 1 times instead of 0, allowed none that you")
