"""Customers write, a reviewer decides in a browser, the answers arrive in the customers' mailboxes, an edit teaches.

Mail travels through a real SMTP server and a real Dovecot. Jobs, commands and the worker run as processes of their own.
"""

import asyncio
import os
import re
import smtplib
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import localtime
from uuid import uuid4

import pytest
from playwright.async_api import Locator, Page, expect

from control_plane.apps.drafts.learning.corrections import read_corrections
from tests.control_plane.api.conftest import WEBHOOK_KEY
from tests.control_plane.apps.drafts.channels.dovecot import Dovecot
from tests.control_plane.apps.drafts.channels.mail_world import (
    Post,
    mailbox_settings,
    post,
    smtp_settings,
    user_of,
)
from tests.control_plane.apps.drafts.knowledge.conftest import HELP_CENTRE
from tests.control_plane.console.conftest import Console, OpenPage
from tests.faults.process import ROOT, work_once

SITE = "https://larkmoor.example/help"
RETURNS = f"{SITE}/returns/how-to-return.md"
QUESTION = "How long do I have to send back an item that I do not want?"
SIMILAR = "We got this present twice. How long do we have to send one item back?"
ANSWER = "Since this spring you have 60 days to send back an item.\n\nThe label fits Größe „M“ – print it at home."
EDITED = f"Hello Ann Miller,\n\n{ANSWER}\n\nKind regards"


@dataclass(frozen=True)
class Customer:
    """Somebody with a mailbox of their own."""

    name: str
    address: str = field(default_factory=lambda: f"c{uuid4().hex}@customer.example")


@dataclass(frozen=True)
class Town:
    """The tenant with its console, the mail server of all, and the commands of the operator."""

    console: Console
    post: Post
    address: str
    settings: dict[str, str]
    url: str

    async def command(self, *words: str) -> str:
        """The output of a command of the operator, for the tenant. It has to succeed."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("ACP_", "SUPABASE_"))}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "control_plane", *words, "--tenant", str(self.console.api.tenant),
            cwd=ROOT, env={**clean, **self.settings, "DATABASE_URL": self.url, "USER": "olga"},
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        output, problems = await process.communicate()
        assert process.returncode == 0, problems.decode()
        return output.decode()

    async def set_up(self) -> None:
        """The tool of the mail server, a channel that replies with it, no quiet time, and the help centre."""
        await self.command("catalog", "sync", "--provider", "email", "--source", "desk", "--trust")
        await self.command("drafts", "save-channel", "email", self.address, "Help desk", "--reply-tool", "DESK__send")
        await self.command("drafts", "ingest", str(HELP_CENTRE), "--base-url", SITE)
        changed = await self.console.api.as_user().patch("/v1/channels/settings", json={"quiet_seconds": 0})
        assert changed.status_code == 200

    async def send(self, customer: Customer, subject: str, text: str, *, answers: str | None = None) -> str:
        """The customer writes to the desk. Returns the Message-ID."""
        mail = EmailMessage()
        mail["From"], mail["To"] = f"{customer.name} <{customer.address}>", self.address
        mail["Subject"], mail["Date"] = subject, localtime()
        mail["Message-ID"] = f"<{uuid4()}@customer.example>"
        if answers is not None:
            mail["In-Reply-To"] = mail["References"] = answers
        mail.set_content(text)

        def transmit() -> None:
            with smtplib.SMTP("127.0.0.1", self.post.port) as client:
                client.send_message(mail)

        await asyncio.to_thread(transmit)
        return str(mail["Message-ID"])

    async def draft(self) -> None:
        """Read the mailbox of the desk, and write the drafts that are due."""
        await self.command("jobs", "run", "receive_mail")
        await self.command("jobs", "run", "draft_writing")

    async def work(self) -> None:
        """A worker sends what is due, and the outcome is recorded."""
        await work_once(self.url, **self.settings)
        await self.command("jobs", "run", "reply_delivery")

    def inbox(self, customer: Customer) -> list[EmailMessage]:
        """The mails that the customer got."""
        if not self.post.imap.count(user := user_of(customer.address)):
            return []
        with self.post.imap.client(user) as client:
            client.select("INBOX", readonly=True)
            _, answer = client.fetch("1:*", "(BODY.PEEK[])")
        return [message_from_bytes(part[1], policy=default) for part in answer if isinstance(part, tuple)]


@pytest.fixture
async def town(postgres_console: Console, database_url: str, imap_server: Dovecot) -> AsyncIterator[Town]:
    """A tenant whose replies go out by SMTP, each with a copy to its own mailbox."""
    login = f"desk{uuid4().hex[:8]}"
    address = f"{login}@acme.example"
    async with post(imap_server) as served:
        settings = {
            "ACP_SMTP_SERVERS": smtp_settings(served, f"Acme <{address}>", address),
            "ACP_DRAFTS_MAILBOXES": mailbox_settings(imap_server, postgres_console.api.tenant, address, login),
            "ACP_WEBHOOK_KEY": WEBHOOK_KEY,
        }
        town = Town(postgres_console, served, address, settings, database_url)
        await town.set_up()
        yield town


def text_of(mail: EmailMessage) -> str:
    """The text of the mail, with the line ends of the console."""
    return str(mail.get_content()).replace("\r\n", "\n")


async def open_draft(page: Page, subject: str) -> None:
    """Choose the draft in the queue."""
    await page.get_by_role("link", name="Replies").first.click()
    await page.get_by_role("link", name=subject).click()
    await expect(page.locator("h1")).to_have_text(subject)


async def decide(page: Page, button: Locator, message: str) -> None:
    """Click the button; the page says this, and shows the queue again."""
    await button.click()
    await expect(page.locator(".toast")).to_contain_text(message)
    await expect(page.locator("h1")).to_have_text("Replies")


async def edit_and_send(town: Town, page: Page, customer: Customer, asked: str) -> None:
    """The edited reply waits while the tenant is paused, and then arrives as it was written."""
    await open_draft(page, "Sending it back")
    await expect(page.locator("#reply textarea")).to_have_value(re.compile("within 30 days"))
    await expect(page.locator(".sources a").first).to_have_attribute("href", RETURNS)
    conversation = await page.get_by_role("link", name="Whole conversation").get_attribute("href")
    await town.command("tenants", "pause", "--reason", "stock-taking")
    await page.locator("#reply textarea").fill(EDITED)
    await expect(page.locator("#diff ins").first).to_be_visible()
    await decide(page, page.get_by_role("button", name="Send", exact=False).first, "Approved. The reply will be sent.")
    await town.work()
    await page.goto(f"{town.console.url}{conversation}")
    await expect(page.locator(".message.outbound .badge")).to_have_text("queued")
    assert town.inbox(customer) == []
    await town.command("tenants", "resume")
    await town.work()
    await expect(page.locator(".message.outbound .badge")).to_have_text("sent")
    [answer] = town.inbox(customer)
    assert (answer["Subject"], text_of(answer)) == ("Re: Sending it back", EDITED + "\n")
    assert (answer["In-Reply-To"], answer["References"]) == (asked, asked)


async def reject_and_snooze(page: Page) -> None:
    """A rejected draft says why, and a snoozed one is out of the way."""
    await open_draft(page, "White lamp")
    rejected = page.url
    await page.get_by_role("button", name="Reject", exact=False).first.click()
    await page.get_by_label("Why").select_option("wrong")
    await page.get_by_label("Reason, for the next draft").fill("This machine has no lamp.")
    await decide(page, page.get_by_role("button", name="Reject the draft"), "Rejected. Nothing was sent.")
    await open_draft(page, "Password")
    await page.get_by_label("Snooze for").select_option("24")
    await decide(page, page.get_by_role("button", name="Snooze", exact=True), "Snoozed.")
    await expect(page.locator("#queue [data-row]")).to_have_count(1)
    await page.get_by_role("link", name="With snoozed").click()
    await expect(page.locator("#queue [data-row]", has_text="Password").locator(".badge")).to_have_text("snoozed")
    await page.goto(rejected)
    await expect(page.locator("#reply-head [role=note]")).to_have_text("This draft is rejected: nothing was sent.")
    await expect(page.locator(".records li")).to_contain_text("wrong: This machine has no lamp.")


async def write_again(town: Town, page: Page, customer: Customer, first: str) -> None:
    """The draft that rita reads is replaced, cannot be sent any more, and the new one answers both messages."""
    await open_draft(page, "Invoice")
    second = await town.send(customer, "Re: Invoice", "And how do I get it with another address?", answers=first)
    await town.draft()
    await expect(page.locator("#reply-head [role=note]")).to_contain_text("replaced by a newer message")
    await expect(page.get_by_role("button", name="Send", exact=False).first).to_be_disabled()
    await open_draft(page, "Invoice")
    drafted = await page.locator("#reply textarea").input_value()
    await decide(page, page.get_by_role("button", name="Send", exact=False).first, "Approved. The reply will be sent.")
    await expect(page.get_by_role("heading", name="No replies wait")).to_be_visible()
    await town.work()
    [answer] = town.inbox(customer)
    assert (answer["In-Reply-To"], answer["References"].split()) == (second, [first, second])
    assert text_of(answer) == drafted + "\n"


async def approve_correction(town: Town, page: Page) -> None:
    """The nightly job and the export have the edit; it is used and cited once a person has approved it."""
    await town.command("jobs", "run", "corrections_sync")
    [correction] = read_corrections(await town.command("drafts", "export-corrections"))
    assert (correction.answer, correction.sources[0]) == (ANSWER, RETURNS)
    await page.goto(f"{town.console.url}/console/knowledge/corrections")
    await page.get_by_role("button", name="Approve").click()
    await expect(page.get_by_role("heading", name="No proposed corrections")).to_be_visible()
    await town.send(Customer("Eve Stone"), "A present", SIMILAR)
    await town.draft()
    await open_draft(page, "A present")
    await expect(page.locator("#reply textarea")).to_have_value(f"Hello Eve Stone,\n\n{ANSWER}\n\nKind regards")
    await expect(page.locator(".sources li").first).to_contain_text(QUESTION)  # the title of the correction
    await expect(page.locator(".sources a").first).to_have_attribute("href", RETURNS)


@pytest.mark.slow
async def test_a_question_is_drafted_decided_sent_and_teaches_the_next_answer(town: Town, open_page: OpenPage) -> None:
    ann, ben, cara, dan = (Customer(name) for name in ("Ann Miller", "Ben Ode", "Cara Ruiz", "Dan Smit"))
    asked = await town.send(ann, "Sending it back", QUESTION)
    await town.send(ben, "White lamp", "How do I descale my machine? The lamp CALC is on.")
    first = await town.send(cara, "Invoice", "Where can I download the invoice of my order?")
    await town.send(dan, "Password", "I forgot my password. How can I set a new one?")
    await town.draft()
    page = await open_page(town.console, "reviewer", "/console/drafts")
    await expect(page.locator("#queue [data-row]")).to_have_count(4)
    await edit_and_send(town, page, ann, asked)
    await reject_and_snooze(page)
    await write_again(town, page, cara, first)
    await approve_correction(town, page)

    assert [len(town.inbox(customer)) for customer in (ann, ben, cara, dan)] == [1, 0, 1, 0]
    assert "intact" in await town.command("audit", "verify")
