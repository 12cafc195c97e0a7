"""Slack: approvals are asked for in a channel, and a mapped person decides there, once, about what was shown."""

import json
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from control_plane.jobs.approval_reminders import JOB as REMINDERS
from control_plane.jobs.event_delivery import JOB
from services.approvals import GIVEN_BY_PEOPLE, RejectionCode
from services.subscriptions.notices import MAX_CALL_LENGTH
from services.tools.http.slack import CODES
from tests.control_plane.api.conftest import Api, Client
from tests.control_plane.api.deciding import ask_people, propose_and_ask, work
from tests.control_plane.api.test_webhooks import delivering, delivery
from tests.tools.slack import Slack, elements_of, sign
from tests.worker.world import eventually

PAGE = "https://console.example.com/approvals/{envelope_id}"
TYPES = ["approval.requested", "approval.approved"]


@pytest.fixture
async def slack(api: Api) -> AsyncIterator[Slack]:
    async with Slack() as started:
        api.app.state.slack_apps = {"acme": started.app(api.tenant), "zebra": started.app(api.other_tenant)}
        yield started


async def subscribe(api: Api) -> None:
    body = {"app": "acme", "channel": "C1", "event_types": TYPES}
    created = await api.as_user("owner").post("/v1/slack/notices", json=body)
    assert created.status_code == 201, created.text


async def asked_in_slack(api: Api, slack: Slack, **proposal: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """An approval that waits, and the message that asks for it."""
    await subscribe(api)
    await ask_people(api)
    asked = await propose_and_ask(api, **proposal)
    await JOB.run(api.app.state.job_context)
    async with delivering(api, slack_apps=api.app.state.slack_apps, approval_url=PAGE):
        await eventually(lambda: len(slack.messages) == 1)
    return asked, slack.messages[0]


def texts(message: dict[str, Any]) -> str:
    return json.dumps(message["blocks"], ensure_ascii=False)


async def map_user(api: Api, user_id: str = "maria", slack_user: str = "U1") -> None:
    saved = await api.as_user("owner").request("PUT", f"/v1/slack/users/acme/{slack_user}", json={"user_id": user_id})
    assert saved.status_code == 200, saved.text


def button(message: dict[str, Any], action: str = "approve", **changes: Any) -> dict[str, Any]:
    found = next(each for each in elements_of(message) if each["action_id"] == action)
    return {"action_id": action, "block_id": found["block_id"], **changes}


async def clicked(
    api: Api, slack: Slack, action: dict[str, Any], *, app: str = "acme", **click: Any
) -> tuple[int, dict[str, Any] | None]:
    """Status of the answer, and what the person is told."""
    body, headers = slack.click(action, **click)
    return await send(api, slack, body, headers, app=app)


async def send(
    api: Api, slack: Slack, body: bytes, headers: dict[str, str], *, app: str = "acme"
) -> tuple[int, dict[str, Any] | None]:
    before = len(slack.replies)
    answered = await api.http.post(f"/signed/slack/{app}/interactions", content=body, headers=headers)
    return answered.status_code, slack.replies[-1] if len(slack.replies) > before else None


@pytest.fixture(autouse=True)
def _tools_may_call_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACP_ALLOWED_HOSTS", '["127.0.0.1"]')


async def test_a_person_approves_in_slack_what_the_message_showed(api: Api, slack: Slack) -> None:
    asked, message = await asked_in_slack(api, slack)
    await map_user(api)

    status, reply = await clicked(api, slack, button(message))

    assert (status, reply and reply["replace_original"]) == (200, True)
    assert reply is not None
    assert "Approved by maria" in reply["text"]
    history = (await api.as_operator().get(
        f"/v1/approvals/{asked['envelope']['id']}", params={"tenant_id": str(api.tenant)}
    )).json()  # fmt: skip
    assert [(record["decision"], record["decided_by"]) for record in history["items"]] == [("approved", "maria")]
    [row] = [
        row for row in await api.access.operator.audit_log.tail(api.tenant, limit=10)
        if row.entry.category == "envelope.approved"
    ]  # fmt: skip
    assert (row.entry.actor.type, row.entry.actor.id) == ("user", "maria")
    assert len(await work(api)) >= 1


async def test_a_click_that_is_sent_again_decides_nothing_more(api: Api, slack: Slack) -> None:
    _, message = await asked_in_slack(api, slack)
    await map_user(api)
    body, headers = slack.click(button(message))
    assert (await send(api, slack, body, headers))[0] == 200

    status, reply = await send(api, slack, body, headers)

    assert status == 200
    assert reply is not None
    assert "was already approved by maria at" in reply["text"]


async def test_who_comes_late_learns_who_decided_and_when(api: Api, slack: Slack) -> None:
    asked, message = await asked_in_slack(api, slack)
    await map_user(api)
    body = {"digest": asked["digest"], "code": "too_risky", "reason": "no"}
    reviewer = api.as_user("reviewer", sub="nina")
    assert (await reviewer.post(f"/v1/approvals/{asked['envelope']['id']}/reject", json=body)).status_code == 200

    _, reply = await clicked(api, slack, button(message))

    assert reply is not None
    assert "was already rejected by nina at 20" in reply["text"]


async def test_a_stale_digest_decides_nothing(api: Api, slack: Slack) -> None:
    _, message = await asked_in_slack(api, slack)
    await map_user(api)
    found = button(message)
    envelope = found["block_id"].partition(":")[0]

    _, reply = await clicked(api, slack, {**found, "block_id": f"{envelope}:{'0' * 64}"})

    assert reply is not None
    assert "the call has changed since" in reply["text"]
    assert (await api.as_operator().get("/v1/approvals")).json()["items"] != []


async def test_a_rejection_has_the_chosen_code(api: Api, slack: Slack) -> None:
    asked, message = await asked_in_slack(api, slack)
    await map_user(api)
    options = [each["value"] for each in next(e for e in elements_of(message) if e["action_id"] == "reject")["options"]]
    assert set(options) == {code.value for code in GIVEN_BY_PEOPLE - {RejectionCode.ANSWERED}} == set(CODES)

    await clicked(api, slack, button(message, "reject", selected_option={"value": "wrong_time"}))

    rejected = await api.access.operator.outbox.get(api.tenant, asked["envelope"]["id"])
    assert (rejected.status, rejected.last_error) == ("rejected", "wrong_time: rejected in Slack")


async def test_an_unknown_slack_user_and_one_of_another_app_decide_nothing(api: Api, slack: Slack) -> None:
    _, message = await asked_in_slack(api, slack)
    await map_user(api, slack_user="U2")

    _, reply = await clicked(api, slack, button(message))
    assert reply is not None
    assert "nobody has said who U1 is" in reply["text"]
    assert not reply["replace_original"]

    zebra = api.as_user("owner", tenant=api.other_tenant)
    await zebra.request("PUT", "/v1/slack/users/zebra/U1", json={"user_id": "maria"})
    _, reply = await clicked(api, slack, button(message), app="zebra")  # with the tenant of that app
    assert reply is not None
    assert "Not decided" in reply["text"]
    assert len((await api.as_operator().get("/v1/approvals")).json()["items"]) == 1


async def test_the_proposer_cannot_approve_in_slack(api: Api, slack: Slack) -> None:
    _, message = await asked_in_slack(api, slack)
    await map_user(api, user_id="bot")
    _, reply = await clicked(api, slack, button(message))
    assert reply is not None
    assert "somebody else has to approve it" in reply["text"]


@pytest.mark.parametrize("spoiled", ["secret", "old", "future", "body", "unsigned", "no timestamp"])
async def test_a_request_that_slack_did_not_sign_just_now_is_401(api: Api, slack: Slack, spoiled: str) -> None:
    _, message = await asked_in_slack(api, slack)
    await map_user(api)
    now = int(time.time())
    at = {"old": now - 301, "future": now + 400}.get(spoiled)
    body, headers = slack.click(button(message), at=at, **({"secret": "x"} if spoiled == "secret" else {}))
    match spoiled:
        case "body":
            body += b"&more=1"
        case "unsigned":
            del headers["x-slack-signature"]
        case "no timestamp":
            del headers["x-slack-request-timestamp"]
    assert await send(api, slack, body, headers) == (401, None)
    assert len((await api.as_operator().get("/v1/approvals")).json()["items"]) == 1


@pytest.mark.parametrize("body", [b"", b"payload=5", b"payload={", b"payload=[]", b"\xff", b"payload=" + b"[" * 50_000])
async def test_a_signed_body_that_is_no_interaction_is_422(api: Api, slack: Slack, body: bytes) -> None:
    assert (await send(api, slack, *sign(body)))[0] == 422


async def test_a_click_on_the_link_changes_nothing(api: Api, slack: Slack) -> None:
    asked, message = await asked_in_slack(api, slack)
    link = next(each for each in elements_of(message) if each["action_id"] == "open")
    assert link["url"] == PAGE.replace("{envelope_id}", asked["envelope"]["id"])
    assert await clicked(api, slack, {"action_id": "open", "block_id": link["block_id"]}) == (200, None)
    other = {"payload": json.dumps({"type": "view_closed", "user": {"id": "U1"}})}
    assert await send(api, slack, *sign(urlencode(other).encode())) == (200, None)
    assert len((await api.as_operator().get("/v1/approvals")).json()["items"]) == 1


async def test_what_an_agent_writes_becomes_no_link_and_nothing_hidden(api: Api, slack: Slack) -> None:
    text = "<https://evil.test|click> <!channel> *bold* \u202egnp.exe"
    _, message = await asked_in_slack(api, slack, arguments={"text": text}, external_id="<@U1> & co")
    assert "\u202e" not in texts(message)
    assert "\\\\u{202e}" in texts(message)
    assert "hidden characters" in texts(message)
    assert all(block["text"]["type"] == "plain_text" for block in message["blocks"] if "text" in block)
    assert (message["mrkdwn"], message["parse"], message["unfurl_links"]) == (False, "none", False)
    assert "<" not in message["text"]


async def test_a_call_too_long_to_be_shown_whole_cannot_be_decided_in_slack(api: Api, slack: Slack) -> None:
    _, message = await asked_in_slack(api, slack, arguments={"text": "x" * MAX_CALL_LENGTH})
    assert [each["action_id"] for each in elements_of(message)] == ["open"]
    assert "read all of it on its page" in texts(message)


@pytest.mark.parametrize(
    ("step", "category", "title"),
    [
        ({}, "approval.reminded", "A call still waits for your decision"),
        ({"escalate_to": "owner"}, "approval.escalated", "A call has waited long for a decision"),
    ],
)
async def test_a_reminder_and_an_escalation_show_the_call_again_and_can_be_decided(
    api: Api, slack: Slack, step: dict[str, str], category: str, title: str
) -> None:
    await ask_people(api, approval_reminders={"default": [{"after_seconds": 1, **step}]})
    asked = await propose_and_ask(api)
    body = {"app": "acme", "channel": "C1", "event_types": ["approval.reminded", "approval.escalated"]}
    assert (await api.as_user("owner").post("/v1/slack/notices", json=body)).status_code == 201
    await eventually(lambda: reminded(api, category))
    await JOB.run(api.app.state.job_context)
    async with delivering(api, slack_apps=api.app.state.slack_apps):
        await eventually(lambda: len(slack.messages) == 1)
    [message] = slack.messages
    assert message["text"] == title
    assert button(message)["block_id"] == f"{asked['envelope']['id']}:{asked['digest']}"
    await map_user(api)
    _, reply = await clicked(api, slack, button(message))
    assert reply is not None
    assert "Approved by maria" in reply["text"]


async def reminded(api: Api, category: str) -> bool:
    await REMINDERS.run(api.app.state.job_context)
    rows = await api.access.operator.audit_log.tail(api.tenant, limit=3)
    return any(row.entry.category == category for row in rows)


async def test_nobody_is_asked_about_what_was_decided_meanwhile(api: Api, slack: Slack) -> None:
    await subscribe(api)
    await ask_people(api)
    asked = await propose_and_ask(api)
    body = {"digest": asked["digest"]}
    await api.as_user("reviewer").post(f"/v1/approvals/{asked['envelope']['id']}/approve", json=body)
    await JOB.run(api.app.state.job_context)
    async with delivering(api, slack_apps=api.app.state.slack_apps):
        await eventually(lambda: len(slack.messages) == 1)
    assert slack.messages[0]["text"] == "A call was approved"
    assert elements_of(slack.messages[0]) == []


@pytest.mark.parametrize(("error", "status"), [("channel_not_found", "failed"), ("ratelimited", "pending")])
async def test_a_message_that_slack_refuses_is_no_success(api: Api, slack: Slack, error: str, status: str) -> None:
    await subscribe(api)
    owner = api.as_user("owner")
    [notice] = (await owner.get("/v1/slack/notices")).json()["items"]
    slack.fails_with = error
    sent = await owner.post(f"/v1/slack/notices/{notice['id']}/test")
    async with delivering(api, slack_apps=api.app.state.slack_apps):
        await eventually(lambda: refused(api, sent.json()["envelope_id"], error, status))


async def refused(api: Api, envelope: str, error: str, status: str) -> bool:
    found = await api.access.operator.outbox.get(api.tenant, envelope)  # type: ignore[arg-type]  # its text
    return error in (found.last_error or "") and found.status == status


async def test_a_tenant_cannot_post_or_map_with_the_app_of_another(api: Api, slack: Slack) -> None:
    del slack
    owner = api.as_user("owner")
    body = {"app": "zebra", "channel": "C1", "event_types": TYPES}
    for response in (
        await owner.post("/v1/slack/notices", json=body),
        await owner.request("PUT", "/v1/slack/users/zebra/U1", json={"user_id": "maria"}),
    ):
        assert (response.status_code, response.json()["errors"][0]["field"]) == (422, "app")


async def every_change(client: Client) -> list[int]:
    """The statuses of everything that owners may do."""
    body = {"app": "acme", "channel": "C1", "event_types": TYPES}
    notice = f"/v1/slack/notices/{uuid4()}"
    answers = [
        await client.post("/v1/slack/notices", json=body),
        await client.request("PUT", "/v1/slack/users/acme/U1", json={"user_id": "maria"}),
        await client.delete("/v1/slack/users/acme/U9"),
        await client.post(f"{notice}/test"),
        await client.post(f"{notice}/enable"),
        await client.delete(notice),
    ]
    return [answer.status_code for answer in answers]


async def test_only_owners_change_notices_and_users(api: Api, slack: Slack) -> None:
    del slack
    for role in ("reviewer", "member"):
        assert (await every_change(api.as_user(role)))[:3] == [403, 403, 403]
    assert set(await every_change(await api.as_agent())) == {403}
    assert set(await every_change(api.as_nobody())) == {401}
    assert await every_change(api.as_user("owner")) == [201, 200, 404, 404, 404, 404]


async def test_notices_and_users_of_another_tenant_are_not_found(api: Api, slack: Slack) -> None:
    del slack
    await subscribe(api)
    await map_user(api)
    [notice] = (await api.as_user("member").get("/v1/slack/notices")).json()["items"]
    stranger = api.as_user("owner", tenant=api.other_tenant)
    assert (await stranger.get("/v1/slack/notices")).json() == (await stranger.get("/v1/slack/users")).json()
    assert (await stranger.delete(f"/v1/slack/notices/{notice['id']}")).status_code == 404
    assert (await stranger.post(f"/v1/webhooks/{notice['id']}/test")).status_code == 404
    assert (await api.as_user("owner").post(f"/v1/webhooks/{notice['id']}/test")).status_code == 404
    assert (await stranger.delete("/v1/slack/users/acme/U1")).status_code == 404
    deleted = await api.as_user("owner").delete("/v1/slack/users/acme/U1")
    assert deleted.status_code == 204


async def test_no_secret_of_a_slack_app_is_stored(api: Api, slack: Slack) -> None:
    await asked_in_slack(api, slack)
    found = await delivery(api)
    assert "xoxb" not in str(found)
