"""Settle replies whose delivery is unknown: a copy in our own mailbox proves that a reply was sent.

If there is no copy, nothing is proved, because the copy may arrive later: the envelope stays `unknown`, and a person
decides.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from uuid import UUID

from control_plane.apps.drafts.channels.imap import open_folder
from control_plane.apps.drafts.channels.mailboxes import Mailbox
from control_plane.apps.drafts.store import functions_of, mailboxes
from control_plane.apps.drafts.store.mailboxes import UnknownReply
from services.backends import Backends
from services.envelope import Actor
from services.errors import StateConflict
from services.outbox import Resolution


async def find_unknown_replies(
    backends: Backends, settings: Mapping[str, Mailbox], tenant: UUID | None
) -> dict[str, list[UnknownReply]]:
    """For each mailbox, the unknown replies of which it may have a copy. Raises NotReady."""
    found = defaultdict[str, list[UnknownReply]](list)
    names = {(mailbox.tenant_id, mailbox.address): name for name, mailbox in settings.items()}
    for reply in await mailboxes.list_unknown_replies(functions_of(backends), tenant):
        name = names.get((reply.tenant_id, reply.channel.lower()))
        if name is not None:
            found[name].append(reply)
    return found


async def resolve_unknown_replies(
    backends: Backends, name: str, mailbox: Mailbox, replies: Sequence[UnknownReply], *, actor: Actor
) -> AsyncIterator[UnknownReply]:
    """Settle as sent the replies of which the mailbox has a copy, and yield each. Raises NotReady."""
    missing = list(replies)
    for folder in mailbox.folders:
        async with open_folder(name, mailbox, folder) as opened:
            for reply in list(missing):
                if await opened.has_message(reply.message_id):
                    missing.remove(reply)
                    if await settle_as_sent(backends, reply.tenant_id, reply.envelope_id, folder, actor=actor):
                        yield reply


async def settle_as_sent(backends: Backends, tenant: UUID, envelope: UUID, folder: str, *, actor: Actor) -> bool:
    """Record that the reply was sent; False if somebody has settled it meanwhile."""
    with suppress(StateConflict):
        await backends.outbox.resolve(
            tenant, envelope, decision=Resolution.SUCCESS, actor=actor, reason=f"a copy is in our mailbox ({folder})"
        )
        return True
    return False
