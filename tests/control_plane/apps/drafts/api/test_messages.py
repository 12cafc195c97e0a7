"""Other systems send messages, and people read and continue conversations, over HTTP."""

from typing import Any

import pytest

from tests.control_plane.apps.drafts.api.conftest import DraftsApi
from tests.control_plane.apps.drafts.desk import INBOX


async def test_a_message_creates_its_conversation_once_however_often_it_is_sent(desk: DraftsApi) -> None:
    first = await desk.receive(external_id="m-1")
    again = await desk.receive(external_id="m-1")
    other = await desk.receive(external_id="m-1", body_text="Where is my other order?")
    assert [r.status_code for r in (first, again, other)] == [201, 200, 201]
    assert first.json()["needs_draft"] is True
    assert again.json()["message_id"] == first.json()["message_id"]
    assert (other.json()["flagged"], other.json()["conversation_id"]) == (True, first.json()["conversation_id"])


async def test_a_message_for_a_conversation_that_is_known_needs_no_channel(desk: DraftsApi) -> None:
    first = (await desk.receive()).json()
    agent = await desk.api.as_agent("propose")
    path = f"/internal/conversations/{first['conversation_id']}/messages"
    second = await agent.post(path, json={"body_text": "Hello?", "sent_at": "2026-11-30T10:00:00Z"})
    assert (second.status_code, second.json()["conversation_id"]) == (201, first["conversation_id"])
    listed = (await desk.rita.get(f"/v1/conversations/{first['conversation_id']}/messages?limit=1")).json()
    assert [each["body_text"] for each in listed["items"]] == ["Hello?"]
    rest = await desk.rita.get(
        f"/v1/conversations/{first['conversation_id']}/messages", params={"limit": 1, "after": listed["next"]}
    )
    assert [each["body_text"] for each in rest.json()["items"]] == ["Where is my order?"]


async def test_html_is_made_inert_and_read_where_there_is_no_text(desk: DraftsApi) -> None:
    html = "<p>Where is <b>it</b>?</p><script>steal()</script><img src='https://t.example/p.gif'>"
    received = (await desk.receive(body_text=None, body_html=html)).json()
    timeline = (await desk.rita.get(f"/v1/conversations/{received['conversation_id']}")).json()
    [message] = timeline["messages"]
    assert (message["body_text"], message["body_html"]) == ("Where is it?", "<p>Where is <b>it</b>?</p>")


@pytest.mark.parametrize(
    ("thread", "fields", "status", "field"),
    [
        ("t-1", {"channel": None}, 422, "channel"),
        ("t-1", {"channel": "nobody@acme.example"}, 404, None),
        ("7e4a0000-0000-4000-8000-000000000001", {"channel": None}, 404, None),
        ("t-1", {"sent_at": "yesterday"}, 422, "sent_at"),
        ("t-1", {"body_text": 7}, 422, "body_text"),
        ("t-1", {"to": "x@example.com"}, 422, "to"),
    ],
)
async def test_a_message_that_cannot_be_stored_is_refused_in_one_line(
    desk: DraftsApi, thread: str, fields: dict[str, Any], status: int, field: str | None
) -> None:
    refused = await desk.receive(thread, **fields)
    errors = refused.json().get("errors", [{"field": None}])
    assert (refused.status_code, errors[0]["field"]) == (status, field)


async def test_messages_need_a_token_with_the_scope_propose(desk: DraftsApi) -> None:
    path, body = "/internal/conversations/t-1/messages", {"channel": INBOX, "body_text": "x"}
    assert (await desk.api.as_nobody().post(path, json=body)).status_code == 401
    assert (await (await desk.api.as_agent("read")).post(path, json=body)).status_code == 403
    assert (await desk.api.as_user("member").post(path, json=body)).status_code == 403
    assert (await desk.api.as_user("reviewer").post(path, json=body)).status_code == 201


async def test_conversations_are_found_by_status_and_by_customer(desk: DraftsApi) -> None:
    one = (await desk.receive("t-1")).json()["conversation_id"]
    other = (await desk.receive("t-2", customer_email="Lee@Customer.example", closes=True)).json()["conversation_id"]

    async def ids(**query: str) -> list[str]:
        return [each["id"] for each in (await desk.rita.get("/v1/conversations", params=query)).json()["items"]]

    assert (await ids(), await ids(status="closed"), await ids(customer="LEE@customer.example")) == (
        [one], [other], [other],
    )  # fmt: skip
    stranger = desk.api.as_user(tenant=desk.api.other_tenant)
    assert (await stranger.get("/v1/conversations")).json()["items"] == []
    assert (await stranger.get(f"/v1/conversations/{one}")).status_code == 404


async def test_a_person_notes_writes_and_asks_for_a_draft(desk: DraftsApi) -> None:
    conversation = (await desk.receive()).json()["conversation_id"]
    path = f"/v1/conversations/{conversation}"
    assert (await desk.rita.post(f"{path}/notes", json={"note": "called her"})).status_code == 201
    written = await desk.rita.post(f"{path}/drafts", json={"text": "We have found it."})
    assert (written.status_code, written.headers["etag"]) == (201, f'"1-{written.json()["digest"]}"')
    asked = await desk.rita.post(f"{path}/draft-requests", json={"instruction": "be kind"})
    assert asked.status_code == 204
    await desk.draft()
    timeline = (await desk.rita.get(path)).json()
    assert [m["direction"] for m in timeline["messages"]] == ["inbound", "system"]
    assert sorted(d["model_key"] for d in timeline["drafts"]) == ["offline", "person"]


async def test_owners_change_channels_and_settings(desk: DraftsApi) -> None:
    owner = desk.api.as_user("owner")
    changed = await owner.patch("/v1/channels/settings", json={"quiet_seconds": 5})
    assert (changed.status_code, changed.json()["quiet_seconds"], changed.json()["due_normal_minutes"]) == (
        200,
        5,
        1440,
    )
    assert (await desk.rita.patch("/v1/channels/settings", json={"quiet_seconds": 9})).status_code == 403
    renamed = {"type": "email", "external_id": INBOX, "name": "Front desk"}
    assert (await owner.post("/v1/channels", json=renamed)).json()["name"] == "Front desk"
    assert (await owner.post("/v1/channels", json={**renamed, "type": "slack"})).status_code == 409
    listed = (await desk.rita.get("/v1/channels")).json()["items"]
    assert [(channel["name"], channel["type"]) for channel in listed] == [("Front desk", "email")]


async def test_an_address_that_is_too_long_for_those_of_conversations_is_said_to_be_at_once(desk: DraftsApi) -> None:
    owner = desk.api.as_user("owner")
    channel = {"type": "email", "external_id": f"{'x' * 26}@acme.example", "name": "Long"}
    assert (await owner.post("/v1/channels", json=channel)).json()["notes"] == []
    longer = await owner.post("/v1/channels", json={**channel, "external_id": f"x{channel['external_id']}"})
    assert "conversations cannot have their own reply addresses" in longer.json()["notes"][0]
