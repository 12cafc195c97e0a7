"""Event webhooks as Zendesk sends them: a comment on a ticket is a message; a solved ticket closes its
conversation."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import Field

from control_plane.apps.drafts.channels.payloads import Delivered, Id, Payload, Text, address_of, moment_of, read_as
from control_plane.apps.drafts.inbound import InboundMessage

_PREFIX = "zen:event-type:ticket."
_END = frozenset({"SOLVED", "CLOSED"})


class Author(Payload):
    """The author of a comment."""

    name: Text | None = None
    email: Text | None = None
    is_staff: bool = False


class Comment(Payload):
    """A comment on a ticket."""

    id: Id = Field(min_length=1)
    body: Text
    is_public: bool = True
    author: Author = Author()


class Ticket(Payload):
    """The ticket of an event."""

    id: Id = Field(min_length=1)
    subject: Text | None = None
    status: Text | None = Field(default=None, min_length=1, max_length=255)


class CommentAdded(Payload):
    """The data of an event about a new comment."""

    comment: Comment


class StatusChanged(Payload):
    """The data of an event about a new status of a ticket."""

    current: Text = Field(min_length=1, max_length=255)


class Event(Payload):
    """The whole payload: the type of the event, its ticket, and its data."""

    id: Id | None = None
    type: str
    time: datetime | None = None
    detail: Ticket
    event: dict[str, Any]


def read(payload: Mapping[str, Any], *, channel: str, now: datetime) -> Delivered | None:
    """The message in an event; None for private comments and other events. Raises InvalidInput."""
    kind = str(payload.get("type"))
    if kind not in {f"{_PREFIX}comment_added", f"{_PREFIX}status_changed"}:
        return None
    event = read_as(Event, payload)
    ticket, sent_at = event.detail, moment_of(event.time, now)
    if kind.endswith("status_changed"):
        status = read_as(StatusChanged, event.event).current
        if status.upper() not in _END:
            return None
        message = InboundMessage(
            channel_external_id=channel, conversation_keys=(ticket.id,), conversation_external_id=ticket.id,
            external_id=event.id, subject=ticket.subject, text="", sent_at=sent_at, closes=True, status=status.lower(),
        )  # fmt: skip
        return Delivered(message=message)
    comment = read_as(CommentAdded, event.event).comment
    if not comment.is_public:
        return None
    author = comment.author
    message = InboundMessage(
        channel_external_id=channel, conversation_keys=(ticket.id,), conversation_external_id=ticket.id,
        external_id=comment.id, subject=ticket.subject, text=comment.body, sent_at=sent_at,
        customer_email=None if author.is_staff else address_of(author.email),
        customer_name=None if author.is_staff else author.name,
    )  # fmt: skip
    return Delivered(message=message, is_ours=author.is_staff)
