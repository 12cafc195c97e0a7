"""The queue, and what reviewers do before they decide, over HTTP."""

from datetime import timedelta

import pytest

from services.clock import utc_now
from tests.control_plane.apps.drafts.api.conftest import DraftsApi


async def test_the_queue_comes_in_pages_and_without_what_is_snoozed(desk: DraftsApi) -> None:
    drafts = [(await desk.pending(f"t-{n}"))[0]["id"] for n in range(3)]
    pages, after = [], None
    while True:
        page = (await desk.rita.get("/v1/drafts", params={"limit": 2, **({"after": after} if after else {})})).json()
        pages.append([item["id"] for item in page["items"]])
        after = page["next"]
        if after is None:
            break
    assert ([len(page) for page in pages], sorted(id_ for page in pages for id_ in page)) == ([2, 1], sorted(drafts))

    until = (utc_now() + timedelta(hours=1)).isoformat()
    assert (await desk.rita.post(f"/v1/drafts/{drafts[0]}/snooze", json={"until": until})).status_code == 204
    shown = {
        with_snoozed: len((await desk.rita.get("/v1/drafts", params={"with_snoozed": with_snoozed})).json()["items"])
        for with_snoozed in (False, True)
    }
    assert shown == {False: 2, True: 3}


async def test_a_lock_keeps_others_from_deciding_until_they_take_over(desk: DraftsApi) -> None:
    draft, etag = await desk.pending()
    locked = await desk.rita.post(f"/v1/drafts/{draft['id']}/lock", json={"seconds": 600})
    assert locked.json()["locked_until"] is not None
    olga, path = desk.api.as_user("owner", sub="olga"), f"/v1/drafts/{draft['id']}/decision"
    refused = await olga.post(path, json={"decision": "approve"}, headers={"If-Match": etag})
    assert (refused.status_code, "rita works on it" in refused.json()["detail"]) == (409, True)
    taken = await olga.post(path, json={"decision": "approve", "take_over": True}, headers={"If-Match": etag})
    assert taken.status_code == 200


async def test_a_draft_is_assigned_and_its_user_is_notified(desk: DraftsApi) -> None:
    draft, _ = await desk.pending()
    await desk.rita.post(f"/v1/drafts/{draft['id']}/lock", json={"seconds": 0})
    [user] = (await desk.rita.get("/v1/drafts/users")).json()["items"]
    assert (user["auth_subject"], user["role"]) == ("rita", "agent")
    assigned = await desk.api.as_user("owner").post(f"/v1/drafts/{draft['id']}/assign", json={"user_id": user["id"]})
    assert assigned.status_code == 204
    mine = (await desk.rita.get("/v1/drafts", params={"assignee": user["id"]})).json()["items"]
    assert [item["id"] for item in mine] == [draft["id"]]
    notified = (await desk.rita.get("/v1/notifications", params={"unread": True})).json()["items"]
    ids = [each["id"] for each in notified if each["type"] == "draft.assigned"]
    assert (len(ids), (await desk.rita.post("/v1/notifications/read", json={"ids": ids})).json()) == (1, {"read": 1})
    unread = (await desk.rita.get("/v1/notifications", params={"unread": True})).json()["items"]
    assert "draft.assigned" not in {each["type"] for each in unread}


async def test_an_escalated_draft_needs_an_owner(desk: DraftsApi) -> None:
    draft, etag = await desk.pending()
    escalated = await desk.rita.post(f"/v1/drafts/{draft['id']}/escalate", json={"reason": "wants a refund"})
    assert escalated.status_code == 204
    path, headers = f"/v1/drafts/{draft['id']}/decision", {"If-Match": etag}
    assert (await desk.rita.post(path, json={"decision": "approve"}, headers=headers)).status_code == 403
    assert (await desk.api.as_user().post(path, json={"decision": "approve"}, headers=headers)).status_code == 200


async def test_a_draft_is_written_again_as_the_reviewer_asks(desk: DraftsApi) -> None:
    draft, etag = await desk.pending()
    asked = await desk.rita.post(
        f"/v1/drafts/{draft['id']}/regenerate", json={"instruction": "shorter"}, headers={"If-Match": etag}
    )
    assert asked.status_code == 204
    await desk.draft()
    assert desk.scribe.requests[-1].instruction == "shorter"
    timeline = (await desk.rita.get(f"/v1/conversations/{draft['conversation_id']}")).json()
    assert [each["status"] for each in timeline["drafts"]] == ["superseded", "pending"]


async def test_the_priority_moves_the_due_time(desk: DraftsApi) -> None:
    draft, _ = await desk.pending()
    assert (await desk.rita.post(f"/v1/drafts/{draft['id']}/priority", json={"priority": "urgent"})).status_code == 204
    after, _ = await desk.read(draft["id"])
    assert (after["priority"], after["due_at"] < draft["due_at"]) == ("urgent", True)


async def test_a_file_of_a_reply_that_no_mail_could_name_is_refused(desk: DraftsApi) -> None:
    draft, etag = await desk.pending()
    path, headers = f"/v1/drafts/{draft['id']}", {"If-Match": etag}
    for file, field in (
        ({}, "file_name"),
        ({"file_name": "a"}, "file_url"),
        ({"file_name": "a", "file_url": "http://x.example"}, "file_url"),
        ({"file_name": "a", "file_url": "https://x.example", "size_bytes": 2**31}, "size_bytes"),
        ({"file_name": "a", "file_url": "https://x.example", "note": "x"}, "note"),
    ):
        refused = await desk.rita.patch(path, json={"text": "x", "attachments": [file]}, headers=headers)
        assert refused.status_code == 422, refused.text
        assert f"attachments[0].{field}" in {error["field"] for error in refused.json()["errors"]}
    right = {"file_name": "a", "file_url": "https://x.example/a"}
    assert (await desk.rita.patch(path, json={"text": "x", "attachments": [right]}, headers=headers)).status_code == 200
    [file] = (await desk.read(draft["id"]))[0]["attachments"]
    assert file == {**right, "mime_type": "application/octet-stream", "size_bytes": 0}


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
async def test_a_time_outside_the_calendar_is_named(desk: DraftsApi, time: str) -> None:
    draft, _ = await desk.pending()
    snoozed = await desk.rita.post(f"/v1/drafts/{draft['id']}/snooze", json={"until": time})
    since = await desk.rita.get("/v1/learning/quality", params={"since": time})
    until = await desk.rita.get("/v1/gaps", params={"until": time})
    assert [answer.status_code for answer in (snoozed, since, until)] == [422] * 3
    fields = [answer.json()["errors"][0]["field"] for answer in (snoozed, since, until)]
    assert fields == ["until", "since", "until"]
    assert {answer.json()["errors"][0]["problem"] for answer in (snoozed, since, until)} == {
        "must lie between the years 1 and 9999"
    }
