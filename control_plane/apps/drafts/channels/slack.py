"""Slack's Events API: messages of people in the channels to which the app was invited.

When a message is changed or deleted, Slack sends it again with the same id and another text. The new text is stored as
a second message and flagged.
"""

import html
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import Field

from control_plane.apps.drafts.channels.payloads import Delivered, Id, Payload, Size, Text, moment_of, read_as
from control_plane.apps.drafts.inbound import Attachment, InboundMessage

_LINK = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")
_WRITTEN = frozenset({None, "file_share", "thread_broadcast"})
"""The subtypes of messages that people write. Other subtypes are notices (somebody joined) or messages of bots."""
_DELETED = "(This message was deleted in Slack.)"


Time = Annotated[Text, Field(pattern=r"^[0-9]{1,10}\.[0-9]{1,9}$")]
"""Seconds since 1970; with its channel, also the id of a message."""


class File(Payload):
    """A file of a message."""

    name: Text = "file"
    mimetype: Text = "application/octet-stream"
    size: Size | None = None
    url_private: Text | None = None


class Edit(Payload):
    ts: Time


class Message(Payload):
    """The inner event of a payload: one message."""

    channel: Text = Field(min_length=1)
    ts: Time
    thread_ts: Time | None = None
    edited: Edit | None = None
    user: Id | None = None
    text: Text = ""
    files: tuple[File, ...] = Field(default=(), max_length=100)


def challenge(payload: Mapping[str, Any]) -> str | None:
    """The challenge that Slack expects in the answer when the URL is registered; None for every other payload."""
    found = payload.get("challenge")
    return found if payload.get("type") == "url_verification" and isinstance(found, str) else None


def read(payload: Mapping[str, Any], *, channel: str, now: datetime) -> Delivered | None:
    """The message in an event; None for an event that is not a message of a person. Raises InvalidInput."""
    event = payload.get("event")
    if payload.get("type") != "event_callback" or not isinstance(event, Mapping) or event.get("type") != "message":
        return None
    written, is_deleted = _written(event)
    if written.get("subtype") not in _WRITTEN or "bot_id" in written:
        return None
    return _read_message(read_as(Message, written), channel, now, is_deleted=is_deleted)


def _written(event: Mapping[str, Any]) -> tuple[Mapping[str, Any], bool]:
    """The message in an event, also in an event about its change or deletion; and whether it was deleted."""
    changed = event.get("message") if event.get("subtype") == "message_changed" else None
    is_deleted = event.get("subtype") == "message_deleted" or (
        isinstance(changed, Mapping) and changed.get("subtype") == "tombstone"  # deleted, but it has replies
    )
    inner = event.get("previous_message") if is_deleted else changed
    if is_deleted or event.get("subtype") == "message_changed":
        return (
            {**inner, "channel": event.get("channel")} if isinstance(inner, Mapping) else {"bot_id": ""}
        ), is_deleted
    return event, False


def _read_message(message: Message, channel: str, now: datetime, *, is_deleted: bool) -> Delivered:
    written_at = message.ts if message.edited is None else message.edited.ts
    thread = f"{message.channel}:{message.thread_ts or message.ts}"
    return Delivered(
        message=InboundMessage(
            channel_external_id=channel,
            conversation_keys=(thread,),
            conversation_external_id=thread,
            external_id=f"{message.channel}:{message.ts}",
            subject=None,
            text=_DELETED if is_deleted else plain_text(message.text),
            sent_at=now if is_deleted else moment_of(datetime.fromtimestamp(float(written_at), UTC), now),
            customer_name=message.user,
            attachments=tuple(
                Attachment(name=file.name, content_type=file.mimetype, size_bytes=file.size, reference=file.url_private)
                for file in message.files
            ),
            automatic="auto_reply" if is_deleted else None,
            metadata={"slack_user": message.user},
        )
    )


def plain_text(text: str) -> str:
    """The text without Slack's marks: links as label and address, mentions as ids, `&amp;` as `&`."""
    return html.unescape(_LINK.sub(lambda link: f"{link[2]} ({link[1]})" if link[2] else link[1], text))
