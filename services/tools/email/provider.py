"""Calls sent as e-mail: one message per call, successful once the SMTP server has accepted it.

Importing this module loads the SMTP client, so `services.tools.dispatch` imports it at the first call that needs it.
"""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import timedelta
from ssl import SSLContext
from types import TracebackType
from typing import Self

from aiosmtplib import SMTPException, SMTPRecipientRefused, SMTPResponseException

from services.catalog import ListedTool
from services.clock import Clock, utc_now
from services.errors import InvalidInput, NotFound, NotReady
from services.tools import Failed, Outcome, Success, ToolCall, Unknown
from services.tools.email import NOTICE_SERVER, SmtpServer, SmtpTls
from services.tools.email.access_tokens import AccessTokens
from services.tools.email.message import MAIL_SCHEMA, Mail, mail_of
from services.tools.email.notices import notice_mail
from services.tools.email.smtp import Transmission, connect, transmit
from services.tools.outgoing import tls_context
from services.untrusted import excerpt, one_line, texts_in

BUSY_RETRY_AFTER = timedelta(minutes=5)
"""The wait after an answer 4xx. Servers that delay unknown senders (greylisting) refuse for about this long."""
REFUSED_RETRY_AFTER = timedelta(minutes=15)
"""The wait after a server has refused our login or connection, and not the message: only a person can correct that."""
NOT_SET_RETRY_AFTER = timedelta(minutes=1)
HEALTH_TIMEOUT = timedelta(seconds=10)
AUTHENTICATION_REQUIRED = 530

_ERRORS = (SMTPException, OSError, ValueError, NotReady)
"""The exceptions of the client. ValueError: no certificate can have this host name. NotReady: we got no access
token."""


class EmailProvider:
    """Tools behind an SMTP server: `config.server` names it. An async context manager.

    Each message is sent over a new connection, so that a late or repeated answer is not taken for the answer to another
    message.
    """

    def __init__(
        self, servers: Mapping[str, SmtpServer], *, approval_url: str | None = None, clock: Clock = utc_now
    ) -> None:
        """`approval_url` is the address of the page of an approval, as `approval_link` takes it."""
        self._servers = servers
        self._approval_url = approval_url
        self._clock = clock
        self._contexts: dict[str, SSLContext] = {}
        self._tokens = AccessTokens()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing stays open between calls."""

    async def execute(self, call: ToolCall) -> Outcome:
        """Send the message once, within `call.timeout`, the connection included."""
        is_notice = call.tool.subscription_id is not None
        name = NOTICE_SERVER if is_notice else str(call.tool.config.get("server"))
        server = self._servers.get(name)
        if server is None and is_notice:  # another worker may have the server: try again later
            error = f"ACP_SMTP_SERVERS has no server named {name!r}"
            return Failed(error=error, retryable=True, held=True, retry_after=NOT_SET_RETRY_AFTER)
        if server is None:
            return _permanent_failure(f"config.server: ACP_SMTP_SERVERS has no server named {name!r}")
        try:
            now = self._clock()
            mail = notice_mail(call, server, self._approval_url, now) if is_notice else mail_of(call, server, now)
        except InvalidInput as exc:
            return _permanent_failure(str(exc))
        transmission = Transmission()
        try:
            async with asyncio.timeout(call.timeout.total_seconds()):
                await transmit(server, self._context(name, server), self._tokens, mail, transmission)
        except TimeoutError:
            error = f"SMTP server {name!r} gave no answer within {call.timeout.total_seconds():g} s"
            return Unknown(error=error) if transmission.maybe_sent else Failed(error=error, retryable=True)
        except _ERRORS as exc:
            return _outcome_of_error(name, transmission, exc, texts_in(call.arguments))
        return _outcome_of_answer(name, transmission, mail, texts_in(call.arguments))

    async def list_tools(self, source: str) -> list[ListedTool]:
        """The one tool of a server: to send a message. Raises NotFound for a server without settings."""
        if source not in self._servers:
            raise NotFound("source", source, f"ACP_SMTP_SERVERS has no server named {source!r}")
        return [
            ListedTool(
                name="send", title="Send an e-mail", description=f"Sends an e-mail from {self._servers[source].from_}.",
                schema=MAIL_SCHEMA, annotations={"openWorldHint": True}, config={"server": source},
            )
        ]  # fmt: skip

    async def health(self, source: str) -> str | None:
        """None when the server takes our login, else one line with the problem."""
        server = self._servers.get(source)
        if server is None:
            return f"ACP_SMTP_SERVERS has no server named {source!r}"
        try:
            async with asyncio.timeout(HEALTH_TIMEOUT.total_seconds()):
                client = await connect(server, self._context(source, server), self._tokens)
                client.close()
        except TimeoutError:
            return f"SMTP server {source!r} gave no answer within {HEALTH_TIMEOUT.total_seconds():g} s"
        except _ERRORS as exc:
            return _error_line(source, exc, ())
        return None

    def _context(self, name: str, server: SmtpServer) -> SSLContext | None:
        if server.tls is SmtpTls.NONE:
            return None
        if name not in self._contexts:
            context = tls_context()
            if server.ca_file is not None:
                context.load_verify_locations(server.ca_file)
            self._contexts[name] = context
        return self._contexts[name]


def _outcome_of_answer(name: str, transmission: Transmission, mail: Mail, hidden: Iterable[str]) -> Outcome:
    """The outcome of a message that was sent as a whole and answered. Pure."""
    code = transmission.code or 0
    if 200 <= code < 300:
        reply = one_line(f"{code} {transmission.text}", limit=200)
        refused = {"refused_recipients": transmission.refused} if transmission.refused else {}
        return Success(result={"message_id": mail.message_id, "reply": reply, **refused})
    error = _answer_text(name, code, transmission.text, hidden, to="the message")
    if 400 <= code < 500:
        return Failed(error=error, retryable=True, retry_after=BUSY_RETRY_AFTER)
    return Failed(error=error, retryable=False) if 500 <= code < 600 else Unknown(error=error)


def _outcome_of_error(name: str, transmission: Transmission, exc: Exception, hidden: Iterable[str]) -> Outcome:
    """The outcome of a message whose transmission was broken off. Pure."""
    error = _error_line(name, exc, hidden)
    if transmission.maybe_sent:
        return Unknown(error=error)
    if isinstance(exc, NotReady):
        return Failed(error=error, retryable=True, held=True, retry_after=BUSY_RETRY_AFTER)
    if isinstance(exc, SMTPResponseException):
        refuses_us = not transmission.is_accepted_as_client or exc.code == AUTHENTICATION_REQUIRED
        if 500 <= exc.code < 600:
            return Failed(
                error=error,
                retryable=refuses_us,
                held=refuses_us,
                retry_after=REFUSED_RETRY_AFTER if refuses_us else None,
            )
        if 400 <= exc.code < 500:
            return Failed(error=error, retryable=True, retry_after=BUSY_RETRY_AFTER)
    return Failed(error=error, retryable=True)


def _error_line(name: str, exc: Exception, hidden: Iterable[str]) -> str:
    if isinstance(exc, SMTPResponseException) and exc.code >= 0:
        to = "a recipient" if isinstance(exc, SMTPRecipientRefused) else _STEPS.get(type(exc).__name__, "a command")
        return _answer_text(name, exc.code, exc.message, hidden, to=to)
    return one_line(f"SMTP server {name!r}: {excerpt(str(exc), hidden) or type(exc).__name__}")


_STEPS = {
    "SMTPConnectResponseError": "the connection", "SMTPHeloError": "EHLO", "SMTPAuthenticationError": "the login",
    "SMTPSenderRefused": "the sender", "SMTPDataError": "DATA",
}  # fmt: skip


def _answer_text(name: str, code: int, text: str, hidden: Iterable[str], *, to: str) -> str:
    quoted = excerpt(text, hidden)
    return one_line(f"SMTP server {name!r} answered {code} to {to}" + (f": {quoted}" if quoted else ""))


def _permanent_failure(error: str) -> Failed:
    return Failed(error=one_line(error), retryable=False)
