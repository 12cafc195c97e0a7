"""A folder is read by its ids, and nothing in a mailbox changes."""

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError

from control_plane.apps.drafts.channels import imap
from control_plane.apps.drafts.channels.imap import open_folder
from control_plane.apps.drafts.channels.mailboxes import Mailbox, read_mail_settings
from services.errors import InvalidInput, NotReady, SettingsError
from tests.control_plane.apps.drafts.channels.dovecot import PASSWORD, Dovecot
from tests.control_plane.apps.drafts.mail_samples import TENANT, a_mail
from tests.tools.identity_server import SECRET


def a_mailbox(port: int, user: str | None = None, **fields: Any) -> Mailbox:
    return Mailbox.model_validate({
        "tenant_id": TENANT, "address": "desk@acme.example", "host": "127.0.0.1", "port": port, "tls": "none",
        "user": user or f"user-{uuid4().hex}", "password": PASSWORD, **fields,
    })  # fmt: skip


async def test_mails_are_found_by_their_ids_and_none_is_marked(imap_server: Dovecot) -> None:
    mailbox = a_mailbox(imap_server.port)
    for number in range(3):
        imap_server.deliver(mailbox.user, a_mail(message_id=f"<m{number}@b.example>"))
    async with open_folder("desk", mailbox, "INBOX") as folder:
        assert await folder.uids_after(0) == [1, 2, 3]
        assert await folder.uids_after(2) == [3]
        assert await folder.uids_after(3) == []  # the server names the last one
        mail = await folder.fetch(2)
        assert mail is not None
        assert (mail.uid, mail.raw) == (2, a_mail(message_id="<m1@b.example>"))
        assert await folder.fetch(9) is None
    assert all(b"Seen" not in flags for flags in imap_server.flags(mailbox.user))


async def test_the_time_of_arrival_is_the_servers(imap_server: Dovecot) -> None:
    mailbox = a_mailbox(imap_server.port)
    moment = datetime(2026, 3, 5, 12, 30, 15, tzinfo=UTC)
    imap_server.deliver(mailbox.user, a_mail(), at=moment.timestamp())
    async with open_folder("desk", mailbox, "INBOX") as folder:
        mail = await folder.fetch(1)
        assert mail is not None
        assert mail.received_at == moment
        assert await folder.uids_after(0, since=date(2026, 3, 5)) == [1]
        assert await folder.uids_after(0, since=date(2026, 3, 6)) == []


async def test_a_message_is_found_by_its_whole_id(imap_server: Dovecot) -> None:
    mailbox = a_mailbox(imap_server.port)
    imap_server.deliver(mailbox.user, a_mail(message_id="<m1@b.example>"), "Sent")
    async with open_folder("desk", mailbox, "Sent") as folder:
        assert await folder.has_message("<m1@b.example>")
        assert not await folder.has_message("<1@b.example>")
        assert not await folder.has_message("m1@b.example")
        assert not await folder.has_message("<m2@b.example>")


async def test_a_folder_that_was_made_again_has_another_numbering(imap_server: Dovecot) -> None:
    mailbox = a_mailbox(imap_server.port)
    imap_server.deliver(mailbox.user, a_mail(), "Sent")
    async with open_folder("desk", mailbox, "Sent") as folder:
        before = folder.uidvalidity
    imap_server.renew(mailbox.user, "Sent")
    async with open_folder("desk", mailbox, "Sent") as folder:
        assert folder.uidvalidity != before


async def test_a_mail_that_is_too_long_is_not_fetched(imap_server: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    mailbox = a_mailbox(imap_server.port)
    imap_server.deliver(mailbox.user, a_mail())
    monkeypatch.setattr(imap, "MAX_MAIL_BYTES", 10)
    async with open_folder("desk", mailbox, "INBOX") as folder:
        with pytest.raises(InvalidInput, match=r"^mail: is longer than 10 bytes$"):
            await folder.fetch(1)


async def test_a_refused_login_says_so_without_the_password(imap_server: Dovecot) -> None:
    mailbox = a_mailbox(imap_server.port, password="wrong-secret")  # noqa: S106
    with pytest.raises(NotReady, match=r"^mailbox 'desk': .*AUTHENTICATIONFAILED") as problem:
        async with open_folder("desk", mailbox, "INBOX"):
            pass
    assert "wrong-secret" not in str(problem.value)


async def test_a_folder_that_is_not_there_is_named_by_the_server(imap_server: Dovecot) -> None:
    with pytest.raises(NotReady, match=r"^mailbox 'desk': .*Mailbox doesn't exist"):
        async with open_folder("desk", a_mailbox(imap_server.port), "Nowhere"):
            pass


async def test_a_server_that_is_not_there_is_named() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(NotReady, match=r"^mailbox 'desk': .*refused"):
        async with open_folder("desk", a_mailbox(port), "INBOX"):
            pass


@asynccontextmanager
async def server_that_says(text: bytes, **settings: Any) -> AsyncIterator[int]:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(text)
        await reader.read()
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, **settings)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_a_server_that_says_nothing_ends_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "SOCKET_TIMEOUT", timedelta(milliseconds=200))
    async with server_that_says(b"") as port:
        with pytest.raises(NotReady, match=r"^mailbox 'desk': no answer in time$"):
            async with open_folder("desk", a_mailbox(port), "INBOX"):
                pass


async def test_a_server_that_goes_silent_after_its_greeting_ends_at_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(imap, "STEP_TIMEOUT", timedelta(milliseconds=500))
    async with server_that_says(b"* OK ready\r\n* CAPABILITY IMAP4rev1\r\nAAAA1 OK\r\n") as port:
        with pytest.raises(NotReady, match=r"^mailbox 'desk': "):
            async with open_folder("desk", a_mailbox(port), "INBOX"):
                pass


async def test_a_server_that_hangs_delays_no_other_mailbox(imap_server: Dovecot) -> None:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    reached = asyncio.Event()

    async def hang(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.set()
        await forever.wait()
        writer.close()

    async def read_hanging(port: int) -> None:
        async with open_folder("away", a_mailbox(port), "INBOX"):
            raise AssertionError("it said nothing")

    forever = asyncio.Event()
    async with await asyncio.start_server(hang, "127.0.0.1", 0) as server, asyncio.timeout(20):
        hanging = asyncio.create_task(read_hanging(server.sockets[0].getsockname()[1]))
        await reached.wait()
        mailbox = a_mailbox(imap_server.port)
        imap_server.deliver(mailbox.user, a_mail())
        async with open_folder("desk", mailbox, "INBOX") as folder:
            assert await folder.uids_after(0) == [1]
        assert not hanging.done()
        forever.set()
        with pytest.raises(NotReady):
            await hanging


@pytest.mark.parametrize(
    "text",
    [
        b"* OK ready\r\n* CAPABILITY\r\n",
        b"* OK ready\r\n* 1 {99999999999999999999}\r\n",
        b"\x00" * 10_000,
        b"* BYE\r\n",
    ],
)
async def test_what_no_server_should_say_is_one_line(text: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "STEP_TIMEOUT", timedelta(milliseconds=500))
    async with server_that_says(text) as port:
        with pytest.raises(NotReady, match=r"^mailbox 'desk': "):
            async with open_folder("desk", a_mailbox(port), "INBOX"):
                pass


@pytest.mark.parametrize("failure", [KeyError("UIDVALIDITY"), TypeError("x"), AttributeError("x"), RecursionError("x")])
async def test_a_client_that_stumbles_over_an_answer_is_one_line(
    imap_server: Dovecot, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def stumble(*_: object, **__: object) -> None:
        raise failure

    async with open_folder("desk", a_mailbox(imap_server.port), "INBOX") as folder:
        monkeypatch.setattr(folder._client, "uids", stumble)  # noqa: SLF001
        with pytest.raises(NotReady, match=r"^mailbox 'desk': "):
            await folder.uids_after(0)


def test_a_time_of_arrival_that_is_none_is_now() -> None:
    before = datetime.now(UTC)
    found = imap._internal_date(b'1 (INTERNALDATE "01-Jan-0000 00:00:00 +0000" BODY[] {1}', [])  # noqa: SLF001
    assert before <= found <= datetime.now(UTC)


async def test_a_server_with_a_certificate_of_nobody_gets_no_login(authority: Callable[..., Path]) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority("127.0.0.1"))
    async with server_that_says(b"* OK ready\r\n", ssl=context) as port:
        with pytest.raises(NotReady, match=r"^mailbox 'desk': .*CERTIFICATE_VERIFY_FAILED"):
            async with open_folder("desk", a_mailbox(port, tls="implicit"), "INBOX"):
                pass


MAILBOX = {"tenant_id": str(TENANT), "address": "desk@acme.example", "host": "imap.acme.example", "user": "u",
           "password": "hush-hush"}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("x", "ACP_DRAFTS_MAILBOXES: is not valid JSON"),
        ('{"desk": {"host": "imap.acme.example"}}', "ACP_DRAFTS_MAILBOXES.DESK.TENANT_ID: "),
        (
            json.dumps({"desk": {**MAILBOX, "address": "desk"}}),
            "ACP_DRAFTS_MAILBOXES.DESK.ADDRESS: must be an address such as desk@acme.example",
        ),
        (
            json.dumps({"desk": {**MAILBOX, "tls": "none"}}),
            "ACP_DRAFTS_MAILBOXES.DESK: tls may be none only for localhost",
        ),
    ],
)
def test_settings_that_cannot_be_are_named_without_secrets(
    text: str, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACP_DRAFTS_MAILBOXES", text)
    with pytest.raises(SettingsError) as found:
        read_mail_settings()
    assert str(found.value).startswith(problem), str(found.value)
    assert "hush-hush" not in str(found.value)


def oauth_mailbox(server: Dovecot, user: str | None = None, **login: Any) -> Mailbox:
    user = user or f"user-{uuid4().hex}"
    return a_mailbox(server.port, user, password=None, oauth=server.identities.login(user, **login))


async def test_a_mailbox_is_read_with_an_access_token_that_is_kept_until_its_end(imap_server: Dovecot) -> None:
    mailbox = oauth_mailbox(imap_server, scope="mail")
    imap_server.deliver(mailbox.user, a_mail())
    for _ in range(2):
        async with open_folder("desk", mailbox, "INBOX") as folder:
            assert await folder.uids_after(0) == [1]
    requests = [each for each in imap_server.identities.requests if each["client_id"] == mailbox.user]
    assert requests == [
        {"grant_type": "client_credentials", "client_id": mailbox.user, "client_secret": SECRET, "scope": "mail"}
    ]


async def test_a_token_that_the_mail_server_refuses_is_named_and_not_used_again(imap_server: Dovecot) -> None:
    mailbox = oauth_mailbox(imap_server)
    imap_server.deliver(mailbox.user, a_mail())
    async with open_folder("desk", mailbox, "INBOX"):
        pass
    [revoked] = [token for token, user in imap_server.identities.users.items() if user == mailbox.user]
    del imap_server.identities.users[revoked]
    with pytest.raises(NotReady, match=r"^mailbox 'desk': .*AUTHENTICATIONFAILED") as problem:
        async with open_folder("desk", mailbox, "INBOX"):
            pass
    assert revoked not in str(problem.value)
    async with open_folder("desk", mailbox, "INBOX") as folder:
        assert await folder.uids_after(0) == [1]


async def test_a_refused_secret_is_one_line_without_the_secret(imap_server: Dovecot) -> None:
    mailbox = oauth_mailbox(imap_server, client_secret="another-secret", refresh_token="refresh-me")  # noqa: S106
    with pytest.raises(NotReady) as problem:
        async with open_folder("desk", mailbox, "INBOX"):
            pass
    assert str(problem.value) == (
        f"mailbox 'desk': token endpoint 127.0.0.1 answered 401: invalid_client: no {SECRET}"
    )  # the server's own words; they have neither of our secrets
    assert imap_server.identities.requests[-1]["grant_type"] == "refresh_token"
    assert "another-secret" not in repr(mailbox)


@pytest.mark.parametrize("fields", [{}, {"password": PASSWORD, "oauth": {"token_url": "https://a.example/t",
    "client_id": "x", "client_secret": "y"}}])  # fmt: skip
def test_a_mailbox_has_a_password_or_oauth(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="needs either a password or oauth"):
        a_mailbox(143, **{"password": None, **fields})
