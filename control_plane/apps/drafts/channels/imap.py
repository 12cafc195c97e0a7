"""Read a folder of a mailbox over IMAP. Nothing in the mailbox changes: no mail is marked, moved or deleted.

The client blocks, so each mailbox has a thread of its own: a server that hangs does not delay other mailboxes. If a
step takes too long, its connection is closed.
"""

import asyncio
import imaplib
import re
import socket
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.parser import BytesHeaderParser
from typing import TypeVar

from imap_tools import AND, BaseMailBox, Header, MailBox, MailBoxStartTls, MailBoxUnencrypted, UidRange
from imap_tools.errors import ImapToolsError

from control_plane.apps.drafts.channels.mailboxes import Mailbox
from control_plane.apps.drafts.mail.structure import MAX_MAIL_BYTES
from services.errors import InvalidInput, NotReady
from services.tools.email import SmtpTls
from services.tools.email.access_tokens import AccessTokens
from services.tools.outgoing import tls_context
from services.untrusted import excerpt, one_line

STEP_TIMEOUT = timedelta(seconds=60)
"""The limit of one step, such as to fetch one mail."""
SOCKET_TIMEOUT = timedelta(seconds=30)

_ERRORS = (
    ImapToolsError, imaplib.IMAP4.error, OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError,
)  # fmt: skip
"""What the client raises: also errors in its own code, after answers that no server should give."""
_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,18})\b")
_TOKENS = AccessTokens()
"""Kept for the whole process: mailboxes are opened anew in each run, but tokens are valid for about an hour."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FetchedMail:
    """One mail of a folder."""

    uid: int
    raw: bytes = field(repr=False)
    received_at: datetime
    """When the server received the mail: the same at every reading, also under another UIDVALIDITY."""


class ImapFolder:
    """An open folder. `uidvalidity` identifies the numbering of its mails: if it differs from before, all ids are
    new."""

    def __init__(self, name: str, client: BaseMailBox, uidvalidity: int, secret: str, thread: Executor) -> None:
        self.uidvalidity = uidvalidity
        self._name = name
        self._client = client
        self._secret = secret
        self._thread = thread

    async def uids_after(self, uid: int, *, since: date | None = None) -> list[int]:
        """The ids above `uid`, in their order; with `since` only of mails that came on this day or later."""
        wanted = AND(uid=UidRange(str(uid + 1), "*"), date_gte=since)
        found = await self._step(lambda: [int(each) for each in self._client.uids(wanted)])
        return sorted(each for each in found if each > uid)  # if all ids are below 5, `5:*` finds the highest

    async def fetch(self, uid: int) -> FetchedMail | None:
        """One mail; None if it no longer exists. Raises InvalidInput for a mail that is too long, without fetching
        it."""
        sizes = await self._fetch(uid, "(RFC822.SIZE)")
        size = next((_SIZE.search(line) for line in sizes if isinstance(line, bytes)), None)
        if size is None:
            return None
        if int(size[1]) > MAX_MAIL_BYTES:
            raise InvalidInput("mail", f"is longer than {MAX_MAIL_BYTES:,} bytes")
        answer = await self._fetch(uid, "(INTERNALDATE BODY.PEEK[])")
        for part in answer:
            if isinstance(part, tuple):
                return FetchedMail(uid, part[1], _internal_date(part[0], answer))
        return None

    async def has_message(self, message_id: str) -> bool:
        """Whether the folder has a mail with exactly this Message-ID."""
        found = await self._step(lambda: self._client.uids(AND(header=Header("Message-ID", message_id))))
        for uid in found:  # the search of the server looks for a part of the line
            for part in await self._fetch(int(uid), "(BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])"):
                if isinstance(part, tuple) and _message_id(part[1]) == message_id:
                    return True
        return False

    async def _fetch(self, uid: int, what: str) -> list[bytes | tuple[bytes, bytes]]:
        _, answer = await self._step(lambda: self._client.client.uid("FETCH", str(uid), what))
        return [part for part in answer if part is not None]

    async def _step(self, step: Callable[[], T]) -> T:
        return await _in_thread(self._thread, self._name, step, self._client, self._secret)


@asynccontextmanager
async def open_folder(name: str, mailbox: Mailbox, folder: str) -> AsyncIterator[ImapFolder]:
    """A folder of the mailbox with this name in the settings. Raises NotReady if it cannot be read."""
    secret = await _secret_of(name, mailbox)
    thread = ThreadPoolExecutor(1, thread_name_prefix="mailbox")
    try:
        client = await _in_thread(thread, name, lambda: _connect(mailbox), None, secret)
        try:
            await _in_thread(thread, name, lambda: _log_in(client, mailbox, secret), client, secret)
            status = await _in_thread(thread, name, lambda: _select(client, folder), client, secret)
            yield ImapFolder(name, client, status, secret, thread)
        finally:
            with suppress(NotReady):
                await _in_thread(thread, name, client.logout, client, secret)
    finally:
        thread.shutdown(wait=False)


def _connect(mailbox: Mailbox) -> BaseMailBox:
    host, port = mailbox.server
    timeout = SOCKET_TIMEOUT.total_seconds()
    if mailbox.tls is SmtpTls.NONE:
        return MailBoxUnencrypted(host, port, timeout=timeout)
    context = tls_context()
    if mailbox.ca_file is not None:
        context.load_verify_locations(mailbox.ca_file)
    kind = MailBoxStartTls if mailbox.tls is SmtpTls.STARTTLS else MailBox
    return kind(host, port, timeout=timeout, ssl_context=context)


async def _secret_of(name: str, mailbox: Mailbox) -> str:
    """The password or a valid access token. Raises NotReady."""
    if mailbox.oauth is None:
        return "" if mailbox.password is None else mailbox.password.get_secret_value()
    try:
        return await _TOKENS.token_of(mailbox.oauth)
    except NotReady as exc:
        raise NotReady(one_line(f"mailbox {name!r}: {exc}")) from exc


def _log_in(client: BaseMailBox, mailbox: Mailbox, secret: str) -> None:
    if mailbox.oauth is None:
        client.login_utf8(mailbox.user, secret, initial_folder=None)
        return
    answers = iter([f"user={mailbox.user}\x01auth=Bearer {secret}\x01\x01".encode()])
    try:  # a server that refuses the token sends the reason first, then waits for an empty answer
        client.client.authenticate("XOAUTH2", lambda _: next(answers, b""))
    except imaplib.IMAP4.error:
        _TOKENS.forget(mailbox.oauth)
        raise


def _select(client: BaseMailBox, folder: str) -> int:
    client.folder.set(folder, readonly=True)
    return client.folder.status(folder, ["UIDVALIDITY"])["UIDVALIDITY"]


async def _in_thread(thread: Executor, name: str, step: Callable[[], T], client: BaseMailBox | None, secret: str) -> T:
    """Run the step in the thread. Raises NotReady with one line that has no secret."""
    try:
        async with asyncio.timeout(STEP_TIMEOUT.total_seconds()):
            return await asyncio.get_running_loop().run_in_executor(thread, step)
    except TimeoutError as exc:
        if client is not None:  # ends the thread, which waits for the socket
            with suppress(OSError):
                client.client.sock.shutdown(socket.SHUT_RDWR)
        raise NotReady(f"mailbox {name!r}: no answer in time") from exc
    except _ERRORS as exc:
        problem = excerpt(str(exc), [secret]) or type(exc).__name__
        raise NotReady(one_line(f"mailbox {name!r}: {problem}")) from exc


def _internal_date(head: bytes, answer: list[bytes | tuple[bytes, bytes]]) -> datetime:
    """When the mail arrived at the server (INTERNALDATE). Servers send this time before or after the mail itself."""
    for text in (head, *(part for part in answer if isinstance(part, bytes))):
        with suppress(ValueError, OverflowError):  # such as the year 0
            local = imaplib.Internaldate2tuple(text)
            if local is not None:
                return datetime(*local[:6]).astimezone(UTC)
    return datetime.now(UTC)


def _message_id(header: bytes) -> str:
    return str(BytesHeaderParser().parsebytes(header).get("message-id", "")).strip()
