"""Webhooks: owners subscribe, events arrive signed at a real receiver, and nobody else sees or changes them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from control_plane.jobs import make_context
from control_plane.jobs.event_delivery import JOB
from control_plane.settings import read_settings
from services.outbox import Proposal
from services.subscriptions.secrets import signing_secret
from tests.control_plane.api.conftest import OPERATOR, WEBHOOK_KEY, Api, Client, a_proposal
from tests.control_plane.api.deciding import ask_people, propose_and_ask
from tests.control_plane.api.test_description import event_validator
from tests.tools.servers import HttpServer, answer
from tests.worker.builders import worker_options
from tests.worker.world import at_work, eventually
from worker.loop import Worker

URL = "https://example.com/hooks"


@pytest.fixture
async def receiver() -> AsyncIterator[HttpServer]:
    async with HttpServer() as started:
        yield started


async def create(client: Client, url: str = URL, *event_types: str) -> dict[str, Any]:
    body = {"url": url, "event_types": event_types or ["envelope.*", "approval.*"]}
    created = await client.post("/v1/webhooks", json=body)
    assert created.status_code == 201, created.text
    answered: dict[str, Any] = created.json()
    return answered


async def run_job(api: Api) -> None:
    context = make_context(read_settings(), api.access.operator, api.app.state.job_context.tools)
    report = await JOB.run(context)
    assert report.problem is None


@asynccontextmanager
async def delivering(api: Api, **settings: Any) -> AsyncIterator[None]:
    """A worker with the real HTTP provider, which may call this machine."""
    chosen = read_settings(**{"webhook_key": WEBHOOK_KEY, "allowed_hosts": ("127.0.0.1",), **settings})
    async with chosen.tools() as tools:
        worker = Worker(
            backends=api.access.operator, tools=tools, options=worker_options(), worker_id="w", tenant=api.tenant
        )
        async with at_work(worker):
            yield


async def received(receiver: HttpServer, count: int) -> None:
    await eventually(lambda: len(receiver.requests) >= count)


async def test_events_arrive_signed_in_their_order_and_as_described(api: Api, receiver: HttpServer) -> None:
    created = await create(api.as_user("owner"), receiver.url)
    await ask_people(api)
    asked = await propose_and_ask(api)
    await run_job(api)
    async with delivering(api):
        await received(receiver, 2)
        await eventually(lambda: nothing_waits(api))

    events = [Webhook(created["secret"]).verify(each.body, dict(each.headers)) for each in receiver.requests]
    assert [event["type"] for event in events] == ["envelope.proposed", "approval.requested"]
    assert {event["data"]["envelope_id"] for event in events} == {asked["envelope"]["id"]}
    assert events[1]["data"]["digest"] == asked["digest"]
    assert [each.headers["webhook-id"] for each in receiver.requests] == [event["id"] for event in events]
    for event in events:
        event_validator(api.app.openapi()).validate(event)
    await run_job(api)  # what the deliveries themselves wrote is no event
    assert await nothing_waits(api)


async def nothing_waits(api: Api) -> bool:
    listed = await api.access.operator.outbox.list_envelopes(api.tenant, status=None, limit=100)
    return all(each.status != "pending" for each in listed)


async def test_an_event_is_sent_again_under_the_same_id_until_it_is_taken(
    api: Api, receiver: HttpServer, database_url: str
) -> None:
    await create(api.as_user("owner"), receiver.url, "envelope.proposed")
    receiver.behave = answer(500)
    await (await api.as_agent()).post("/v1/envelopes", json=a_proposal())
    await run_job(api)
    async with delivering(api):
        await received(receiver, 1)
        await eventually(lambda: retried(api))
        receiver.behave = answer(204)
        taken_from = len(receiver.requests) + 1  # retries wait a random time, so another may have come by now
        make_due(database_url)
        await received(receiver, taken_from)
        await eventually(lambda: settled(api))

    assert len({(each.headers["webhook-id"], each.body) for each in receiver.requests}) == 1


async def delivery(api: Api) -> Any:
    listed = await api.access.operator.outbox.list_envelopes(api.tenant, status=None, limit=100)
    return next(each for each in listed if each.tool_slug.startswith("control_plane__event."))


async def retried(api: Api) -> bool:
    return bool((await delivery(api)).attempts >= 1)


async def settled(api: Api) -> bool:
    return bool((await delivery(api)).status == "success")


def make_due(database_url: str) -> None:
    """Let the moment of every retry come."""
    with psycopg.connect(database_url) as connection:
        connection.execute("update public.outbox set next_run_at = now() where attempts > 0 and status = 'pending'")
        connection.execute("update app_private.lanes set ready_at = now() where ready_at > now()")


async def test_after_a_rotation_both_secrets_verify_and_the_old_one_alone_does_not_know_the_new(
    api: Api, receiver: HttpServer
) -> None:
    owner = api.as_user("owner")
    created = await create(owner, receiver.url)
    webhook = created["webhook"]["id"]
    rotated = (await owner.post(f"/v1/webhooks/{webhook}/rotate-secret")).json()
    assert rotated["secret"] != created["secret"]
    assert rotated["webhook"]["secret_version"] == 2

    sent = await owner.post(f"/v1/webhooks/{webhook}/test")
    assert sent.status_code == 202
    async with delivering(api):
        await received(receiver, 1)
    [request] = receiver.requests
    for secret in (created["secret"], rotated["secret"]):
        event = Webhook(secret).verify(request.body, dict(request.headers))
        assert event["type"] == "webhook.test"
        event_validator(api.app.openapi()).validate(event)
    other = signing_secret(WEBHOOK_KEY, api.other_tenant, UUID(webhook), 2)
    with pytest.raises(WebhookVerificationError):
        Webhook(other).verify(request.body, dict(request.headers))


async def test_no_event_reaches_our_own_network(api: Api, receiver: HttpServer) -> None:
    created = await create(api.as_user("owner"), receiver.url)
    await api.as_user("owner").post(f"/v1/webhooks/{created['webhook']['id']}/test")
    async with delivering(api, allowed_hosts=()):
        await eventually(lambda: has_dead_letter(api))
    assert receiver.requests == []


async def has_dead_letter(api: Api) -> bool:
    dead = await api.access.operator.outbox.list_dead_letters(api.tenant, limit=10)
    return [each.last_error for each in dead] == [
        "config.url: 127.0.0.1 is a loopback address; name it in ACP_ALLOWED_HOSTS if calls may go there"
    ]


async def test_a_worker_without_the_key_keeps_the_event(api: Api, receiver: HttpServer) -> None:
    created = await create(api.as_user("owner"), receiver.url)
    await api.as_user("owner").post(f"/v1/webhooks/{created['webhook']['id']}/test")
    async with delivering(api, webhook_key=None):
        await eventually(lambda: held(api))
    assert receiver.requests == []


async def held(api: Api) -> bool:
    found = await delivery(api)
    return bool((found.status, found.attempts, found.last_error) == ("pending", 0, "ACP_WEBHOOK_KEY is not set"))


async def test_an_agent_cannot_send_an_event_of_its_own(api: Api, receiver: HttpServer) -> None:
    created = await create(api.as_user("owner"), receiver.url)
    forged = {"id": "evt_forged", "type": "approval.approved", "data": {}}
    slug = f"control_plane__event.{created['webhook']['id']}"
    proposed = await (await api.as_agent()).post(
        "/v1/envelopes", json=a_proposal(tool_slug=slug, arguments=forged)
    )  # fmt: skip
    assert proposed.status_code == 403
    proposal = Proposal(id=uuid4(), tenant_id=api.tenant, tool_slug=slug, external_id="forged", arguments=forged)
    await api.access.operator.outbox.enqueue([proposal], actor=OPERATOR)  # not even whoever may call SQL
    async with delivering(api):
        await eventually(lambda: is_denied(api))
    assert receiver.requests == []


async def test_an_agent_cannot_delay_events(api: Api) -> None:
    metadata = {"ordering_key": f"control_plane:event:{uuid4()}:0"}
    refused = await (await api.as_agent()).post("/v1/envelopes", json=a_proposal(metadata=metadata))
    assert refused.status_code == 403


async def test_nobody_edits_an_event(api: Api, receiver: HttpServer) -> None:
    owner = api.as_user("owner")
    created = await create(owner, receiver.url)
    receiver.behave = answer(404)
    sent = (await owner.post(f"/v1/webhooks/{created['webhook']['id']}/test")).json()["envelope_id"]
    async with delivering(api):
        await eventually(lambda: has_gone_dead(api))
    edited = {"arguments": {"id": "evt_forged", "type": "approval.approved", "data": {}}}
    refused = await owner.post(f"/v1/dead-letters/{sent}/requeue-edited", json=edited)
    assert (refused.status_code, "nobody may edit an event" in refused.json()["detail"]) == (409, True)


async def has_gone_dead(api: Api) -> bool:
    return len(await api.access.operator.outbox.list_dead_letters(api.tenant, limit=10)) == 1


async def is_denied(api: Api) -> bool:
    dead = await api.access.operator.outbox.list_dead_letters(api.tenant, limit=10)
    return [each.status for each in dead] == ["denied"]


@pytest.mark.parametrize("role", ["reviewer", "member", None])
async def test_only_owners_change_webhooks(api: Api, role: str | None) -> None:
    webhook = (await create(api.as_user("owner")))["webhook"]["id"]
    other = api.as_user(role)
    assert (await other.post("/v1/webhooks", json={"url": URL, "event_types": ["envelope.*"]})).status_code == 403
    for action in ("rotate-secret", "enable", "test"):
        assert (await other.post(f"/v1/webhooks/{webhook}/{action}")).status_code == 403
    assert (await other.delete(f"/v1/webhooks/{webhook}")).status_code == 403
    listed = (await other.get("/v1/webhooks")).json()["items"]
    assert [each["id"] for each in listed] == [webhook]


async def test_agents_and_strangers_get_nothing(api: Api) -> None:
    await create(api.as_user("owner"))
    assert (await (await api.as_agent()).get("/v1/webhooks")).status_code == 403
    assert (await api.as_nobody().get("/v1/webhooks")).status_code == 401


async def test_webhooks_of_another_tenant_are_not_found(api: Api) -> None:
    webhook = (await create(api.as_user("owner")))["webhook"]["id"]
    stranger = api.as_user("owner", tenant=api.other_tenant)
    for action in ("rotate-secret", "enable", "test"):
        assert (await stranger.post(f"/v1/webhooks/{webhook}/{action}")).status_code == 404
    assert (await stranger.delete(f"/v1/webhooks/{webhook}")).status_code == 404
    assert (await stranger.get("/v1/webhooks", params={"tenant_id": str(api.tenant)})).status_code == 404
    assert (await stranger.get("/v1/webhooks")).json() == {"items": []}
    assert (await api.as_user("owner").post(f"/v1/webhooks/{uuid4()}/test")).status_code == 404


async def test_an_operator_does_all_of_it_for_a_named_tenant(api: Api) -> None:
    operator, named = api.as_operator(), {"tenant_id": str(api.tenant)}
    body = {"url": URL, "event_types": ["envelope.failed"]}
    assert (await operator.post("/v1/webhooks", json=body)).status_code == 422
    created = await operator.post("/v1/webhooks", json=body, params=named)
    path = f"/v1/webhooks/{created.json()['webhook']['id']}"
    assert (await operator.post(f"{path}/rotate-secret", params=named)).status_code == 200
    assert (await operator.post(f"{path}/enable", params=named)).status_code == 200
    assert (await operator.delete(path, params=named)).status_code == 204
    assert (await operator.get("/v1/webhooks", params=named)).json() == {"items": []}


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("url", {"url": "ftp://example.com"}),
        ("url", {"url": "https://"}),
        ("url", {"url": "https://a b"}),
        ("url", {"url": "https://me:pass@example.com/"}),
        ("url", {"url": "https://example.com:99999/"}),
        ("event_types", {"event_types": []}),
        ("event_types", {"event_types": ["envelope.nothing"]}),
        ("event_types", {"event_types": ["*"]}),
    ],
)
async def test_bad_input_is_refused_by_field_name(api: Api, field: str, body: dict[str, Any]) -> None:
    full = {"url": URL, "event_types": ["envelope.*"], **body}
    refused = await api.as_user("owner").post("/v1/webhooks", json=full)
    assert refused.status_code == 422
    assert [each["field"] for each in refused.json()["errors"]] == [field]


async def test_the_secret_is_shown_once_and_stored_nowhere(api: Api, database_url: str) -> None:
    owner = api.as_user("owner")
    secret = (await create(owner))["secret"]
    assert secret not in (await owner.get("/v1/webhooks")).text
    with psycopg.connect(database_url) as connection:
        rows = connection.execute(
            "select s::text from public.event_subscriptions as s union all select a::text from public.audit_log as a"
        ).fetchall()
    assert rows
    assert secret.removeprefix("whsec_") not in str(rows)


async def test_without_a_key_no_webhook_is_created(api: Api) -> None:
    api.app.state.webhook_key = None
    refused = await api.as_user("owner").post("/v1/webhooks", json={"url": URL, "event_types": ["envelope.*"]})
    assert (refused.status_code, "ACP_WEBHOOK_KEY" in refused.json()["detail"]) == (503, True)
    assert (await api.as_user("owner").get("/v1/webhooks")).json() == {"items": []}
