"""A notice by e-mail: what people read, what agents cannot put into it, and what happens without a server."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.catalog import Tool
from services.tools import Failed, Outcome, Success, Unknown
from services.tools.email import NOTICE_SERVER
from services.tools.email.provider import EmailProvider
from tests.tools.builders import TENANT, a_call
from tests.tools.smtp import DROP, READY, Mailbox, mail_server, only_message, scripted_server, settings_for, to_server

PAGE = "https://console.test/approvals/{tenant_id}/{envelope_id}"
ENVELOPE = "7e4a0000-0000-4000-8000-000000000001"


def a_request(**data: Any) -> dict[str, Any]:
    """The event of an approval that waits."""
    return {
        "id": "evt_1", "type": "approval.requested", "timestamp": "2026-11-30T09:00:00Z",
        "data": {
            "tool_slug": "DESK__send", "reason": "Its trust is too low.", "envelope_id": ENVELOPE, "digest": "d1",
            "call": '{\n "to": "ann"\n}', **data,
        },
    }  # fmt: skip


def a_digest(*events: dict[str, Any], not_shown: int = 0) -> dict[str, Any]:
    return {"id": "evt_2", "type": "digest", "data": {"events": list(events), "not_shown": not_shown}}


def to_people(target: str = "ann@b.example,bob@b.example") -> Tool:
    return replace(to_server(), idempotent=True, subscription_id=uuid4(), config={"kind": "email", "target": target})


async def told(mailbox: Mailbox, event: dict[str, Any], tool: Tool | None = None, **server: Any) -> Outcome:
    servers = {NOTICE_SERVER: settings_for(mailbox.port, **server)}
    async with asyncio.timeout(60), EmailProvider(servers, approval_url=PAGE) as email:
        return await email.execute(a_call(tool or to_people(), arguments=event))


async def test_a_request_is_shown_with_a_link_to_its_page_and_nothing_that_decides() -> None:
    async with mail_server() as mailbox:
        assert isinstance(await told(mailbox, a_request()), Success)
    message = only_message(mailbox)
    assert (message["Subject"], message["To"], message["Auto-Submitted"]) == (
        "A call waits for your decision: DESK__send", "ann@b.example, bob@b.example", "auto-generated",
    )  # fmt: skip
    assert message.get_content().split("-- ")[0].splitlines() == [
        "A call waits for your decision", "",
        "> Tool: DESK__send", "> Reason: Its trust is too low.", f"> Envelope: {ENVELOPE}",
        ">", "> {", '>  "to": "ann"', "> }", "",
        f"Sign in and decide: https://console.test/approvals/{TENANT}/{ENVELOPE}", "", "",
    ]  # fmt: skip


async def test_a_digest_counts_all_and_says_what_it_does_not_show() -> None:
    async with mail_server() as mailbox:
        digest = a_digest(a_request(), a_request(envelope_id=str(UUID(int=2))), not_shown=38)
        assert isinstance(await told(mailbox, digest), Success)
    message, text = only_message(mailbox), only_message(mailbox).get_content()
    assert message["Subject"] == "40 calls wait for your decision"
    assert text.count(f"Sign in and decide: https://console.test/approvals/{TENANT}/") == 2
    assert "38 more are not shown here: https://console.test/approvals" in text.splitlines()


async def test_events_of_several_kinds_are_events() -> None:
    async with mail_server() as mailbox:
        approved = {**a_request(), "type": "approval.approved"}
        assert isinstance(await told(mailbox, a_digest(a_request(), approved)), Success)
    assert only_message(mailbox)["Subject"] == "2 events"


async def test_what_agents_write_is_quoted_escaped_and_no_link() -> None:
    request = a_request(
        tool_slug="X__y\r\nBcc: eve@evil.example", reason="see https://evil.example/login\u202e",
        call='{\n "text": "https://evil.example"\n}', has_hidden_characters=True,
    )  # fmt: skip
    async with mail_server() as mailbox:
        assert isinstance(await told(mailbox, request), Success)
    message, text = only_message(mailbox), only_message(mailbox).get_content()
    assert message["Bcc"] is None
    assert message["Subject"] == r"A call waits for your decision: X__y\u{d}\u{a}Bcc: eve@evil.example"
    assert [line for line in text.splitlines() if "evil.example" in line] == [
        r"> Tool: X__y\u{d}\u{a}Bcc: eve@evil.example",
        r"> Reason: see https[:]//evil.example/login\u{202e}",
        '>  "text": "https[:]//evil.example"',
    ]
    assert "Warning: the call has hidden characters" in text
    assert mailbox.received[0].rcpt_tos == ["ann@b.example", "bob@b.example"]


async def test_a_long_call_has_to_be_read_on_its_page() -> None:
    async with mail_server() as mailbox:
        assert isinstance(await told(mailbox, a_request(call="x" * 2501)), Success)
    assert "read all of it on its page" in only_message(mailbox).get_content()


async def test_one_refused_address_does_not_keep_a_notice_from_the_others() -> None:
    async with mail_server() as mailbox:
        mailbox.refusals = {"bob@b.example": "550 5.1.1 gone"}
        outcome = await told(mailbox, a_request())
        assert isinstance(outcome, Success)
        assert outcome.result["refused_recipients"] == 1
        mailbox.refusals = dict.fromkeys(("ann@b.example", "bob@b.example"), "550 5.1.1 gone")
        assert isinstance(await told(mailbox, a_request()), Failed)
    assert [each.rcpt_tos for each in mailbox.received] == [["ann@b.example"]]


@pytest.mark.parametrize("target", ["ann@b.example\r\nBcc: x@y", "", "ann", ",".join(["ann@b.example"] * 26)])
async def test_addresses_that_bypassed_the_checks_are_refused(target: str) -> None:
    async with mail_server() as mailbox:
        outcome = await told(mailbox, a_request(), to_people(target))
    assert isinstance(outcome, Failed)
    assert (outcome.retryable, mailbox.received) == (False, [])


async def test_notices_go_only_where_their_server_may_send() -> None:
    async with mail_server() as mailbox:
        outcome = await told(mailbox, a_request(), recipient_domains=["acme.example"])
    assert isinstance(outcome, Failed)
    assert "recipient_domains" in outcome.error


async def test_without_a_server_for_notices_they_wait() -> None:
    async with EmailProvider({"desk": settings_for(25)}) as email:
        outcome = await email.execute(a_call(to_people(), arguments=a_request()))
    assert outcome == Failed(
        error="ACP_SMTP_SERVERS has no server named 'notices'", retryable=True, held=True,
        retry_after=timedelta(minutes=1),
    )  # fmt: skip


async def test_a_notice_that_is_sent_again_has_the_same_id() -> None:
    call = a_call(to_people(), arguments=a_request())
    sent = list[bytes]()
    for _ in range(2):
        async with scripted_server([*READY[:4], *READY[3:], DROP]) as server:
            email = EmailProvider({NOTICE_SERVER: settings_for(server.port)})
            assert isinstance(await email.execute(call), Unknown)
            sent += server.messages
    ids = [message_from_bytes(each)["Message-ID"] for each in sent]
    assert ids == [f"<{call.envelope_id}@acme.example>"] * 2
