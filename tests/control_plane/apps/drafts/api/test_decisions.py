"""People decide about drafts over HTTP: once, and about what they were shown."""

from typing import Any

import pytest

from tests.control_plane.apps.drafts.api.conftest import DraftsApi

APPROVE = {"decision": "approve"}
REJECT = {"decision": "reject", "code": "wrong"}


async def decide(desk: DraftsApi, draft: dict[str, Any], etag: str | None, body: Any = None, *, by: Any = None) -> Any:
    headers = {} if etag is None else {"If-Match": etag}
    return await (by or desk.rita).post(f"/v1/drafts/{draft['id']}/decision", json=body or APPROVE, headers=headers)


async def test_an_approved_draft_becomes_an_envelope_in_the_outbox(desk: DraftsApi) -> None:
    draft, etag = await desk.pending()
    decided = await decide(desk, draft, etag)
    assert (decided.status_code, decided.json()["status"]) == (200, "sent")
    envelope = (await desk.rita.get(f"/v1/envelopes/{decided.json()['envelope_id']}")).json()
    assert (envelope["external_id"], envelope["arguments"]["to"]) == (draft["id"], ["kim@customer.example"])
    timeline = (await desk.rita.get(f"/v1/conversations/{draft['conversation_id']}")).json()
    assert [(m["direction"], m["delivery_state"]) for m in timeline["messages"]] == [
        ("inbound", None), ("outbound", "queued"),
    ]  # fmt: skip


async def test_the_second_decision_gets_409_with_who_and_when(desk: DraftsApi) -> None:
    draft, etag = await desk.pending()
    await decide(desk, draft, etag, by=desk.api.as_user("owner", sub="olga"))
    refused = await decide(desk, draft, etag, REJECT)
    problem = refused.json()
    assert (refused.status_code, problem["decided_by"]) == (409, "olga")
    assert problem["detail"].startswith(f"draft: {draft['id']} was already approved by olga at ")
    assert problem["decided_at"] is not None
    assert desk.count("select count(*) from drafts.draft_actions") == 1


async def test_a_decision_about_an_older_text_gets_409(desk: DraftsApi) -> None:
    draft, etag = await desk.pending()
    edited = await desk.rita.patch(
        f"/v1/drafts/{draft['id']}", json={"text": "It comes tomorrow."}, headers={"If-Match": etag}
    )
    assert edited.status_code == 200
    stale = await decide(desk, draft, etag, by=desk.api.as_user("owner", sub="olga"))
    assert (stale.status_code, stale.json()["current_digest"]) == (409, edited.json()["digest"])
    assert (await decide(desk, draft, edited.headers["etag"])).status_code == 200
    assert desk.count("select count(*) from public.outbox where arguments ->> 'text' ~ 'It comes tomorrow.'") == 1


@pytest.mark.parametrize(
    ("etag", "status"), [(None, 428), ("*", 412), ('"1-abc"', 412), ('W/"1-' + "0" * 64 + '"', 412)]
)
async def test_a_decision_needs_the_etag_of_a_draft(desk: DraftsApi, etag: str | None, status: int) -> None:
    draft, _ = await desk.pending()
    assert (await decide(desk, draft, etag)).status_code == status


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"decision": "edit"}, "text"),
        ({"decision": "approve", "text": "x"}, "text"),
        ({"decision": "reject"}, "code"),
        ({"decision": "approve", "code": "tone"}, "code"),
        ({"decision": "sell"}, "decision"),
        ({"decision": "approve", "to": "x@example.com"}, "to"),
    ],
)
async def test_a_wrong_body_is_refused_by_its_field(desk: DraftsApi, body: Any, field: str) -> None:
    draft, etag = await desk.pending()
    refused = await decide(desk, draft, etag, body)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)


async def test_members_agents_and_other_tenants_do_not_decide(desk: DraftsApi) -> None:
    draft, etag = await desk.pending()
    callers = {
        "member": desk.api.as_user("member"),
        "agent": await desk.api.as_agent(),
        "other": desk.api.as_user("owner", tenant=desk.api.other_tenant),
    }
    refused = {name: (await decide(desk, draft, etag, by=by)).status_code for name, by in callers.items()}
    assert refused == {"member": 403, "agent": 403, "other": 404}
    assert (await callers["other"].get(f"/v1/drafts/{draft['id']}")).status_code == 404
    assert (await callers["member"].get(f"/v1/drafts/{draft['id']}")).status_code == 200


async def test_several_drafts_are_decided_at_once_and_changed_ones_are_skipped(desk: DraftsApi) -> None:
    first, _ = await desk.pending("t-1")
    second, _ = await desk.pending("t-2")
    shown = [{name: draft[name] for name in ("id", "version", "digest")} for draft in (first, second)]
    shown[1]["version"] = 7
    body = {"decision": "reject", "code": "not_needed", "drafts": shown}
    answer = (await desk.rita.post("/v1/drafts/bulk", json=body)).json()
    assert [decided["draft_id"] for decided in answer["decided"]] == [first["id"]]
    assert [(s["id"], s["current_digest"]) for s in answer["skipped"]] == [(second["id"], second["digest"])]


async def test_of_several_drafts_nothing_is_decided_without_a_code(desk: DraftsApi) -> None:
    draft, _ = await desk.pending()
    body = {"decision": "reject", "drafts": [{name: draft[name] for name in ("id", "version", "digest")}]}
    refused = await desk.rita.post("/v1/drafts/bulk", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "code")
