"""One message over one connection to an SMTP server, step by step, so that it is known what the server has received."""

import re
from dataclasses import dataclass
from functools import partial
from ssl import SSLContext

from aiosmtplib import SMTP, SMTPAuthenticationError, SMTPDataError, SMTPRecipientRefused, SMTPServerDisconnected

from services.tools.email import SmtpServer, SmtpTls
from services.tools.email.access_tokens import AccessTokens
from services.tools.email.message import Mail

START_INPUT = 354


@dataclass(slots=True)
class Transmission:
    """How far the sending of one message got, and what the server answered."""

    is_accepted_as_client: bool = False
    """The server has accepted our connection and login: all later answers are about the message."""
    maybe_sent: bool = False
    """Whether the first byte of the message may have been sent. Before that the server can have delivered nothing."""
    code: int | None = None
    """The answer to the whole message."""
    text: str = ""
    refused: int = 0
    """How many recipients the server refused while it accepted the message for others."""


async def transmit(
    server: SmtpServer, tls: SSLContext | None, tokens: AccessTokens, mail: Mail, transmission: Transmission
) -> None:
    """Send the message once. `transmission` records which steps are done, also for a caller that is cancelled.

    Raises the exceptions of aiosmtplib, OSError, ValueError, and NotReady without an access token.
    """
    client = await connect(server, tls, tokens)
    transport = client.transport
    try:
        transmission.is_accepted_as_client = True
        await client.mail(mail.sender)
        await _name_recipients(client, mail, transmission)
        answer = await client.execute_command(b"DATA")
        if answer.code != START_INPUT:
            raise SMTPDataError(answer.code, answer.message)
        protocol = client.protocol
        if protocol is None:
            raise SMTPServerDisconnected("Connection lost")
        transmission.maybe_sent = True
        protocol.write(re.sub(rb"(?m)^\.", b"..", mail.content) + b".\r\n")
        transmission.code, transmission.text = await protocol.read_response()
        if client.is_connected:
            protocol.write(b"QUIT\r\n")
    finally:
        if transport is not None:
            transport.abort()  # type: ignore[attr-defined]  # a finished call must not wait for the server


async def _name_recipients(client: SMTP, mail: Mail, transmission: Transmission) -> None:
    """Name the recipients. Raises SMTPRecipientRefused if all are refused; with `mail.needs_all`, if one is refused.

    Calls of tools need all, because another attempt for one recipient would send the others a second message.
    """
    for number, recipient in enumerate(mail.recipients, 1):
        try:
            await client.rcpt(recipient)
        except SMTPRecipientRefused:
            transmission.refused += 1
            if mail.needs_all or transmission.refused == number == len(mail.recipients):
                raise


async def connect(server: SmtpServer, tls: SSLContext | None, tokens: AccessTokens) -> SMTP:
    """A client that is connected and logged in. The caller limits the time."""
    host, port = server.address
    login = server.oauth
    client = SMTP(
        hostname=host, port=port, timeout=None, tls_context=tls,
        use_tls=server.tls is SmtpTls.IMPLICIT, start_tls=server.tls is SmtpTls.STARTTLS,
        username=server.user, password=None if server.password is None else server.password.get_secret_value(),
        oauth_token_generator=None if login is None else partial(tokens.token_of, login),
        local_hostname=server.domain,
    )  # fmt: skip
    try:
        await client.connect()
    except SMTPAuthenticationError:
        if login is not None:
            tokens.forget(login)
        raise
    return client
