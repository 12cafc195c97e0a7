"""A message counts as sent when the server has accepted it. Nothing an agent writes becomes a header or a recipient."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from control_plane.secret_values import secret_values
from services.catalog.schema_limits import schema_problem
from services.errors import NotFound
from services.tools import Failed, Outcome, Success
from services.tools.dispatch import Tools
from services.tools.email import EmailSettings, SmtpServer
from services.tools.email.message import MAIL_SCHEMA
from services.tools.email.provider import EmailProvider
from tests.tools.builders import a_call
from tests.tools.smtp import FROM, LOGIN, mail_server, only_message, settings_for, to_server, with_login

LOGIN_BY_TOKEN = {"token_url": "https://id.example/token", "client_id": "c", "client_secret": "s"}
MAIL = {"to": ["ann@b.example"], "subject": "Hello", "text": "Hello Ann.\n"}


async def sent(server: SmtpServer, arguments: Mapping[str, Any] = MAIL, **call: Any) -> Outcome:
    async with asyncio.timeout(60), EmailProvider({"desk": server}) as email:
        return await email.execute(a_call(to_server(), arguments=arguments, **call))


async def test_an_accepted_message_names_its_envelope_and_the_result_has_the_servers_reply() -> None:
    call = a_call(to_server(), arguments=MAIL)
    async with mail_server() as mailbox, EmailProvider({"desk": settings_for(mailbox.port)}) as email:
        outcome = await email.execute(call)
    message_id = f"<{call.envelope_id}@acme.example>"
    assert outcome == Success(result={"message_id": message_id, "reply": "250 2.0.0 Ok: queued as 1F2E3D"})
    message = only_message(mailbox)
    assert (message["From"], message["To"], message["Subject"], message["Message-ID"]) == (
        FROM, "ann@b.example", "Hello", message_id,
    )  # fmt: skip
    assert message.get_content().splitlines() == ["Hello Ann."]
    assert (mailbox.received[0].mail_from, mailbox.received[0].rcpt_tos) == ("acp@acme.example", ["ann@b.example"])


async def test_every_field_of_a_message_arrives_as_it_was_given() -> None:
    ids = [f"<{letter * 90}@mail.example>" for letter in "ab"]
    arguments: dict[str, Any] = {
        "to": ["ann@b.example", "bob@b.example"], "cc": ["cy@c.example", "ann@b.example"],
        "subject": ("Grüße " * 40).strip(),
        "text": ".\n..\nfrom here\n" + "x" * 3000, "html": "<p>Grüße</p>", "reply_to": "desk@acme.example",
        "in_reply_to": ids[1], "references": ids,
    }  # fmt: skip
    async with mail_server() as mailbox:
        assert isinstance(await sent(settings_for(mailbox.port), arguments), Success)
    message, raw = only_message(mailbox), mailbox.received[0].content
    assert isinstance(raw, bytes)
    assert raw.isascii()
    assert {name: message[name] for name in ("To", "Cc", "Subject", "Reply-To", "In-Reply-To", "References")} == {
        "To": "ann@b.example, bob@b.example", "Cc": "cy@c.example, ann@b.example", "Subject": arguments["subject"],
        "Reply-To": "desk@acme.example", "In-Reply-To": ids[1], "References": " ".join(ids),
    }  # fmt: skip
    assert raw.count(ids[1].encode()) == 2  # not encoded, so that every program finds the conversation
    assert mailbox.received[0].rcpt_tos == ["ann@b.example", "bob@b.example", "cy@c.example"]
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert (plain.get_content().splitlines(), html.get_content().splitlines()) == (
        arguments["text"].splitlines(), ["<p>Grüße</p>"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"subject": "Hello\r\nBcc: eve@evil.example"}, "arguments.subject: breaks pattern"),
        ({"subject": "Hello\nx"}, "arguments.subject: breaks pattern"),
        ({"subject": "Hello\u2028x"}, "arguments.subject: breaks pattern"),
        ({"subject": "Hello\x85x"}, "arguments.subject: breaks pattern"),
        ({"subject": "Hello\x00x"}, "arguments.subject: breaks pattern"),
        ({"subject": ""}, "arguments.subject: breaks minLength 1"),
        ({"to": ["ann@b.example\r\nRCPT TO:<eve@evil.example>"]}, "arguments.to[0]: breaks pattern"),
        ({"to": ["ann@b.example, eve@evil.example"]}, "arguments.to[0]: breaks pattern"),
        ({"to": ["Ann <ann@b.example>"]}, "arguments.to[0]: breaks pattern"),
        ({"to": ["ann"]}, "arguments.to[0]: breaks pattern"),
        ({"to": []}, "arguments.to: breaks minItems 1"),
        ({"to": ["ann@b.example"] * 26}, "arguments.to: breaks maxItems"),
        ({"cc": ["ann@b.example\n"]}, "arguments.cc[0]: breaks pattern"),
        ({"reply_to": "ann@b.example\nX: y"}, "arguments.reply_to: breaks pattern"),
        ({"in_reply_to": "<a@b>\r\nX: y"}, "arguments.in_reply_to: breaks pattern"),
        ({"references": ["<a@b> <c@d>"]}, "arguments.references[0]: breaks pattern"),
        ({"bcc": ["eve@evil.example"]}, "arguments: Additional properties are not allowed ('bcc' was unexpected)"),
        ({"text": "\ud800"}, "arguments: a text cannot be written as UTF-8"),
    ],
)
async def test_arguments_that_could_add_a_header_or_a_recipient_are_refused_before_a_connection(
    change: dict[str, Any], error: str
) -> None:
    async with mail_server() as mailbox:
        outcome = await sent(settings_for(mailbox.port), MAIL | change)
    assert isinstance(outcome, Failed)
    assert (outcome.retryable, outcome.error.startswith(error)) == (False, True), outcome.error
    assert mailbox.received == []


@pytest.mark.parametrize(
    "text", ["a\rb", "a\r\n.\r\nMAIL FROM:<eve@evil.example>\r\n", "a\n.\n", "a\x0bb\x00c", "\r\r"]
)
async def test_no_text_ends_the_message_early(text: str) -> None:
    async with mail_server() as mailbox:
        assert isinstance(await sent(settings_for(mailbox.port), MAIL | {"text": text, "html": text}), Success)
    assert len(mailbox.received) == 1


async def test_a_message_goes_only_to_the_domains_of_its_server() -> None:
    async with mail_server() as mailbox:
        server = settings_for(mailbox.port, recipient_domains=["B.example"])
        assert isinstance(await sent(server, MAIL | {"to": ["ann@B.EXAMPLE"]}), Success)
        refused = await sent(server, MAIL | {"cc": ["eve@evil.example"]})
        assert refused == Failed(
            error="arguments: recipient 2 is in none of the server's recipient_domains", retryable=False
        )
        assert isinstance(await sent(server, MAIL | {"to": ["eve@sub.b.example"]}), Failed)
    assert len(mailbox.received) == 1


async def test_a_copy_that_nobody_sees_goes_to_our_own_mailbox() -> None:
    async with mail_server() as mailbox:
        server = settings_for(mailbox.port, copy_to="sent@acme.example", recipient_domains=["b.example"])
        assert isinstance(await sent(server), Success)
    [envelope] = mailbox.received
    assert envelope.rcpt_tos == ["ann@b.example", "sent@acme.example"]
    assert isinstance(envelope.content, bytes)
    assert b"sent@acme.example" not in envelope.content


async def test_without_its_copy_no_message_is_sent() -> None:
    async with mail_server() as mailbox:
        mailbox.refusals = {"sent@acme.example": "552 5.2.2 mailbox full"}
        assert isinstance(await sent(settings_for(mailbox.port, copy_to="sent@acme.example")), Failed)
    assert mailbox.received == []


async def test_a_server_that_refuses_one_recipient_gets_no_message() -> None:
    async with mail_server() as mailbox:
        mailbox.refusals = {"bob@b.example": "550 5.1.1 <bob@b.example>: no such user"}
        outcome = await sent(settings_for(mailbox.port), MAIL | {"to": ["ann@b.example", "bob@b.example"]})
        assert outcome == Failed(
            error="SMTP server 'desk' answered 550 to a recipient: 5.1.1 <…>: no such user", retryable=False
        )
    assert mailbox.received == []


async def test_greylisting_is_tried_again_after_some_minutes() -> None:
    async with mail_server() as mailbox:
        mailbox.refusals = {"ann@b.example": "451 4.7.1 Greylisted, try again later"}
        assert await sent(settings_for(mailbox.port)) == Failed(
            error="SMTP server 'desk' answered 451 to a recipient: 4.7.1 Greylisted, try again later",
            retryable=True, retry_after=timedelta(minutes=5),
        )  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (
            "452 4.3.1 full",
            Failed(error="452 to the message: 4.3.1 full", retryable=True, retry_after=timedelta(minutes=5)),
        ),
        (
            "421 4.3.2 bye",
            Failed(error="421 to the message: 4.3.2 bye", retryable=True, retry_after=timedelta(minutes=5)),
        ),
        ("554 5.6.0 spam", Failed(error="554 to the message: 5.6.0 spam", retryable=False)),
    ],
)
async def test_a_message_that_the_server_refuses_has_no_effect(answer: str, outcome: Failed) -> None:
    async with mail_server() as mailbox:
        mailbox.answer = answer
        refused = await sent(settings_for(mailbox.port))
    assert isinstance(refused, Failed)
    assert refused.error == f"SMTP server 'desk' answered {outcome.error}"
    assert (refused.retryable, refused.retry_after) == (outcome.retryable, outcome.retry_after)


@pytest.mark.parametrize("mode", ["starttls", "implicit"])
async def test_the_login_and_the_message_go_over_tls(authority: Callable[..., Path], mode: str) -> None:
    certificate = authority("127.0.0.1")
    ca_file = certificate.parent / "authority.pem"
    async with mail_server(certificate, implicit=mode == "implicit", login=True) as mailbox:
        server = with_login(mailbox.port, tls=mode, ca_file=ca_file)
        assert isinstance(await sent(server), Success)
        async with EmailProvider({"desk": server}) as email:
            assert await email.health("desk") is None
    [envelope] = mailbox.received
    assert envelope.rcpt_tos == ["ann@b.example"]


@pytest.mark.parametrize("mode", ["starttls", "implicit"])
@pytest.mark.parametrize(("names", "is_known"), [("tools.example", True), ("127.0.0.1", False)])
async def test_a_server_without_a_valid_certificate_gets_neither_login_nor_message(
    authority: Callable[..., Path], mode: str, names: str, is_known: bool
) -> None:
    certificate = authority(names)
    async with mail_server(certificate, implicit=mode == "implicit", login=True) as mailbox:
        ca_file = certificate.parent / "authority.pem" if is_known else None
        outcome = await sent(with_login(mailbox.port, tls=mode, ca_file=ca_file))
    assert isinstance(outcome, Failed)
    assert (outcome.retryable, outcome.held, "CERTIFICATE_VERIFY_FAILED" in outcome.error) == (True, False, True)
    assert mailbox.received == []


async def test_a_server_that_offers_no_tls_gets_nothing() -> None:
    async with mail_server() as mailbox:
        outcome = await sent(with_login(mailbox.port, tls="starttls"))
    assert outcome == Failed(
        error="SMTP server 'desk': SMTP STARTTLS extension not supported by server.", retryable=True
    )
    assert mailbox.received == []


async def test_a_wrong_login_holds_the_message_and_no_text_has_the_password(authority: Callable[..., Path]) -> None:
    certificate = authority("127.0.0.1")
    async with mail_server(certificate, login=True) as mailbox:
        server = settings_for(
            mailbox.port, user="acp", password=SecretStr("wrong-password"), tls="starttls",
            ca_file=certificate.parent / "authority.pem",
        )  # fmt: skip
        outcome = await sent(server)
        assert outcome == Failed(
            error="SMTP server 'desk' answered 535 to the login: 5.7.8 Authentication credentials invalid",
            retryable=True, held=True, retry_after=timedelta(minutes=15),
        )  # fmt: skip
        async with EmailProvider({"desk": server}) as email:
            assert await email.health("desk") == outcome.error
    assert "wrong-password" not in repr(server)


async def test_a_server_that_wants_a_login_and_gets_none_holds_the_message(authority: Callable[..., Path]) -> None:
    certificate = authority("127.0.0.1")
    async with mail_server(certificate, implicit=True, login=True) as mailbox:
        ca_file = certificate.parent / "authority.pem"
        outcome = await sent(settings_for(mailbox.port, tls="implicit", ca_file=ca_file))
    assert isinstance(outcome, Failed)
    assert (outcome.held, outcome.error) == (
        True, "SMTP server 'desk' answered 530 to the sender: 5.7.0 Authentication required",
    )  # fmt: skip


async def test_no_answer_shows_the_password() -> None:
    async with mail_server() as mailbox:
        mailbox.answer = f"250 queued for {LOGIN[1]}"
        settings = EmailSettings(smtp_servers={"desk": with_login(mailbox.port, user=None, password=None)})
        async with Tools(settings, known_secrets=secret_values(with_login(25), {}), concurrency=1) as tools:
            outcome = await tools.execute(a_call(to_server(), arguments=MAIL))
    assert isinstance(outcome, Success)
    assert outcome.result["reply"] == "250 queued for [redacted]"


async def test_a_server_has_one_tool_whose_schema_is_the_one_that_is_checked() -> None:
    async with EmailProvider({"desk": settings_for(25)}) as email:
        [tool] = await email.list_tools("desk")
        assert (tool.name, tool.schema, tool.config) == ("send", MAIL_SCHEMA, {"server": "desk"})
        with pytest.raises(NotFound):
            await email.list_tools("other")
        assert await email.health("other") == "ACP_SMTP_SERVERS has no server named 'other'"
    assert schema_problem(MAIL_SCHEMA) is None


async def test_an_unknown_server_is_a_final_failure() -> None:
    async with EmailProvider({}) as email:
        assert await email.execute(a_call(to_server(), arguments=MAIL)) == Failed(
            error="config.server: ACP_SMTP_SERVERS has no server named 'desk'", retryable=False
        )


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"tls": "none"}, "tls may be none only for localhost"),
        ({"user": "acp"}, "user and one of password and oauth must be set together"),
        ({"user": "acp", "password": "x", "oauth": LOGIN_BY_TOKEN}, "password and oauth exclude each other"),
        ({"user": "acp", "oauth": {**LOGIN_BY_TOKEN, "token_url": "http://a.example"}}, "must be an https URL"),
        ({"user": "acp", "oauth": {**LOGIN_BY_TOKEN, "client_secret": None}}, "needs a client_secret"),
        ({"from": "acp"}, "must be an address such as acp@acme.example"),
        ({"from": "Acme\n <acp@acme.example>"}, "must be an address such as acp@acme.example"),
        ({"recipient_domains": ["@b.example"]}, "must be a domain such as acme.example"),
        ({"copy_to": "Sent <sent@acme.example>"}, "must be an address such as sent@acme.example"),
        ({"bcc": "x"}, "Extra inputs are not permitted"),
    ],
)
def test_settings_with_which_no_message_could_be_sent_safely_are_refused(fields: Any, problem: str) -> None:
    with pytest.raises(ValidationError) as raised:
        SmtpServer.model_validate({"host": "mail.example", "from": FROM, **fields})
    assert problem in str(raised.value)
