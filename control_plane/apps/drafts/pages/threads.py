"""Prepare the messages of a conversation for a page: new text and quotes are separated."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from control_plane.apps.drafts.mail.reply_view import ReplyView, view_thread
from control_plane.apps.drafts.values import Message


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A message, and the view that separates its new text from quotes."""

    message: Message
    view: ReplyView


async def show_messages(messages: Sequence[Message]) -> list[ShownMessage]:
    """The messages, the oldest first, for a page. Long messages are parsed in a thread, so they do not block the event
    loop."""
    views = await asyncio.to_thread(view_thread, [message.body_text for message in messages])
    return [ShownMessage(message, view) for message, view in zip(messages, views, strict=True)]
