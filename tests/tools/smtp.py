"""SMTP servers for tests: aiosmtpd's, which follows the standards, and one that follows a script."""

import asyncio
import re
import ssl
import warnings
from base64 import b64decode
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from pydantic import SecretStr

from services.catalog import Tool
from services.tools.email import SmtpServer
from tests.tools.builders import a_tool

LOGIN = ("acp", "s3cret-password")
FROM = "Acme <acp@acme.example>"


def to_server(name: str = "desk") -> Tool:
    """A tool that sends e-mail over this server."""
    return a_tool(provider="email", slug="DESK__send", config={"server": name})


def settings_for(port: int, **fields: Any) -> SmtpServer:
    """The settings for a server on this machine: without TLS, unless a field says otherwise."""
    return SmtpServer.model_validate({"host": "127.0.0.1", "port": port, "tls": "none", "from": FROM, **fields})


def with_login(port: int, **fields: Any) -> SmtpServer:
    """The settings with the login that `mail_server` takes."""
    return settings_for(port, **{"user": LOGIN[0], "password": SecretStr(LOGIN[1]), **fields})


@dataclass
class Mailbox:
    """What aiosmtpd has accepted, and what it says to some recipients."""

    port: int = 0
    received: list[Envelope] = field(default_factory=list)
    refusals: Mapping[str, str] = field(default_factory=dict)
    """By recipient: the answer to RCPT."""
    answer: str = "250 2.0.0 Ok: queued as 1F2E3D"
    """To a whole message."""
    tokens: Mapping[str, str] = field(default_factory=dict)
    """By access token: its user."""

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        user, token = re.fullmatch("user=(.*)\x01auth=Bearer (.*)\x01\x01", b64decode(args[1]).decode()).groups()  # type: ignore[union-attr]
        if self.tokens.get(token) == user:
            return AuthResult(success=True)
        await server.challenge_auth('{"status":"400","schemes":"bearer"}')
        return AuthResult(success=False, handled=False)

    async def handle_RCPT(self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: object) -> str:  # noqa: N802
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.answer.startswith("250"):
            self.received.append(envelope)
        return self.answer


def only_message(mailbox: Mailbox) -> EmailMessage:
    """The only message that was accepted."""
    [envelope] = mailbox.received
    assert isinstance(envelope.content, bytes)
    message = message_from_bytes(envelope.content, policy=default)
    assert isinstance(message, EmailMessage)
    return message


class _Session(SMTP):
    """One connection to aiosmtpd; `gone` is set unless it is open."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.gone = asyncio.Event()
        self.gone.set()  # a handshake that fails opens nothing

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.gone.clear()
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self.gone.set()


@asynccontextmanager
async def mail_server(
    certificate: Path | None = None, *, implicit: bool = False, login: bool = False
) -> AsyncIterator[Mailbox]:
    """A real server. With a certificate it offers STARTTLS and takes no mail without, unless its TLS is implicit."""
    mailbox = Mailbox()
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    loop = asyncio.get_running_loop()

    def authenticate(_: object, __: object, ___: object, ____: str, data: object) -> AuthResult:
        is_ours = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == LOGIN
        return AuthResult(success=is_ours, handled=False)

    sessions = list[_Session]()

    def connected() -> SMTP:
        with warnings.catch_warnings():  # aiosmtpd does not see that a connection began with TLS
            warnings.simplefilter("ignore")
            session = _Session(
                mailbox, hostname="mail.example", loop=loop, tls_context=None if implicit else context,
                require_starttls=context is not None and not implicit, auth_required=login,
                auth_require_tls=not implicit, authenticator=authenticate if login else None,
            )  # fmt: skip
        sessions.append(session)
        return session

    server = await loop.create_server(connected, "127.0.0.1", 0, ssl=context if implicit else None)
    mailbox.port = server.sockets[0].getsockname()[1]
    try:
        yield mailbox
    finally:
        server.close()
        async with asyncio.timeout(60):
            for session in sessions:
                await session.gone.wait()
        await server.wait_closed()


DROP = object()
"""In a script: the server closes the connection."""
HANG = object()
"""In a script: the server says nothing more until the client closes."""
FOREVER = object()
"""Last in a script: the piece before it is repeated until the client closes."""
GREETING = b"220 hostile.example\r\n"
READY = (GREETING, b"250 hello\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go on\r\n")
"""The answers up to the message itself, for one recipient and no login: the next piece answers the message."""


@dataclass
class Scripted:
    """What a scripted server has seen."""

    port: int = 0
    connections: int = 0
    messages: list[bytes] = field(default_factory=list)
    """Everything received after a 354, up to the end mark."""
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    """A whole message is there."""
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    """The client has closed a connection."""


@asynccontextmanager
async def scripted_server(script: Sequence[object]) -> AsyncIterator[Scripted]:
    """A server that sends a piece of the script when it is connected, and the next after each command or message."""
    seen, tasks = Scripted(), set[asyncio.Task[None]]()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        seen.connections += 1
        previous = b""
        try:
            for piece, following in zip(script, [*script[1:], None], strict=True):
                if piece is DROP:
                    break
                if piece is HANG:
                    await reader.read()
                    break
                if piece is FOREVER:
                    while True:
                        writer.write(previous)
                        await writer.drain()
                assert isinstance(piece, bytes)
                writer.write(piece)
                await writer.drain()
                previous = piece
                if following is FOREVER:
                    continue
                if piece.startswith(b"354"):
                    seen.messages.append(await reader.readuntil(b"\r\n.\r\n"))
                    seen.arrived.set()
                else:
                    await reader.readuntil(b"\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            seen.closed.set()
            tasks.discard(task)
            writer.transport.abort()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    seen.port = server.sockets[0].getsockname()[1]
    try:
        yield seen
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()
