"""Mail that travels: an SMTP server that puts each mail into the mailboxes of a real Dovecot."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.control_plane.apps.drafts.channels.dovecot import PASSWORD, Dovecot

STEPS = ("EHLO", "MAIL", "RCPT", "DATA", "delivered")
"""Where a test can hold a transmission: at a command, at the end of a message, and when it is delivered already."""


@dataclass
class Post:
    """The server. It holds what is at the step `hold_at`, and says so by `held`."""

    imap: Dovecot
    port: int = 0
    hold_at: str | None = None
    held: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle_EHLO(  # noqa: N802
        self, _: SMTP, session: Session, __: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        await self._hold("EHLO")
        return responses

    async def handle_MAIL(  # noqa: N802
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: object
    ) -> str:
        await self._hold("MAIL")
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: object
    ) -> str:
        await self._hold("RCPT")
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802
        await self._hold("DATA")
        assert isinstance(envelope.content, bytes)
        for address in envelope.rcpt_tos:
            await asyncio.to_thread(self.imap.deliver, user_of(address), envelope.content)
        await self._hold("delivered")
        return "250 OK"

    async def _hold(self, step: str) -> None:
        if self.hold_at == step:
            self.held.set()
            await asyncio.Event().wait()


def user_of(address: str) -> str:
    """The login of the mailbox with this address: its part before `+` and `@`."""
    return address.partition("@")[0].partition("+")[0]


@asynccontextmanager
async def post(imap: Dovecot) -> AsyncIterator[Post]:
    """A server that delivers."""
    served = Post(imap)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(served, hostname="mx.acme.example", loop=loop), "127.0.0.1", 0
    )  # fmt: skip
    served.port = server.sockets[0].getsockname()[1]
    try:
        yield served
    finally:
        server.close()


def smtp_settings(served: Post, address: str, copy_to: str) -> str:
    """ACP_SMTP_SERVERS with one server, `desk`, which sends from this address."""
    server = {"host": "127.0.0.1", "port": served.port, "tls": "none", "from": address, "copy_to": copy_to}
    return json.dumps({"desk": server})


def mailbox_settings(imap: Dovecot, tenant: object, address: str, user: str, **fields: Any) -> str:
    """ACP_DRAFTS_MAILBOXES with one mailbox, `desk`."""
    mailbox = {
        "tenant_id": str(tenant), "address": address, "host": "127.0.0.1", "port": imap.port, "tls": "none",
        "user": user, "password": PASSWORD, "first_days": 36_500, **fields,
    }  # fmt: skip
    return json.dumps({"desk": mailbox})
