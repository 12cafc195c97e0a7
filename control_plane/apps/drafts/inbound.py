"""A message that a customer sent, in the format into which every channel converts its messages."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

CLOCK_DIFFERENCE = timedelta(minutes=10)
_OLDEST = datetime(1980, 1, 1, tzinfo=UTC)


def believable_time(claimed: datetime, received_at: datetime) -> datetime:
    """When a message was sent, in UTC: as its sender claims, unless that is before 1980 or after it came. Pure."""
    aware = claimed if claimed.tzinfo else claimed.replace(tzinfo=UTC)
    is_believable = _OLDEST <= aware <= received_at + CLOCK_DIFFERENCE
    return aware.astimezone(UTC) if is_believable else received_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that came with a message. Its bytes are not kept: `reference` says where they are."""

    name: str
    content_type: str
    size_bytes: int | None = None
    sha256: str | None = None
    reference: str | None = None
    """Where the file is: a URL in the system of the channel, or the part of the mail as IMAP numbers it, such as `part
    2.1`."""
    note: str | None = None
    """A note for the reader, for example that the file was not unpacked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMessage:
    """One message, with no NUL and no lone surrogate in any text, so that PostgreSQL stores it as it is."""

    channel_external_id: str
    """The external id of the channel that received the message."""
    conversation_keys: tuple[str, ...]
    """Keys that identify the conversation, the best first. For mail: In-Reply-To, References (the newest first), our
    own reply address."""
    conversation_external_id: str
    """The id of the conversation, used if none of the keys is known."""
    external_id: str | None
    subject: str | None
    text: str = field(repr=False)
    """The whole text, quotes included."""
    html: str | None = field(default=None, repr=False)
    """The text as HTML, without scripts, forms, styles and anything that is loaded from elsewhere."""
    sent_at: datetime
    """When the message was sent, with a time zone. If the sender's time is in the future: when the message arrived."""
    customer_email: str | None = None
    """The customer's address in lower case."""
    customer_name: str | None = None
    reply_to: str | None = None
    """Where the customer asks for answers, if that is not `customer_email`."""
    automatic: str | None = None
    """`auto_reply`, `bounce` or `list` for a message that no person wrote: it is stored, but never answered."""
    attachments: tuple[Attachment, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    closes: bool = False
    """The channel says that the conversation is over."""
    status: str | None = None
    """The channel's own word for the state of the conversation."""


def to_document(message: InboundMessage) -> dict[str, Any]:
    """The message as JSON: the same names, `sent_at` in ISO 8601."""
    return {
        **{name: value for name, value in asdict(message).items() if name not in {"sent_at", "metadata"}},
        "sent_at": message.sent_at.isoformat(),
        "metadata": dict(message.metadata),
    }
