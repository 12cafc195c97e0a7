"""Inbound webhooks: what a sender signed just now becomes evidence of its tenant, and nothing else does."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from tests.control_plane.api.conftest import Api, Client

EVENT = {"type": "ticket.created", "data": {"number": 17, "title": "printer is on fire"}}


async def create(client: Client, name: str = "tickets") -> dict[str, Any]:
    created = await client.post("/v1/inbound-webhooks", json={"name": name})
    assert created.status_code == 201, created.text
    answered: dict[str, Any] = created.json()
    return answered


def signed(secret: str, body: bytes, *, event_id: str = "evt_1", at: datetime | None = None) -> dict[str, str]:
    """The headers of a sender that uses the library of Standard Webhooks."""
    moment = at or datetime.now(UTC)
    return {
        "webhook-id": event_id, "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret).sign(event_id, moment, body.decode()),
    }  # fmt: skip


async def send(api: Api, path: str, secret: str, event: Any = EVENT, **signing: Any) -> httpx.Response:
    body = json.dumps(event).encode()
    return await api.http.post(path, content=body, headers=signed(secret, body, **signing))


async def evidence(api: Api) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await api.as_user("member").get("/v1/evidence")).json()["items"]
    return items


async def test_a_signed_event_is_evidence_and_signal_once(api: Api) -> None:
    made = await create(api.as_user("owner"))
    for _ in range(2):
        assert (await send(api, made["path"], made["secret"])).status_code == 204
    assert (await send(api, made["path"], made["secret"], event_id="evt_2")).status_code == 204

    kept = await evidence(api)
    assert sorted(each["content"]["id"] for each in kept) == ["evt_1", "evt_2"]
    assert {each["tool_slug"] for each in kept} == {"inbound.tickets"}
    assert kept[0]["content"]["event"] == EVENT
    [signal] = (await api.as_user("member").get("/v1/signals")).json()["items"]
    assert signal["value"] == {"kind": "event", "id": "evt_2", "type": "ticket.created"}
    rows = await api.access.operator.audit_log.tail(api.tenant, limit=10)
    collected = [row.entry.actor for row in rows if row.entry.category == "evidence.collected"]
    assert [(actor.type, actor.id) for actor in collected] == [("system", "inbound.tickets")] * 2
    stranger = api.as_user("member", tenant=api.other_tenant)
    assert (await stranger.get("/v1/evidence")).json()["items"] == []


@pytest.mark.parametrize("minutes", [-6, 6])
async def test_outside_the_window_nothing_is_kept(api: Api, minutes: int) -> None:
    made = await create(api.as_user("owner"))
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    assert (await send(api, made["path"], made["secret"], at=at)).status_code == 401
    assert await evidence(api) == []


@pytest.mark.parametrize(
    "spoiled", ["webhook-id", "webhook-timestamp", "webhook-signature", "body", "secret", "tenant"]
)
async def test_what_was_not_signed_so_is_401(api: Api, spoiled: str) -> None:
    made = await create(api.as_user("owner"))
    other = await create(api.as_user("owner", tenant=api.other_tenant))
    body = json.dumps(EVENT).encode()
    headers = signed(other["secret"] if spoiled in {"secret", "tenant"} else made["secret"], body)
    if spoiled in headers:
        headers[spoiled] = {"webhook-id": "evt_9", "webhook-timestamp": "1"}.get(spoiled, "v1,AAAA")
    refused = await api.http.post(made["path"], content=body + b" " if spoiled == "body" else body, headers=headers)
    assert refused.status_code == 401
    assert (await api.http.post(made["path"], content=body)).status_code == 401
    assert await evidence(api) == []


async def test_after_a_rotation_both_secrets_are_accepted(api: Api) -> None:
    owner = api.as_user("owner")
    made = await create(owner)
    rotated = (await owner.post(f"/v1/inbound-webhooks/{made['webhook']['id']}/rotate-secret")).json()
    assert rotated["secret"] != made["secret"]
    for number, secret in enumerate((made["secret"], rotated["secret"])):
        assert (await send(api, made["path"], secret, event_id=f"evt_{number}")).status_code == 204
    await owner.post(f"/v1/inbound-webhooks/{made['webhook']['id']}/rotate-secret")
    assert (await send(api, made["path"], made["secret"], event_id="evt_3")).status_code == 401


async def test_a_secret_for_sending_is_none_for_receiving(api: Api) -> None:
    owner = api.as_user("owner")
    made = await create(owner)
    body = {"url": "https://example.com/", "event_types": ["envelope.*"]}
    outgoing = (await owner.post("/v1/webhooks", json=body)).json()
    assert (await send(api, made["path"], outgoing["secret"])).status_code == 401


@pytest.mark.parametrize("body", [b"", b"[]", b"5", b"{", b'"text"', b"[" * 50_000, b'{"a": "' + b"x" * 65_536 + b'"}'])
async def test_a_signed_body_that_is_no_event_is_422(api: Api, body: bytes) -> None:
    made = await create(api.as_user("owner"))
    refused = await api.http.post(made["path"], content=body, headers=signed(made["secret"], body))
    assert refused.status_code == 422
    assert await evidence(api) == []


async def test_a_deleted_address_and_that_of_another_tenant_are_404(api: Api) -> None:
    owner = api.as_user("owner")
    made = await create(owner)
    webhook = made["webhook"]["id"]
    crossed = f"/signed/webhooks/{api.other_tenant}/{webhook}"
    assert (await send(api, crossed, made["secret"])).status_code == 404
    stranger = api.as_user("owner", tenant=api.other_tenant)
    assert (await stranger.delete(f"/v1/inbound-webhooks/{webhook}")).status_code == 404
    assert (await stranger.post(f"/v1/inbound-webhooks/{webhook}/rotate-secret")).status_code == 404
    assert (await stranger.get("/v1/inbound-webhooks")).json() == {"items": []}
    assert (await owner.delete(f"/v1/inbound-webhooks/{webhook}")).status_code == 204
    assert (await send(api, made["path"], made["secret"])).status_code == 404


async def test_only_owners_change_them(api: Api) -> None:
    webhook = (await create(api.as_user("owner")))["webhook"]["id"]
    for client in (api.as_user("reviewer"), api.as_user("member"), await api.as_agent()):
        assert (await client.post("/v1/inbound-webhooks", json={"name": "more"})).status_code == 403
        assert (await client.post(f"/v1/inbound-webhooks/{webhook}/rotate-secret")).status_code == 403
        assert (await client.delete(f"/v1/inbound-webhooks/{webhook}")).status_code == 403
    assert (await api.as_nobody().get("/v1/inbound-webhooks")).status_code == 401
    listed = (await api.as_user("member").get("/v1/inbound-webhooks")).json()["items"]
    assert [(each["id"], "secret" in each) for each in listed] == [(webhook, False)]
    taken = await api.as_user("owner").post("/v1/inbound-webhooks", json={"name": "tickets"})
    assert taken.status_code == 409
