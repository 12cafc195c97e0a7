"""E-mail notices: an owner names addresses, one message tells of what waits, and no request of the link decides."""

from collections.abc import AsyncIterator
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from typing import Any
from uuid import uuid4

import pytest

from control_plane.console.pages import approval
from control_plane.console.paths import APPROVAL, ROOT
from control_plane.jobs.event_delivery import JOB
from services.tools.email import SmtpServer
from tests.control_plane.api.conftest import OPERATOR, Api
from tests.control_plane.api.deciding import ask_people, propose_and_ask
from tests.control_plane.api.test_webhooks import delivering
from tests.tools.smtp import Mailbox, mail_server, settings_for
from tests.worker.world import eventually

PAGE = "https://console.example.com/approvals/{envelope_id}"
BODY = {"addresses": ["ann@acme.example", "bob@acme.example"], "event_types": ["approval.requested"]}
NOTICES = "/v1/email/notices"


@pytest.fixture
async def mailbox(api: Api) -> AsyncIterator[Mailbox]:
    async with mail_server() as started:
        api.app.state.notice_server = settings_for(started.port, recipient_domains=["acme.example"])
        yield started


def servers(api: Api) -> dict[str, SmtpServer]:
    return {"notices": api.app.state.notice_server}


def texts(mailbox: Mailbox) -> list[str]:
    contents = [each.content for each in mailbox.received if isinstance(each.content, bytes)]
    return [str(message_from_bytes(each, policy=default).get_content()) for each in contents]


async def create(api: Api, **fields: Any) -> dict[str, Any]:
    created = await api.as_user("owner").post(NOTICES, json=BODY | fields)
    assert created.status_code == 201, created.text
    answered: dict[str, Any] = created.json()
    return answered


def test_the_page_to_which_notices_link_is_one_of_the_console() -> None:
    assert f"{ROOT}{approval.router.prefix}" == APPROVAL


async def test_people_are_told_once_of_several_calls_that_wait(api: Api, mailbox: Mailbox) -> None:
    created = await create(api)
    assert created["addresses"] == BODY["addresses"]
    await ask_people(api)
    asked = [await propose_and_ask(api, external_id=f"order-{n}") for n in range(2)]
    await JOB.run(api.app.state.job_context)
    async with delivering(api, smtp_servers=servers(api), approval_url=PAGE):
        await eventually(lambda: len(mailbox.received) == 1)
    [text] = texts(mailbox)
    for each in asked:
        assert f"Sign in and decide: https://console.example.com/approvals/{each['envelope']['id']}" in text
    assert mailbox.received[0].rcpt_tos == BODY["addresses"]


async def test_a_call_that_was_decided_before_is_not_asked_for(api: Api, mailbox: Mailbox) -> None:
    await create(api)
    await ask_people(api)
    asked = await propose_and_ask(api)
    body = {"digest": asked["digest"], "code": "too_risky", "reason": "no"}
    rejected = await api.as_user("reviewer").post(f"/v1/approvals/{asked['envelope']['id']}/reject", json=body)
    assert rejected.status_code == 200
    report = await JOB.run(api.app.state.job_context)
    assert (report.counts, mailbox.received) == ({"enqueued": 0}, [])


async def test_a_secret_argument_is_in_no_message(api: Api, mailbox: Mailbox) -> None:
    tools = await api.access.operator.catalog.list_tools(api.tenant)
    secret = {"type": "object", "properties": {"text": {"type": "string", "format": "password"}}}
    await api.access.operator.catalog.save([replace(each, schema=secret) for each in tools], actor=OPERATOR)
    await create(api)
    await ask_people(api)
    await propose_and_ask(api, arguments={"text": "s3cret words"})
    await JOB.run(api.app.state.job_context)
    async with delivering(api, smtp_servers=servers(api)):
        await eventually(lambda: len(mailbox.received) == 1)
    [text] = texts(mailbox)
    assert ("s3cret" in text, "[redacted]" in text) == (False, True)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"addresses": ["ann@evil.example"]}, "is in none of the domains to which notices may be sent"),
        ({"addresses": ["ann@acme.example\n"]}, "is not an address"),
        ({"addresses": ["Ann <ann@acme.example>"]}, "is not an address"),
        ({"addresses": []}, "addresses"),
        ({"addresses": ["ann@acme.example"] * 21}, "addresses"),
        ({"event_types": ["approval.nothing"]}, "event_types"),
        ({"bcc": ["ann@acme.example"]}, "bcc"),
    ],
)
async def test_a_mistake_is_refused_by_field(api: Api, mailbox: Mailbox, fields: Any, problem: str) -> None:
    assert mailbox.port
    refused = await api.as_user("owner").post(NOTICES, json=BODY | fields)
    assert (refused.status_code, problem in refused.text) == (422, True), refused.text


async def test_without_a_server_nobody_can_subscribe(api: Api) -> None:
    refused = await api.as_user("owner").post(NOTICES, json=BODY)
    assert refused.status_code == 503
    assert "add 'notices' to ACP_SMTP_SERVERS" in refused.json()["detail"]


async def test_a_notice_is_tested_listed_and_deleted_by_owners_of_its_tenant_alone(api: Api, mailbox: Mailbox) -> None:
    assert mailbox.port
    notice = (await create(api))["id"]
    owner, foreign = api.as_user("owner"), api.as_user("owner", tenant=api.other_tenant)
    assert (await api.as_user("member").post(NOTICES, json=BODY)).status_code == 403
    assert [each["id"] for each in (await api.as_user("member").get(NOTICES)).json()["items"]] == [notice]
    assert (await foreign.get(NOTICES)).json()["items"] == []
    assert (await foreign.post(f"{NOTICES}/{notice}/test")).status_code == 404
    assert (await owner.post(f"/v1/slack/notices/{notice}/test")).status_code == 404
    assert (await owner.post(f"{NOTICES}/{notice}/test")).status_code == 202
    again = await owner.post(f"{NOTICES}/{notice}/test")
    assert (again.status_code, "in the last minute" in again.json()["detail"]) == (409, True)
    assert (await owner.post(f"{NOTICES}/{notice}/enable")).json()["disabled_at"] is None
    assert (await owner.request("DELETE", f"{NOTICES}/{uuid4()}")).status_code == 404
    assert (await owner.request("DELETE", f"{NOTICES}/{notice}")).status_code == 204
    assert (await owner.get(NOTICES)).json()["items"] == []
