"""People see what drafts lack, and decide what may change how they are written, over HTTP."""

import pytest

from control_plane.apps.drafts.drafter import Abstained
from tests.control_plane.apps.drafts.api.conftest import DraftsApi


async def test_decisions_are_counted_by_model(desk: DraftsApi) -> None:
    draft, etag = await desk.pending("t-1")
    await desk.rita.post(f"/v1/drafts/{draft['id']}/decision", json={"decision": "approve"}, headers={"If-Match": etag})
    draft, etag = await desk.pending("t-2")
    await desk.rita.post(
        f"/v1/drafts/{draft['id']}/decision", json={"decision": "reject", "code": "tone"}, headers={"If-Match": etag}
    )
    [row] = (await desk.rita.get("/v1/learning/quality", params={"by": "model_key"})).json()["items"]
    counts = {name: row[name] for name in ("name", "decided", "unedited", "rejected", "rejections")}
    assert counts == {"name": "offline", "decided": 2, "unedited": 1, "rejected": 1, "rejections": {"tone": 1}}
    other = desk.api.as_user(tenant=desk.api.other_tenant)
    assert sum(row["decided"] for row in (await other.get("/v1/learning/quality")).json()["items"]) == 0


async def test_questions_without_an_answer_are_gaps(desk: DraftsApi) -> None:
    desk.scribe.answer = Abstained(reason="nothing fits", best_score=0.1)
    for thread in ("t-1", "t-2"):
        await desk.receive(thread, body_text="Do you sell gift cards?")
    await desk.draft()
    [gap] = (await desk.rita.get("/v1/gaps")).json()["items"]
    assert (gap["question"], gap["count"]) == ("Do you sell gift cards?", 2)


@pytest.mark.parametrize("query", [{"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"},
                                   {"until": "0001-01-01T00:00:00Z"}])  # fmt: skip
async def test_a_time_range_that_is_none_is_refused(desk: DraftsApi, query: dict[str, str]) -> None:
    for path in ("/v1/gaps", "/v1/learning/quality"):
        assert (await desk.rita.get(path, params=query)).status_code == 422


async def test_a_topic_earns_the_automatic_mode_and_owners_set_it(desk: DraftsApi) -> None:
    owner, body = desk.api.as_user("owner"), {"topic": "delivery", "mode": "shadow"}
    assert (await desk.rita.post("/v1/learning/topics", json=body)).status_code == 403
    assert (await owner.post("/v1/learning/topics", json=body)).json()["mode"] == "shadow"
    assert (await owner.post("/v1/learning/topics", json={**body, "mode": "automatic"})).status_code == 409
    [topic] = (await desk.rita.get("/v1/learning/topics")).json()["items"]
    assert (topic["topic"], topic["mode"]) == ("delivery", "shadow")


async def test_a_prompt_that_was_not_evaluated_is_not_activated(desk: DraftsApi) -> None:
    owner = desk.api.as_user("owner")
    assert (await owner.post("/v1/learning/prompts/v9/activate")).status_code == 404
    assert (await desk.rita.get("/v1/learning/evaluations")).json() == {"items": []}
    assert (await desk.rita.get("/v1/learning/prompts")).status_code == 200
