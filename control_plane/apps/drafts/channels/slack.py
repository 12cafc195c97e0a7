"""Slack's Events API: messages of people in the channels to which the app was invited."""

import html
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import Field

from control_plane.apps.drafts.channels.payloads import Delivered, Id, Payload, Text, moment_of, read_as
from control_plane.apps.drafts.inbound import Attachment, InboundMessage

_LINK = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")
_WRITTEN = frozenset({None, "file_share", "thread_broadcast"})
"""The subtypes of messages that people write. Other subtypes are notices (somebody joined) or messages of bots."""


class File(Payload):
    """A file of a message."""

    name: Text = "file"
    mimetype: Text = "application/octet-stream"
    size: int | None = Field(default=None, ge=0)
    url_private: Text | None = None


class Message(Payload):
    """The inner event of a payload: one message."""

    channel: Text = Field(min_length=1)
    ts: Text = Field(pattern=r"^[0-9]{1,12}\.[0-9]{1,9}$")
    thread_ts: Text | None = Field(default=None, pattern=r"^[0-9]{1,12}\.[0-9]{1,9}$")
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
    if event.get("subtype") not in _WRITTEN or "bot_id" in event:
        return None
    message = read_as(Message, event)
    thread = f"{message.channel}:{message.thread_ts or message.ts}"
    return Delivered(
        message=InboundMessage(
            channel_external_id=channel,
            conversation_keys=(thread,),
            conversation_external_id=thread,
            external_id=f"{message.channel}:{message.ts}",
            subject=None,
            text=plain_text(message.text),
            sent_at=moment_of(datetime.fromtimestamp(float(message.ts), UTC), now),
            customer_name=message.user,
            attachments=tuple(
                Attachment(name=file.name, content_type=file.mimetype, size_bytes=file.size, reference=file.url_private)
                for file in message.files
            ),
            metadata={"slack_user": message.user},
        )
    )


def plain_text(text: str) -> str:
    """The text without Slack's marks: links as label and address, mentions as ids, `&amp;` as `&`."""
    return html.unescape(_LINK.sub(lambda link: f"{link[2]} ({link[1]})" if link[2] else link[1], text))
