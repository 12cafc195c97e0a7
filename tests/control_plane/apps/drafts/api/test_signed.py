"""Other systems send messages to our address: what they signed becomes a message of their channel, once."""

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from control_plane.apps.drafts.channels.senders import SenderKind
from tests.control_plane.api.test_inbound_webhooks import create, signed
from tests.control_plane.apps.drafts.api.conftest import DraftsApi
from tests.control_plane.apps.drafts.channels.test_payloads import SECRET, SIGNED

EVENT: dict[str, Any] = {
    "type": "message.created", "timestamp": "2026-11-30T09:00:00Z",
    "data": {"conversation_id": "7", "text": "Where is my order?", "customer": {"email": "kim@c.example"}},
}  # fmt: skip
MESSAGES = "select count(*) from drafts.messages where tenant_id = %s"


async def add_channel(desk: DraftsApi, name: str, kind: str = "chat") -> None:
    body = {"type": kind, "external_id": name, "name": name}
    assert (await desk.api.as_user("owner").post("/v1/channels", json=body)).status_code < 300


def configure(desk: DraftsApi, monkeypatch: pytest.MonkeyPatch, kind: SenderKind) -> None:
    sender = {"tenant_id": str(desk.api.tenant), "channel": "shop", "kind": kind, "secret": SECRET.decode()}
    monkeypatch.setenv("ACP_DRAFTS_SENDERS", json.dumps({"shop": sender}))


async def send(desk: DraftsApi, kind: SenderKind, payload: Any, *, name: str = "shop") -> httpx.Response:
    body = json.dumps(payload).encode()
    headers = SIGNED[kind](body, datetime.now(UTC))
    return await desk.api.http.post(f"/signed/drafts/senders/{name}", content=body, headers=headers)


async def test_a_message_signed_with_the_secret_of_an_inbound_webhook_is_stored_once(desk: DraftsApi) -> None:
    made = await create(desk.api.as_user("owner"), "chat")
    await add_channel(desk, "chat")
    path = made["path"].replace("/signed/webhooks/", "/signed/drafts/")
    body = json.dumps(EVENT).encode()
    for event_id in ("evt_1", "evt_1", "evt_2"):
        answer = await desk.api.http.post(path, content=body, headers=signed(made["secret"], body, event_id=event_id))
        assert answer.status_code == 204, answer.text
    assert desk.count(MESSAGES, desk.api.tenant) == 2
    forged = await desk.api.http.post(path, content=body + b" ", headers=signed(made["secret"], body))
    assert forged.status_code == 401
    other = json.dumps({"type": "ticket.created", "data": {}}).encode()
    assert (await desk.api.http.post(path, content=other, headers=signed(made["secret"], other))).status_code == 204
    assert desk.count(MESSAGES, desk.api.tenant) == 2


async def test_a_system_of_the_settings_is_known_by_its_own_signature(
    desk: DraftsApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(desk, monkeypatch, SenderKind.SHOPIFY)
    await add_channel(desk, "shop", "shopify")
    order = {"id": 7, "email": "kim@c.example", "note": "Where is it?", "updated_at": "2026-11-30T09:00:00Z"}
    for _ in range(2):
        assert (await send(desk, SenderKind.SHOPIFY, order)).status_code == 204
    assert desk.count(MESSAGES, desk.api.tenant) == 1
    assert (await send(desk, SenderKind.CHATWOOT, order)).status_code == 401
    assert (await send(desk, SenderKind.SHOPIFY, order, name="other")).status_code == 404
    assert (await send(desk, SenderKind.SHOPIFY, [])).status_code == 422
    assert (await send(desk, SenderKind.SHOPIFY, {"id": None})).status_code == 422


async def test_slack_gets_its_challenge_back(desk: DraftsApi, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(desk, monkeypatch, SenderKind.SLACK)
    answer = await send(desk, SenderKind.SLACK, {"type": "url_verification", "challenge": "c-1"})
    assert (answer.status_code, answer.text, answer.headers["content-type"]) == (
        200,
        "c-1",
        "text/plain; charset=utf-8",
    )


async def test_a_message_that_is_changed_and_then_deleted_in_slack_is_kept_and_flagged(
    desk: DraftsApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(desk, monkeypatch, SenderKind.SLACK)
    await add_channel(desk, "shop", "slack")
    first = {"type": "message", "channel": "C1", "user": "U1", "ts": "1772711940.000200", "text": "Two, please"}
    changed = first | {"text": "Three, please", "edited": {"user": "U1", "ts": "1772711970.000000"}}
    outer = {"type": "message", "channel": "C1", "ts": "1772711999.000000"}
    events = (
        first,
        outer | {"subtype": "message_changed", "message": changed, "previous_message": first},
        outer | {"subtype": "message_deleted", "previous_message": changed},
    )
    for event in (*events, *events):
        answer = await send(desk, SenderKind.SLACK, {"type": "event_callback", "event": event})
        assert answer.status_code == 204, answer.text
    [conversation] = (await desk.rita.get("/v1/conversations")).json()["items"]
    timeline = (await desk.rita.get(f"/v1/conversations/{conversation['id']}")).json()
    texts = ["Two, please", "Three, please", "(This message was deleted in Slack.)"]
    assert [message["body_text"] for message in timeline["messages"]] == texts
    assert [message["same_id_as"] is not None for message in timeline["messages"]] == [False, True, True]
    notified = (await desk.rita.get("/v1/notifications")).json()["items"]
    assert [each["type"] for each in notified].count("message.same_id") == 2
    assert conversation["unanswered_id"] == timeline["messages"][1]["id"]
