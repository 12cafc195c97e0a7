"""Each mail in a mailbox becomes one message, whatever happens between."""

import json
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from control_plane.apps.drafts import receive_mail as use_case
from control_plane.apps.drafts.channels.mailboxes import Mailbox
from control_plane.apps.drafts.jobs.receive_mail import JOB
from control_plane.apps.drafts.mail.parse import parse_mail
from control_plane.apps.drafts.mail.threads import ReplyAddresses
from control_plane.apps.drafts.receive_mail import MailCounts, receive_mail
from control_plane.apps.drafts.receive_message import receive_message
from control_plane.apps.drafts.store import messages
from control_plane.apps.drafts.values import ReceivedMessage
from control_plane.jobs import JobContext, JobReport
from services.errors import NotFound, NotReady
from tests.control_plane.apps.drafts.channels.dovecot import Dovecot
from tests.control_plane.apps.drafts.channels.mail_world import mailbox_settings
from tests.control_plane.apps.drafts.channels.test_imap import a_mailbox
from tests.control_plane.apps.drafts.desk import INBOX, Desk
from tests.control_plane.apps.drafts.mail_samples import RECEIVED_AT, a_mail
from tests.docs.pages import DOCS, blocks

KEY = "k" * 32
NOTHING: dict[str, Any] = {}


class Office:
    """A desk with its mailbox."""

    def __init__(self, desk: Desk, imap: Dovecot, **fields: Any) -> None:
        self.desk, self.imap = desk, imap
        self.mailbox = a_mailbox(imap.port, tenant_id=desk.tenant, first_days=36_500, **fields)

    def deliver(self, raw: bytes, folder: str = "INBOX") -> None:
        self.imap.deliver(self.mailbox.user, raw, folder, at=RECEIVED_AT.timestamp())

    async def read(self, mailbox: Mailbox | None = None, **options: Any) -> MailCounts:
        return await receive_mail(
            self.desk.backends, "desk", mailbox or self.mailbox, key=KEY, now=RECEIVED_AT, actor=JOB.actor, **options
        )

    def stored(self) -> list[tuple[Any, ...]]:
        """Id, direction, kind and conversation of each message."""
        return self.desk.run(
            "select external_id, direction, automatic, conversation_id from drafts.messages where tenant_id = %s"
            " order by received_at, id",
            self.desk.tenant,
        )


@pytest.fixture
async def office(desk: Desk, imap_server: Dovecot) -> Office:
    return Office(desk, imap_server)


async def test_new_mails_become_messages_once_and_none_is_marked(office: Office) -> None:
    office.deliver(a_mail())
    assert await office.read() == MailCounts(received=1)
    assert await office.read() == MailCounts()
    office.deliver(a_mail("And more.", message_id="<m2@b.example>", in_reply_to="<m1@b.example>"))
    assert await office.read() == MailCounts(received=1)
    (first, *_, thread), (second, *_, same_thread) = office.stored()
    assert (first, second, same_thread) == ("<m1@b.example>", "<m2@b.example>", thread)
    assert all(b"Seen" not in flags for flags in office.imap.flags(office.mailbox.user))


async def test_a_new_numbering_imports_nothing_twice(desk: Desk, imap_server: Dovecot) -> None:
    office = Office(desk, imap_server, folder="Support")
    mails = [a_mail(), a_mail(message_id=None), a_mail("No date, no id.", message_id=None, date=None)]
    for raw in mails:
        office.deliver(raw, "Support")
    assert await office.read() == MailCounts(received=3)
    imap_server.renew(office.mailbox.user, "Support")
    for raw in [*mails, a_mail(message_id="<new@b.example>")]:
        office.deliver(raw, "Support")
    assert await office.read() == MailCounts(received=1, repeated=3)
    assert await office.read() == MailCounts()


async def test_a_reader_that_stops_half_way_loses_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        office.deliver(a_mail(f"Mail {number}", message_id=f"<m{number}@b.example>"))
    stored = list[ReceivedMessage]()

    async def fails_at_the_second(*args: Any, **options: Any) -> Any:
        if stored:
            raise NotReady("database: away")
        stored.append(await receive_message(*args, **options))
        return stored[0]

    with monkeypatch.context() as broken:
        broken.setattr(use_case, "receive_message", fails_at_the_second)
        with pytest.raises(NotReady):
            await office.read()
    assert await office.read() == MailCounts(received=2, repeated=1)


async def test_a_slow_mailbox_is_read_in_several_runs(office: Office) -> None:
    for number in range(3):
        office.deliver(a_mail(f"Mail {number}", message_id=f"<m{number}@b.example>"))
    for _ in range(3):
        assert await office.read(within=timedelta(0)) == MailCounts(received=1)
    assert await office.read() == MailCounts()


async def test_a_mail_over_which_the_reader_stumbles_is_told_and_does_not_stop_the_others(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(raw: bytes, **options: Any) -> Any:
        return parse_mail(raw, **options) if b"Mail 1" not in raw else NOTHING["what the mail says"]

    monkeypatch.setattr(use_case, "parse_mail", stumble)
    for number in range(3):
        office.deliver(a_mail(f"Mail {number}", message_id=f"<m{number}@b.example>"))
    assert await office.read() == MailCounts(received=2, refused=1)
    assert await office.read() == MailCounts()
    [[problem]] = office.desk.run(
        "select payload ->> 'problem' from drafts.notifications where tenant_id = %s and type = 'mail.refused'",
        office.desk.tenant,
    )
    assert re.fullmatch(r"mail: a bug: KeyError at stumble:\d+", problem)


async def test_what_cannot_be_read_is_told_once_and_does_not_stop_the_others(office: Office) -> None:
    office.deliver(b"\r\nno header\r\n")
    office.deliver(a_mail())
    assert await office.read() == MailCounts(received=1, refused=1)
    assert await office.read() == MailCounts()
    told = office.desk.run(
        "select payload ->> 'problem', payload ->> 'uid' from drafts.notifications"
        " where tenant_id = %s and type = 'mail.refused'",
        office.desk.tenant,
    )
    assert told == [("mail: has no header", "1")]
    assert len(office.imap.flags(office.mailbox.user)) == 2


async def test_a_mail_to_our_signed_address_joins_its_conversation_and_a_forged_one_does_not(office: Office) -> None:
    office.deliver(a_mail())
    await office.read()
    [(*_, conversation)] = office.stored()
    address = ReplyAddresses(INBOX, office.desk.tenant, KEY).address_of(conversation)
    forged = ReplyAddresses(INBOX, office.desk.tenant, "x" * 32).address_of(conversation)
    office.deliver(a_mail(message_id="<m2@b.example>", to=address, from_="Ann <ann@home.example>"))
    office.deliver(a_mail(message_id="<m3@evil.example>", to=forged, from_="eve@evil.example"))
    assert await office.read() == MailCounts(received=2)
    by_id = {external_id: thread for external_id, _, _, thread in office.stored()}
    assert by_id["<m2@b.example>"] == conversation
    assert by_id["<m3@evil.example>"] != conversation


async def test_what_people_sent_themselves_answers_the_customer(desk: Desk, imap_server: Dovecot) -> None:
    office = Office(desk, imap_server, sent_folder="Sent")
    office.deliver(a_mail())
    own = {"from_": f"Acme <{INBOX}>", "to": "ann@b.example", "message_id": "<r1@acme.example>"}
    office.deliver(a_mail("It is on its way.", in_reply_to="<m1@b.example>", **own), "Sent")
    assert await office.read() == MailCounts(received=2)
    (_, came, _, thread), (_, went, _, same) = office.stored()
    assert (came, went, same) == ("inbound", "outbound", thread)
    assert await desk.draft() == []
    timeline = await messages.read_conversation(desk.functions, desk.tenant, thread)
    assert timeline is not None
    assert (timeline.conversation.customer_email, timeline.conversation.customer_name) == (
        "ann@b.example",
        "Ann Miller",
    )


async def test_a_mail_that_claims_to_be_ours_answers_nothing(office: Office) -> None:
    office.deliver(a_mail())
    forged = {"from_": INBOX, "in_reply_to": "<m1@b.example>"}
    office.deliver(a_mail("All is well.", message_id="<x@evil.example>", **forged))
    office.deliver(a_mail("All is well.", message_id=f"<{uuid4()}@evil.example>", **forged))
    assert await office.read() == MailCounts(received=3)
    assert [row[1:3] for row in office.stored()] == [
        ("inbound", None), ("inbound", "auto_reply"), ("inbound", "auto_reply"),
    ]  # fmt: skip
    assert len(await office.desk.draft()) == 1


async def test_a_tenant_without_the_channel_gets_no_mail(office: Office) -> None:
    stranger = office.mailbox.model_copy(update={"tenant_id": uuid4()})
    with pytest.raises(NotFound):
        await office.read(stranger)


async def test_the_job_reads_every_mailbox_and_names_one_that_is_away(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.deliver(a_mail())
    settings = mailbox_settings(office.imap, office.desk.tenant, INBOX, office.mailbox.user)
    away = settings.replace('"desk"', '"away"').replace(f'"port": {office.imap.port}', '"port": 1')
    monkeypatch.setenv("ACP_DRAFTS_MAILBOXES", settings[:-1] + ", " + away[1:])
    context = JobContext(
        backends=office.desk.backends, tools=None, rules={}, keep_settled=None, tenant=office.desk.tenant  # type: ignore[arg-type]
    )  # fmt: skip
    assert JOB.is_needed is not None
    assert await JOB.is_needed(context)
    report = await JOB.run(context)
    assert report.counts == {"received": 1, "repeated": 0, "refused": 0}
    assert report.problem is not None
    assert report.problem.startswith("away: mailbox 'away': ")


async def test_without_mailboxes_the_job_does_not_run(desk: Desk) -> None:
    context = JobContext(backends=desk.backends, tools=None, rules={}, keep_settled=None)  # type: ignore[arg-type]
    assert JOB.is_needed is not None
    assert not await JOB.is_needed(context)
    assert await JOB.run(context) == JobReport(counts={"received": 0, "repeated": 0, "refused": 0})


async def test_the_settings_of_the_page_read_a_mailbox(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    block = next(blocks(DOCS / "how-to" / "receive-mail.md", "sh"))
    found = re.search(r"export ACP_DRAFTS_MAILBOXES='(.*)'", block.text)
    assert found is not None
    documented = json.loads(found[1])
    here = json.loads(mailbox_settings(office.imap, office.desk.tenant, INBOX, office.mailbox.user))
    monkeypatch.setenv("ACP_DRAFTS_MAILBOXES", json.dumps({"desk": documented["desk"] | here["desk"]}))
    office.deliver(a_mail())
    office.deliver(a_mail("Our own words.", from_=INBOX, message_id="<r1@acme.example>"), "Sent")
    context = JobContext(backends=office.desk.backends, tools=None, rules={}, keep_settled=None)  # type: ignore[arg-type]
    assert await JOB.run(context) == JobReport(counts={"received": 2, "repeated": 0, "refused": 0})
