"""A reply is sent once. If nobody knows whether it was, a copy in our own mailbox tells."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from control_plane.apps.drafts.jobs import receive_mail, reply_delivery, unknown_replies
from control_plane.jobs import JobContext
from services.backends.open import postgres_access
from services.envelope import Envelope
from services.tools.dispatch import Tools
from services.tools.email import EmailSettings
from tests.builders import a_tool
from tests.control_plane.apps.drafts.channels.dovecot import Dovecot
from tests.control_plane.apps.drafts.channels.mail_world import (
    STEPS,
    Post,
    mailbox_settings,
    post,
    smtp_settings,
    user_of,
)
from tests.control_plane.apps.drafts.desk import INBOX, OLGA, SEND, Desk, a_message, open_desk
from tests.faults.process import a_worker
from tests.worker.builders import worker_options
from tests.worker.world import EXPIRE_LEASES
from worker.loop import Worker

ROUNDS = 10
"""Of each step of sending: fifty killed workers in all."""


@dataclass
class Sending:
    """A desk whose replies go out by SMTP, each with a copy to a mailbox of ours."""

    desk: Desk
    post: Post
    copies: str
    context: JobContext

    @property
    def settings(self) -> dict[str, str]:
        """Of a worker."""
        return {"ACP_SMTP_SERVERS": smtp_settings(self.post, INBOX, f"{self.copies}@acme.example")}

    async def work_once(self) -> None:
        """Another worker claims once. It runs in this process, because only the process that is killed must be real."""
        servers = EmailSettings.model_validate({"smtp_servers": json.loads(self.settings["ACP_SMTP_SERVERS"])})
        async with Tools(servers, concurrency=1) as tools:
            worker = Worker(
                backends=self.desk.backends, tools=tools, options=worker_options(), worker_id=str(uuid4())
            )  # fmt: skip
            await worker.run(once=True)

    async def approve(self) -> tuple[UUID, str]:
        """A customer writes, and the reply is approved. Returns the envelope, and the login of the customer."""
        customer = f"ann-{uuid4().hex}@customer.example"
        draft = await self.desk.pending(a_message(customer_email=customer))
        decided = await self.desk.decide(draft)
        assert decided.envelope_id is not None
        return decided.envelope_id, user_of(customer)

    def mails(self, user: str) -> int:
        """How many mails arrived at this mailbox."""
        return self.post.imap.count(user)

    def expire_leases(self) -> None:
        with psycopg.connect(self.desk.url) as connection:
            connection.execute(EXPIRE_LEASES)

    async def run_job(self, module: Any) -> dict[str, int]:
        """One run of this job. Returns its counts."""
        report = await module.JOB.run(self.context)
        assert report.problem is None
        return dict(report.counts)

    async def envelope(self, envelope: UUID) -> Envelope:
        return await self.desk.backends.outbox.get(self.desk.tenant, envelope)

    async def state(self, envelope: UUID) -> tuple[str, str]:
        """The status of the envelope, and what the message says of its delivery."""
        await self.run_job(reply_delivery)
        [(delivered,)] = self.desk.run("select delivery_state from drafts.messages where envelope_id = %s", envelope)
        return (await self.envelope(envelope)).status.value, delivered


@pytest.fixture
async def sending(
    database_url: str, imap_server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Sending]:  # fmt: skip
    async with postgres_access(database_url, pool_size=4) as access, post(imap_server) as served:
        desk = await open_desk(access, database_url)
        tool = a_tool(tenant_id=desk.tenant, tool_slug=SEND, provider="email", config={"server": "desk"})
        await access.operator.catalog.save([tool], actor=OLGA)
        copies = f"sent-{uuid4().hex}"
        monkeypatch.setenv("ACP_DRAFTS_MAILBOXES", mailbox_settings(imap_server, desk.tenant, INBOX, copies))
        context: Any = JobContext(backends=access.operator, tools=None, rules={}, keep_settled=None)  # type: ignore[arg-type]
        yield Sending(desk, served, copies, context)


async def kill_at(sending: Sending, step: str) -> None:
    """Kill a worker while the server holds its message at this step, and let others find its lease expired."""
    sending.post.hold_at, sending.post.held = step, asyncio.Event()
    async with a_worker(sending.desk.url, **sending.settings) as worker:
        async with asyncio.timeout(60):
            await sending.post.held.wait()
        worker.send(signal.SIGKILL)
        assert await worker.ended() == -signal.SIGKILL
    sending.post.hold_at = None
    sending.expire_leases()
    await sending.work_once()


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
async def test_a_worker_killed_at_each_step_of_sending_never_sends_a_second_mail(sending: Sending, step: str) -> None:
    was_delivered = step == "delivered"
    for _ in range(ROUNDS):
        envelope, customer = await sending.approve()
        await kill_at(sending, step)
        assert sending.mails(customer) == was_delivered
        assert await sending.state(envelope) == ("unknown", "unknown")
        assert (await sending.run_job(unknown_replies))["sent"] == was_delivered
        status = "success" if was_delivered else "unknown"
        assert await sending.state(envelope) == (status, "sent" if was_delivered else "unknown")
        await sending.work_once()
        assert sending.mails(customer) == was_delivered


@pytest.mark.slow
async def test_a_copy_that_is_read_as_mail_settles_its_reply_too(sending: Sending) -> None:
    envelope, customer = await sending.approve()
    await kill_at(sending, "delivered")
    assert await sending.state(envelope) == ("unknown", "unknown")
    assert await sending.run_job(receive_mail) == {"received": 0, "repeated": 1, "refused": 0}
    assert await sending.state(envelope) == ("success", "sent")
    assert sending.mails(customer) == 1


async def test_a_customers_mail_is_answered_in_its_thread_and_the_answer_comes_back(
    sending: Sending, imap_server: Dovecot
) -> None:
    envelope, customer = await sending.approve()
    await sending.work_once()
    assert await sending.state(envelope) == ("success", "sent")
    with imap_server.client(customer) as client:
        client.select("INBOX", readonly=True)
        _, answer = client.fetch("1", "(BODY.PEEK[])")
    assert isinstance(answer[0], tuple)
    raw = answer[0][1]
    assert f"Message-ID: <{envelope}@acme.example>".encode() in raw
    [(first, conversation)] = sending.desk.run(
        "select external_id, conversation_id from drafts.messages where tenant_id = %s and direction = 'inbound'",
        sending.desk.tenant,
    )
    assert f"In-Reply-To: {first}".encode() in raw
    reply = (
        f"From: {customer}@customer.example\r\nTo: {INBOX}\r\nSubject: Re: My order\r\nMessage-ID: <a2@c.example>\r\n"
        f"In-Reply-To: <{envelope}@acme.example>\r\n\r\nThank you.\r\n"
    )
    imap_server.deliver(sending.copies, reply.encode())
    assert await sending.run_job(receive_mail) == {"received": 1, "repeated": 1, "refused": 0}
    assert sending.desk.run(
        "select direction, conversation_id from drafts.messages where tenant_id = %s order by received_at, id",
        sending.desk.tenant,
    ) == [("inbound", conversation), ("outbound", conversation), ("inbound", conversation)]


async def test_no_copy_leaves_the_reply_to_a_person(sending: Sending) -> None:
    assert unknown_replies.JOB.is_needed is not None
    assert not await unknown_replies.JOB.is_needed(sending.context)
    envelope, _ = await sending.approve()
    await kill_at(sending, "DATA")
    assert await sending.state(envelope) == ("unknown", "unknown")
    assert await unknown_replies.JOB.is_needed(sending.context)
    assert await sending.run_job(unknown_replies) == {"unknown": 1, "sent": 0}
    assert await sending.state(envelope) == ("unknown", "unknown")
