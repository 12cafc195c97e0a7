"""Read the new mails of a mailbox, and store each as a message of its conversation.

The position moves past a mail only after it was stored, or refused because it cannot be read. So no mail is lost when
the reader stops half-way. A mail that is read again, even under another UIDVALIDITY, is recognised by its Message-ID
and not stored twice.
"""

import asyncio
import re
import traceback
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from control_plane.apps.drafts.channels.imap import FetchedMail, ImapFolder, open_folder
from control_plane.apps.drafts.channels.mailboxes import Mailbox
from control_plane.apps.drafts.inbound import InboundMessage
from control_plane.apps.drafts.mail.parse import parse_mail
from control_plane.apps.drafts.mail.threads import ReplyAddresses
from control_plane.apps.drafts.receive_message import receive_message
from control_plane.apps.drafts.store import functions_of, mailboxes
from control_plane.apps.drafts.store.mailboxes import RefusedMail
from control_plane.apps.drafts.values import DeliveryState
from services.backends import Backends
from services.envelope import Actor
from services.errors import ControlPlaneError, InvalidInput

SAVE_EVERY = 20
"""How many mails are stored before the position is saved. At most this many are read again after a crash."""
MAX_MAILS = 500
"""The most mails of one folder in one run, so that other folders get their turn."""
READ_WITHIN = timedelta(minutes=2)
"""After this time a folder is read no further in this run, so a slow server does not hold up the other mailboxes."""

_OUR_ID = re.compile(r"<[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}@([^@>]+)>")


@dataclass(slots=True)
class MailCounts:
    """The counts of one reading of a mailbox."""

    received: int = 0
    repeated: int = 0
    """Mails that were stored before."""
    refused: int = 0
    unknown_replies: list[UUID] = field(default_factory=list)
    """Envelopes in state `unknown` for which a copy of the sent mail came back to us."""


async def receive_mail(
    backends: Backends,
    name: str,
    mailbox: Mailbox,
    *,
    key: str | None,
    now: datetime,
    actor: Actor,
    within: timedelta = READ_WITHIN,
) -> MailCounts:
    """Read the folders of the mailbox with this name in the settings. `key` is ACP_WEBHOOK_KEY.

    After `within`, a folder is read no further; at least one of its new mails is read. The next run continues.

    Raises NotReady if the mailbox or the database cannot be reached, NotFound if the tenant has no channel for it.
    """
    own = None if key is None else ReplyAddresses(mailbox.address, mailbox.tenant_id, key)
    reader = _Reader(backends, name, mailbox, own, actor, within)
    for folder in mailbox.folders:
        await reader.read_folder(folder, since=(now - timedelta(days=mailbox.first_days)).date())
    return reader.counts


@dataclass(slots=True)
class _Reader:
    """One reading of a mailbox."""

    backends: Backends
    name: str
    mailbox: Mailbox
    own: ReplyAddresses | None
    actor: Actor
    within: timedelta
    counts: MailCounts = field(default_factory=MailCounts)

    async def read_folder(self, folder: str, *, since: date) -> None:
        """Read the new mails of a folder. `since` is the oldest day to read if the folder was never read under its
        current numbering."""
        functions, tenant = functions_of(self.backends), self.mailbox.tenant_id
        position = await mailboxes.read_position(functions, tenant, self.mailbox.address, folder)
        async with open_folder(self.name, self.mailbox, folder) as opened:
            if position.uid is not None and position.uidvalidity == opened.uidvalidity:
                uids = await opened.uids_after(position.uid)
            else:
                uids = await opened.uids_after(0, since=since)
            clock = asyncio.get_running_loop().time
            ends_at = clock() + self.within.total_seconds()
            refused: list[RefusedMail] = []
            for number, uid in enumerate(uids := uids[:MAX_MAILS], 1):
                problem = await self._read_mail(opened, folder, uid)
                if problem is not None:
                    refused.append(RefusedMail(uid=uid, problem=problem))
                is_over = number == len(uids) or clock() >= ends_at
                if is_over or number % SAVE_EVERY == 0:
                    await mailboxes.save_position(
                        functions, tenant, position.channel_id, folder, uidvalidity=opened.uidvalidity, uid=uid,
                        refused=refused,
                    )  # fmt: skip
                    self.counts.refused += len(refused)
                    refused = []
                if is_over:
                    return

    async def _read_mail(self, opened: ImapFolder, folder: str, uid: int) -> str | None:
        """Store one mail. Returns why it is refused."""
        try:
            fetched = await opened.fetch(uid)
            if fetched is not None:
                await self._store(fetched, folder)
        except InvalidInput as exc:
            return str(exc)
        return None

    def _parse(self, fetched: FetchedMail) -> InboundMessage:
        try:
            return parse_mail(
                fetched.raw, channel=self.mailbox.address, received_at=fetched.received_at, own=self.own
            )  # fmt: skip
        except ControlPlaneError:
            raise
        except Exception as exc:  # a bug that depends on one mail must not stop the others
            frame = traceback.extract_tb(exc.__traceback__)[-1]
            raise InvalidInput("mail", f"a bug: {type(exc).__name__} at {frame.name}:{frame.lineno}") from exc

    async def _store(self, fetched: FetchedMail, folder: str) -> None:
        tenant = self.mailbox.tenant_id
        message = await asyncio.to_thread(self._parse, fetched)
        message, is_ours = recognize_own_reply(message, self.mailbox, folder)
        received = await receive_message(self.backends, tenant, message, actor=self.actor, is_ours=is_ours)
        self.counts.received += received.created
        self.counts.repeated += not received.created
        if received.envelope_id is not None and received.delivery_state is DeliveryState.UNKNOWN:
            self.counts.unknown_replies.append(received.envelope_id)


def recognize_own_reply(message: InboundMessage, mailbox: Mailbox, folder: str) -> tuple[InboundMessage, bool]:
    """The message, and whether it is a reply of ours: in the folder of sent mail, or with an id that our tool makes.

    Other mail that claims to come from our own address is stored and never answered, because the sender can be faked.
    Pure.
    """
    if folder == mailbox.sent_folder:
        return replace(message, customer_name=None), True
    if message.customer_email != mailbox.address:
        return message, False
    ours = _OUR_ID.fullmatch(message.external_id or "")
    if ours is not None and ours[2].lower() == mailbox.address.rpartition("@")[2]:
        return replace(message, customer_name=None), True
    return replace(message, automatic=message.automatic or "auto_reply"), False
