"""Webhooks as Chatwoot sends them: `message_created`; `conversation_status_changed` if a conversation ends."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

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

_KINDS = {0: "incoming", 1: "outgoing"}
"""The kinds of messages by number: older versions send numbers."""


class Person(Payload):
    """The sender of a message."""

    name: Text | None = None
    email: Text | None = None


class File(Payload):
    """A file of a message."""

    file_type: Text = "file"
    data_url: Text | None = None
    file_size: Size | None = None


class Meta(Payload):
    """The data about a conversation that names its customer."""

    sender: Person = Person()


class Conversation(Payload):
    """The conversation of an event."""

    id: Id = Field(min_length=1)
    status: Text | None = Field(default=None, min_length=1, max_length=255)
    meta: Meta = Meta()
    updated_at: float | Text | None = None


class Message(Payload):
    """The event `message_created`."""

    id: Id = Field(min_length=1)
    content: Text | None = None
    message_type: Annotated[
        str, BeforeValidator(lambda kind: _KINDS.get(kind, kind) if isinstance(kind, int) else kind)
    ]
    private: bool = False
    created_at: datetime | None = None
    sender: Person | None = None
    conversation: Conversation
    attachments: tuple[File, ...] = Field(default=(), max_length=100)


def read(payload: Mapping[str, Any], *, channel: str, now: datetime) -> Delivered | None:
    """The message in an event; None for private notes and other events. Raises InvalidInput."""
    match payload.get("event"):
        case "message_created":
            return _read_message(read_as(Message, payload), channel, now)
        case "conversation_status_changed" | "conversation_resolved":
            return _read_end(read_as(Conversation, payload), channel, now)
    return None


def _read_message(message: Message, channel: str, now: datetime) -> Delivered | None:
    if message.private or message.message_type not in {"incoming", "outgoing"}:
        return None
    is_ours = message.message_type == "outgoing"
    person = (message.sender or message.conversation.meta.sender) if not is_ours else message.conversation.meta.sender
    return Delivered(
        message=InboundMessage(
            channel_external_id=channel,
            conversation_keys=(message.conversation.id,),
            conversation_external_id=message.conversation.id,
            external_id=message.id,
            subject=None,
            text=message.content or "",
            sent_at=moment_of(message.created_at, now),
            customer_email=address_of(person.email),
            customer_name=person.name,
            attachments=tuple(
                Attachment(
                    name=f"{file.file_type}-{number}", content_type="application/octet-stream",
                    size_bytes=file.file_size, reference=file.data_url,
                )
                for number, file in enumerate(message.attachments, 1)
            ),
        ),
        is_ours=is_ours,
    )  # fmt: skip


def _read_end(conversation: Conversation, channel: str, now: datetime) -> Delivered | None:
    if conversation.status != "resolved":
        return None
    return Delivered(
        message=InboundMessage(
            channel_external_id=channel, conversation_keys=(conversation.id,), conversation_external_id=conversation.id,
            external_id=f"{conversation.id}:resolved:{conversation.updated_at or now.astimezone(UTC).isoformat()}",
            subject=None, text="",
            sent_at=now, customer_email=address_of(conversation.meta.sender.email),
            customer_name=conversation.meta.sender.name, closes=True, status="resolved",
        )
    )  # fmt: skip
