"""The payload in our own format, signed as Standard Webhooks says: for any system that can send its customers'
messages."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from control_plane.apps.drafts.channels.payloads import (
    Delivered,
    Id,
    Payload,
    Size,
    Text,
    address_of,
    moment_of,
    read_as,
)
from control_plane.apps.drafts.inbound import Attachment, InboundMessage
from control_plane.apps.drafts.mail.html import sanitize, to_text


class Person(Payload):
    """The customer who wrote a message."""

    email: Text | None = None
    name: Text | None = None


class File(Payload):
    """A file of a message."""

    name: Text = Field(max_length=255)
    content_type: Text = Field(default="application/octet-stream", max_length=255)
    size_bytes: Size | None = None
    url: Text | None = None


class Message(Payload):
    """The field `data` of `{"type": "message.created", "timestamp": …, "data": {…}}`."""

    conversation_id: Id = Field(min_length=1)
    message_id: Id | None = Field(default=None, min_length=1)
    subject: Text | None = None
    text: Text | None = None
    """If it is missing, the text is made from `html`."""
    html: Text | None = None
    sent_at: datetime | None = None
    customer: Person = Person()
    reply_to: Text | None = None
    automatic: Literal["auto_reply", "bounce", "list"] | None = None
    attachments: tuple[File, ...] = Field(default=(), max_length=100)
    is_ours: bool = False
    """Whether a person of the tenant wrote the message."""
    closes: bool = False
    status: Text | None = Field(default=None, min_length=1, max_length=255)


class Event(Payload):
    """The whole payload: the type of the event, and its message."""

    type: str
    data: Message


def read(payload: Mapping[str, Any], *, channel: str, now: datetime) -> Delivered | None:
    """The message in an event; None for an event of another type. Raises InvalidInput."""
    if payload.get("type") != "message.created":
        return None
    data = read_as(Event, payload).data
    email = address_of(data.customer.email)
    reply_to = address_of(data.reply_to)
    return Delivered(
        message=InboundMessage(
            channel_external_id=channel,
            conversation_keys=(data.conversation_id,),
            conversation_external_id=data.conversation_id,
            external_id=data.message_id,
            subject=data.subject,
            text=data.text if data.text is not None else to_text(data.html or ""),
            html=None if data.html is None else sanitize(data.html),
            sent_at=moment_of(data.sent_at, now),
            customer_email=email,
            customer_name=data.customer.name,
            reply_to=None if reply_to == email else reply_to,
            automatic=data.automatic,
            attachments=tuple(
                Attachment(
                    name=file.name, content_type=file.content_type, size_bytes=file.size_bytes, reference=file.url
                )
                for file in data.attachments
            ),
            closes=data.closes,
            status=data.status,
        ),
        is_ours=data.is_ours,
    )
