"""Propose, list, read, explain, cancel and resolve envelopes over HTTP."""

from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from control_plane.api.app import create_app
from control_plane.api.pages import Cursors
from control_plane.auth import make_local_verifier
from services.envelope import Status
from services.outbox import Disposition, Settlement
from services.outbox.lists import EnvelopeFilter
from tests.control_plane.api.conftest import KEYS, Api, Client, a_proposal

MINUTE = timedelta(minutes=1)
ID = str(UUID(int=1))


async def test_an_agent_proposes_and_reads_what_became_of_it(api: Api) -> None:
    agent = await api.as_agent()

    proposed = await agent.post("/v1/envelopes", json=a_proposal(external_id="order-17"))

    body = proposed.json()
    assert (proposed.status_code, body["created"], body["envelope"]["status"]) == (201, True, "pending")
    assert body["envelope"]["tenant_id"] == str(api.tenant)
    read = await agent.get(proposed.headers["location"])
    assert (read.status_code, read.json()) == (200, body["envelope"])


async def test_the_same_key_is_the_same_envelope_and_another_call_under_it_is_a_conflict(api: Api) -> None:
    agent = await api.as_agent()
    first = await agent.post("/v1/envelopes", json=a_proposal(external_id="one"))

    again = await agent.post("/v1/envelopes", json=a_proposal(external_id="one"))
    other = await agent.post("/v1/envelopes", json=a_proposal(external_id="one", arguments={"text": "bye"}))

    assert (again.status_code, again.json()["created"]) == (200, False)
    assert again.json()["envelope"]["id"] == first.json()["envelope"]["id"]
    assert other.status_code == 409


async def test_the_header_is_the_key(api: Api) -> None:
    agent = await api.as_agent()
    proposal = a_proposal()
    del proposal["external_id"]

    proposed = await agent.post("/v1/envelopes", json=proposal, headers={"Idempotency-Key": "from-header"})
    differs = await agent.post("/v1/envelopes", json=a_proposal(), headers={"Idempotency-Key": "from-header"})

    assert proposed.json()["envelope"]["external_id"] == "from-header"
    assert (differs.status_code, differs.json()["errors"][0]["field"]) == (422, "external_id")


async def test_a_malformed_proposal_names_every_field_and_repeats_no_value(api: Api) -> None:
    agent = await api.as_agent()

    refused = await agent.post(
        "/v1/envelopes", json={"tool": "SLACK__chat.post", "arguments": {"text": 5}, "external_id": "s3cret" * 60}
    )

    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    assert {error["field"] for error in refused.json()["errors"]} == {"tool", "tool_slug", "external_id"}
    assert "s3cret" not in refused.text


async def test_a_number_that_a_float_would_change_is_refused(api: Api) -> None:
    agent = await api.as_agent()
    body = '{"tool_slug": "SLACK__chat.post", "external_id": "1", "arguments": {"amount": 12345678901234567.89}}'

    refused = await agent.post("/v1/envelopes", content=body, headers={"Content-Type": "application/json"})

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "arguments.amount")


async def test_a_batch_takes_what_is_right_and_names_what_is_not(api: Api) -> None:
    agent = await api.as_agent()

    answer = await agent.post(
        "/v1/envelopes/batch", json={"envelopes": [a_proposal(), a_proposal(tool_slug="NO__tool"), {"x": 1}, 5]}
    )

    assert [item["status"] for item in answer.json()["items"]] == [201, 404, 422, 422]


async def test_pages_neither_skip_nor_repeat_while_others_are_proposed(api: Api) -> None:
    agent = await api.as_agent()
    proposed = [(await agent.post("/v1/envelopes", json=a_proposal())).json()["envelope"]["id"] for _ in range(7)]
    seen, after = [], None
    while True:
        params = {"limit": 3, **({"after": after} if after else {})}
        page = (await agent.get("/v1/envelopes", params=params)).json()
        seen += [envelope["id"] for envelope in page["items"]]
        await agent.post("/v1/envelopes", json=a_proposal())
        if (after := page["next"]) is None:
            break

    assert seen == proposed[::-1]


async def test_a_cursor_of_another_list_or_another_tenant_is_refused(api: Api) -> None:
    owner, other = api.as_user(), api.as_user(tenant=api.other_tenant)
    for _ in range(3):
        await owner.post("/v1/envelopes", json=a_proposal())
    cursor = (await owner.get("/v1/envelopes", params={"limit": 1})).json()["next"]

    answers = [
        await owner.get("/v1/envelopes", params={"limit": 1, "after": cursor}),
        await owner.get("/v1/envelopes", params={"after": cursor, "status": "pending"}),
        await other.get("/v1/envelopes", params={"after": cursor}),
        await owner.get("/v1/envelopes", params={"after": "AAAA"}),
        await owner.get("/v1/envelopes", params={"after": "ü"}),
    ]

    assert [answer.status_code for answer in answers] == [200, 400, 400, 400, 400]


async def test_another_replica_goes_on_from_a_cursor(api: Api) -> None:
    for _ in range(3):
        await api.as_user().post("/v1/envelopes", json=a_proposal())
    first = (await api.as_user().get("/v1/envelopes", params={"limit": 1})).json()
    replica = create_app(api.access, make_local_verifier(KEYS))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(replica), base_url="http://replica") as http:
        left = await Client(http, api.as_user().token).get("/v1/envelopes", params={"after": first["next"]})
    assert len({item["id"] for item in [*first["items"], *left.json()["items"]]}) == 3


@pytest.mark.parametrize(
    "end",
    [
        ("yesterday", ID), ("2026-01-01T00:00:00Z", "x"), ("0001-01-01T00:00:00+23:59", ID),
        ("9999-12-31T23:59:59-23:59", ID), ("2026-01-01T00:00:00Z\0", ID), ("\ud800", ID),
    ],
)  # fmt: skip
async def test_a_cursor_that_somebody_made_up_is_refused(api: Api, end: tuple[str, str]) -> None:
    made_up = Cursors("envelopes", api.tenant, None, EnvelopeFilter()).write_key(*end)
    answer = await api.as_user().get("/v1/envelopes", params={"after": made_up})
    assert (answer.status_code, answer.json()["detail"][:33]) == (400, "after: is not a cursor of this li")


async def test_a_cursor_that_is_too_long_is_refused(api: Api) -> None:
    answer = await api.as_user().get("/v1/envelopes", params={"after": "A" * 9004})
    assert (answer.status_code, answer.json()["detail"][:33]) == (400, "after: is not a cursor of this li")


async def test_filters_narrow_the_list(api: Api) -> None:
    owner = api.as_user()
    for key in ("a", "b"):
        await owner.post("/v1/envelopes", json=a_proposal(external_id=key))

    by_key = await owner.get("/v1/envelopes", params={"external_id": "b"})
    by_status = await owner.get("/v1/envelopes", params={"status": "success"})
    by_tool = await owner.get("/v1/envelopes", params={"tool_slug": "SLACK__chat.post"})

    assert [envelope["external_id"] for envelope in by_key.json()["items"]] == ["b"]
    assert by_status.json()["items"] == []
    assert len(by_tool.json()["items"]) == 2


async def test_another_tenants_envelope_is_not_found_in_any_way(api: Api) -> None:
    owner, stranger = api.as_user(), api.as_user(tenant=api.other_tenant)
    envelope = (await owner.post("/v1/envelopes", json=a_proposal())).json()["envelope"]["id"]
    path = f"/v1/envelopes/{envelope}"

    answers = [
        await stranger.get(path),
        await stranger.get(path, params={"tenant_id": str(api.tenant)}),
        await stranger.get(f"{path}/explanation"),
        await stranger.post(f"{path}/cancel"),
        await stranger.post(f"{path}/resolve", json={"decision": "success"}),
        await stranger.post("/v1/envelopes", json=a_proposal(tenant_id=str(api.tenant))),
        await stranger.get("/v1/envelopes", params={"tenant_id": str(api.tenant)}),
    ]

    assert [answer.status_code for answer in answers] == [404] * 7
    assert (await stranger.get("/v1/envelopes")).json()["items"] == []


async def test_a_search_narrows_by_proposer_time_and_words(api: Api) -> None:
    owner = api.as_user(sub="olga")
    first = (await owner.post("/v1/envelopes", json=a_proposal())).json()["envelope"]
    second = (await (await api.as_agent()).post("/v1/envelopes", json=a_proposal())).json()["envelope"]

    async def found(**params: str) -> list[str]:
        return [item["id"] for item in (await owner.get("/v1/envelopes", params=params)).json()["items"]]

    assert await found(proposed_by="agent:bot") == [second["id"]]
    assert await found(words=first["external_id"]) == await found(words=first["id"]) == [first["id"]]
    assert await found(words="slack", until=second["created_at"]) == [first["id"]]
    assert await found(since=second["created_at"], external_id=first["external_id"]) == []
    assert await found(objective_id=first["id"]) == []
    mixed = await owner.get("/v1/envelopes", params={"status": "failed", "proposed_by": "agent:bot"})
    assert (mixed.status_code, mixed.json()["errors"][0]["field"]) == (422, "status")


async def test_an_operator_names_the_tenant_of_one_envelope_and_lists_all(api: Api) -> None:
    owner, maria = api.as_user(), api.as_operator()
    envelope = (await owner.post("/v1/envelopes", json=a_proposal())).json()["envelope"]["id"]

    unnamed = await maria.get(f"/v1/envelopes/{envelope}")
    named = await maria.get(f"/v1/envelopes/{envelope}", params={"tenant_id": str(api.tenant)})
    everything = await maria.get("/v1/envelopes")

    assert (unnamed.status_code, named.status_code) == (422, 200)
    assert [item["id"] for item in everything.json()["items"]] == [envelope]


async def test_a_wait_ends_when_the_envelope_is_over(api: Api) -> None:
    agent = await api.as_agent()
    envelope = (await agent.post("/v1/envelopes", json=a_proposal())).json()["envelope"]["id"]
    outbox = api.access.operator.outbox
    [claimed] = await outbox.claim("worker", limit=1, lease_for=MINUTE)
    settlement = Settlement(
        lease=claimed.lease, envelope_id=claimed.envelope.id, to=Disposition.SUCCESS, result={"ok": True}
    )
    await outbox.settle("worker", [settlement])

    waited = await agent.get(f"/v1/envelopes/{envelope}", params={"wait": 60})

    assert (waited.json()["status"], waited.json()["result"]) == (Status.SUCCESS, {"ok": True})


async def test_a_cancelled_envelope_names_who_cancelled_it_and_through_which_door(api: Api) -> None:
    agent, owner = await api.as_agent(), api.as_user()
    envelope = (await agent.post("/v1/envelopes", json=a_proposal())).json()["envelope"]["id"]

    cancelled = await agent.post(f"/v1/envelopes/{envelope}/cancel", json={"reason": "changed my mind"})
    again = await owner.post(f"/v1/envelopes/{envelope}/cancel")

    assert (cancelled.json()["status"], again.status_code) == ("cancelled", 409)
    rows = await api.access.operator.audit_log.tail(api.tenant, limit=1)
    [entry] = [row.entry for row in rows]
    assert (entry.category, entry.actor.type, entry.actor.id) == ("envelope.cancelled", "agent", "bot")
    assert entry.payload["door"] == "api"


async def test_an_unknown_id_is_not_found(api: Api) -> None:
    answer = await api.as_user().get(f"/v1/envelopes/{uuid4()}")
    assert (answer.status_code, answer.json()["title"]) == (404, "Not found")
