"""The read positions of mailboxes, and the replies with an unknown outcome (a mailbox may have a copy of one)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.backends.functions import Functions


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """The last mail of a folder that was stored or refused; nulls for a folder that was never read."""

    channel_id: UUID
    uidvalidity: int | None
    uid: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedMail:
    """A mail that cannot be read. It stays in the mailbox."""

    uid: int
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownReply:
    """A reply by e-mail whose delivery is unknown."""

    tenant_id: UUID
    channel: str
    """The external id of its channel."""
    envelope_id: UUID
    message_id: str


async def read_position(functions: Functions, tenant: UUID, channel: str, folder: str) -> Position:
    """The position in a folder. Raises NotFound if the tenant has no e-mail channel with this external id."""
    row = await functions.call("drafts.read_mailbox_position", tenant=tenant, channel=channel, folder=folder)
    return Position(channel_id=UUID(row["channel_id"]), uidvalidity=row["uidvalidity"], uid=row["uid"])


async def save_position(
    functions: Functions, tenant: UUID, channel: UUID, folder: str, *, uidvalidity: int, uid: int,
    refused: Sequence[RefusedMail] = (),
) -> None:  # fmt: skip
    """Record that all mails up to `uid` are stored or refused. People are notified of the refused mails."""
    await functions.call(
        "drafts.save_mailbox_position", tenant=tenant, channel_id=channel, folder=folder, uidvalidity=uidvalidity,
        uid=uid, refused=[{"uid": mail.uid, "problem": mail.problem} for mail in refused], as_of=functions.as_of(),
    )  # fmt: skip


async def list_unknown_replies(functions: Functions, tenant: UUID | None) -> list[UnknownReply]:
    """At most 200 unknown replies of one tenant, or of all. Tenants take turns, each with its oldest reply first."""
    rows = await functions.call("drafts.list_unknown_replies", tenant=tenant)
    return [
        UnknownReply(
            tenant_id=UUID(row["tenant_id"]), channel=row["channel"], envelope_id=UUID(row["envelope_id"]),
            message_id=row["message_id"],
        )
        for row in rows
    ]  # fmt: skip
